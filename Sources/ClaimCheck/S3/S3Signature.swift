// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import Crypto

/// Signs a request (AWS documentation, "Signature Version 4: Authorization header, single chunk").
struct S3Signature: Sendable {
    let accessKeyID: String
    let secretAccessKey: String
    let region: String

    /// SHA-256 of nothing, in hexadecimal.
    static let emptyDigest = Hex.text(SHA256.hash(data: [UInt8]()))

    /// The Authorization header.
    ///
    /// - Parameters:
    ///   - path: percent-encoded.
    ///   - query: names and values, not encoded.
    ///   - headers: all that are signed; `host`, `x-amz-date` and `x-amz-content-sha256` must be among them.
    ///   - digest: of the body, in hexadecimal.
    ///   - date: `20130524T000000Z`, as in `x-amz-date`.
    func authorization(
        method: String, path: String, query: [(String, String)] = [], headers: [(String, String)], digest: String,
        date: String
    ) -> String {
        let sorted = headers.map { (name: $0.0.lowercased(), value: Self.trimmed($0.1)) }.sorted { $0.name < $1.name }
        let names = sorted.map(\.name).joined(separator: ";")
        let parameters = query.map { (PathText.escapedComponent($0.0), PathText.escapedComponent($0.1)) }
            .sorted { $0 < $1 }.map { "\($0.0)=\($0.1)" }.joined(separator: "&")
        let request = [
            method, path, parameters, sorted.map { "\($0.name):\($0.value)\n" }.joined(), names, digest,
        ].joined(separator: "\n")
        let scope = "\(date.prefix(8))/\(region)/s3/aws4_request"
        let text = [
            "AWS4-HMAC-SHA256", date, scope, Hex.text(SHA256.hash(data: Array(request.utf8))),
        ].joined(separator: "\n")
        let signature = Hex.text(Self.code(text, key: signingKey(day: String(date.prefix(8)))))
        return "AWS4-HMAC-SHA256 Credential=\(accessKeyID)/\(scope),SignedHeaders=\(names),Signature=\(signature)"
    }

    private func signingKey(day: String) -> SymmetricKey {
        var key = SymmetricKey(data: Array("AWS4\(secretAccessKey)".utf8))
        for part in [day, region, "s3", "aws4_request"] { key = SymmetricKey(data: Self.code(part, key: key)) }
        return key
    }

    private static func code(_ text: String, key: SymmetricKey) -> HMAC<SHA256>.MAC {
        HMAC<SHA256>.authenticationCode(for: Array(text.utf8), using: key)
    }

    /// Blanks at the ends go, those within become one.
    private static func trimmed(_ text: String) -> String {
        text.split(separator: " ").joined(separator: " ")
    }

    /// `20130524T000000Z`
    static func date(_ time: Timestamp) -> String {
        let text = time.description
        return text.prefix(19).filter { $0 != "-" && $0 != ":" } + "Z"
    }
}

/// Lower-case hexadecimal.
enum Hex {
    static func text(_ bytes: some Sequence<UInt8>) -> String {
        let digits: [UInt8] = Array("0123456789abcdef".utf8)
        var output: [UInt8] = []
        for byte in bytes {
            output.append(digits[Int(byte >> 4)])
            output.append(digits[Int(byte & 15)])
        }
        return String(decoding: output, as: UTF8.self)
    }
}
