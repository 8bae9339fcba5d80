// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

/// The port to whoever answers questions while somebody waits: request/reply over the queue `ocean.requests.{name}`.
///
/// A question is worth nothing after its time: it is neither kept nor asked again, and a late answer is dropped and
/// counted.
package protocol RequestPort: Sendable {
    /// Asks and waits for the first answer.
    ///
    /// - Parameters:
    ///   - question: its `id` becomes the correlation id; the body is what the service reads.
    ///   - name: the last part of the queue's name.
    ///   - limit: how long the answer may take, from now; the question expires on the bus at the same time.
    /// - Returns: the answer; its `contentType` and `body` are the service's.
    /// - Throws: `noResponder` when nobody takes questions of this name, `noAnswer` when the time is over,
    ///   `unavailable` when the bus is away, `tooMany` when as many questions as allowed wait already.
    func ask(_ question: Message, of name: String, within limit: Duration) async throws(RequestError) -> Message
}

/// Why a question has no answer.
package struct RequestError: DisposedError, Hashable, CustomStringConvertible {
    package enum Code: String, Sendable, Hashable {
        case noResponder = "no-responder"
        case noAnswer = "no-answer"
        case unavailable
        case tooMany = "too-many"
    }

    package let code: Code
    /// Names the queue and the remedy.
    package let message: String

    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    package var disposition: Disposition { .retry(after: nil) }
    package var reason: String { code.rawValue }
    package var description: String { "\(code.rawValue): \(message)" }
}
