// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import HTTPTypes
import Hummingbird
import JSON
import NIOCore

/// A request, taken apart.
struct SandboxRequest: Sendable {
    let method: String
    /// Percent-decoded segments.
    let path: [String]
    let query: [String: String]
    let headers: HTTPFields
    /// Host and port that the caller asked for.
    let authority: String?
    let body: [UInt8]

    init(_ request: Request, body: [UInt8]) {
        method = request.method.rawValue
        path = request.uri.path.split(separator: "/").map { FormText.unescape($0, plusIsSpace: false) }
        query = FormText.decode(request.uri.query ?? "")
        headers = request.headers
        authority = request.head.authority
        self.body = body
    }

    func header(_ name: String) -> String? { HTTPField.Name(name).flatMap { headers[$0] } }

    /// What follows `scheme` in Authorization.
    func authorization(_ scheme: String) -> String? {
        guard let value = headers[.authorization] else { return nil }
        let parts = value.split(separator: " ", maxSplits: 1)
        guard parts.count == 2, parts[0].lowercased() == scheme.lowercased() else { return nil }
        return String(parts[1])
    }
}

/// An answer of the sandbox.
struct SandboxAnswer: Sendable {
    var status: Int
    var contentType: String
    var headers: [(String, String)] = []
    var body: [UInt8]
    /// The connection is closed without an answer.
    var isDropped = false

    init(_ status: Int, contentType: String, body: [UInt8], headers: [(String, String)] = []) {
        self.status = status
        self.contentType = contentType
        self.body = body
        self.headers = headers
    }

    static func json(_ status: Int, _ value: JSONValue) -> SandboxAnswer {
        SandboxAnswer(status, contentType: "application/json", body: value.bytes())
    }

    static func fhir(_ status: Int, _ value: JSONValue) -> SandboxAnswer {
        SandboxAnswer(status, contentType: "application/fhir+json", body: value.bytes())
    }

    /// FHIR's OperationOutcome with one issue.
    static func outcome(_ status: Int, severity: String = "error", code: String, _ text: String) -> SandboxAnswer {
        fhir(
            status,
            object(
                ("resourceType", "OperationOutcome"),
                (
                    "issue",
                    [
                        object(
                            ("severity", .string(severity)), ("code", .string(code)), ("diagnostics", .string(text)))
                    ]
                )))
    }

    static func refused(_ refusal: RefusedChange) -> SandboxAnswer {
        outcome(refusal.status, code: refusal.issueType, refusal.message)
    }

    static func problem(_ status: Int, _ text: String) -> SandboxAnswer {
        json(status, ["error": .string(text)])
    }

    static let dropped: SandboxAnswer = {
        var answer = SandboxAnswer(503, contentType: "text/plain", body: [])
        answer.isDropped = true
        return answer
    }()

    var response: Response {
        var fields = HTTPFields()
        fields[.contentType] = contentType
        for (name, value) in headers {
            if let name = HTTPField.Name(name) { fields[name] = value }
        }
        return Response(
            status: HTTPResponse.Status(code: status), headers: fields,
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: body)))
    }
}

/// Keeps the channel, so that a fault can close it.
struct SandboxContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    let channel: any Channel

    init(source: ApplicationRequestContextSource) {
        coreContext = CoreRequestContextStorage(source: source)
        channel = source.channel
    }
}
