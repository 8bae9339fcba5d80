// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

package import HTTPTypes
package import JSON

/// What a route answers: a small whole body, or a stream of known length.
package struct Answer: Sendable {
    /// A body that is read as the caller takes it.
    package struct Stream: Sendable {
        /// In bytes.
        package let length: Int
        /// Nil at the end.
        package let next: @Sendable () async throws -> [UInt8]?

        package init(length: Int, next: @escaping @Sendable () async throws -> [UInt8]?) {
            self.length = length
            self.next = next
        }
    }

    package var status: HTTPResponse.Status
    package var headers: HTTPFields
    package var body: [UInt8]
    /// In the place of `body`.
    package var stream: Stream?

    package init(_ status: HTTPResponse.Status, headers: HTTPFields = HTTPFields(), body: [UInt8] = []) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    /// A JSON body that no browser reads as anything else.
    package static func json(_ value: JSONValue, status: HTTPResponse.Status = .ok) -> Answer {
        var answer = Answer(status, body: value.bytes())
        answer.headers[.contentType] = "application/json"
        answer.headers[.xContentTypeOptions] = "nosniff"
        return answer
    }

    /// Plain text in UTF-8.
    package static func text(_ text: String, contentType: String = "text/plain; charset=utf-8") -> Answer {
        var answer = Answer(.ok, body: Array(text.utf8))
        answer.headers[.contentType] = contentType
        answer.headers[.xContentTypeOptions] = "nosniff"
        return answer
    }

    /// Problem details (RFC 9457).
    ///
    /// - Parameters:
    ///   - detail: what is wrong and the remedy; never a value from the request.
    ///   - members: extension members, such as the JSON pointer of the fault.
    package static func problem(
        _ status: HTTPResponse.Status, _ detail: String? = nil, members: JSONObject = JSONObject()
    ) -> Answer {
        var object = JSONObject()
        object["type"] = "about:blank"
        object["title"] = .string(status.reasonPhrase)
        object["status"] = .number(JSONNumber(status.code))
        object.append("detail", detail.map { .string($0) })
        for member in members { object[member.name] = member.value }
        var answer = Answer.json(.object(object), status: status)
        answer.headers[.contentType] = "application/problem+json"
        return answer
    }

    /// 503 with a `Retry-After` that spreads the callers over 5 to 30 seconds.
    package static func retryLater(_ detail: String) -> Answer {
        var answer = problem(.serviceUnavailable, detail)
        answer.headers[.retryAfter] = String(Int.random(in: 5...30))
        return answer
    }
}
