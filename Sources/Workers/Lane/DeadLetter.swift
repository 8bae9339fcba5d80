// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

package import BridgeCore

/// Why a message stands in a dead-letter or invalid lane; in its headers, so that the body can be replayed as it is.
package struct DeadLetter: Sendable, Hashable {
    /// A stable word.
    package var reason: String
    /// Names place and remedy; never a value from the payload.
    package var detail: String?
    /// The worker that gave up: `translator`, `publisher`.
    package var stage: String
    /// The queue that the message came from.
    package var queue: String
    package var attempts: Int
    package var firstAttempt: Timestamp
    package var lastAttempt: Timestamp
    /// HTTP status of Ocean's, where there was one.
    package var status: Int?

    package init(
        reason: String, detail: String? = nil, stage: String, queue: String, attempts: Int, firstAttempt: Timestamp,
        lastAttempt: Timestamp, status: Int? = nil
    ) {
        self.reason = reason
        self.detail = detail
        self.stage = stage
        self.queue = queue
        self.attempts = attempts
        self.firstAttempt = firstAttempt
        self.lastAttempt = lastAttempt
        self.status = status
    }

    /// Header of a message that an operator has put back: it passes the duplicate check.
    package static let replayHeader = "x-replay"

    /// `message` as it goes to the lane: same id, same body.
    package func applied(to message: Message, trace: TraceContext?) -> Message {
        var output = message
        output.trace = trace
        output.headers[Self.replayHeader] = nil
        output.headers["x-reason"] = .string(reason)
        output.headers["x-detail"] = detail.map { .string(String($0.prefix(300))) }
        output.headers["x-stage"] = .string(stage)
        output.headers["x-queue"] = .string(queue)
        output.headers["x-attempts"] = .integer(Int64(attempts))
        output.headers["x-first-at"] = .string(firstAttempt.description)
        output.headers["x-last-at"] = .string(lastAttempt.description)
        output.headers["x-status"] = status.map { .integer(Int64($0)) }
        return output
    }
}
