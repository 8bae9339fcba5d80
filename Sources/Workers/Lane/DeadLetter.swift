// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

package import BridgeCore

/// Why a message stands in a dead-letter or invalid lane; in its headers, so that the body can be replayed as it is.
package struct DeadLetter: Sendable, Hashable {
    /// A stable word.
    package var reason: String
    /// Names place and remedy; never a value from the payload.
    package var detail: String?
    /// The worker that gave up: `translator`, `publisher`, `documents`.
    package var stage: String
    /// The queue that the message came from.
    package var queue: String
    /// The key under which it was published: a replay must reach the same partition.
    package var routingKey: String?
    package var attempts: Int
    package var firstAttempt: Timestamp
    package var lastAttempt: Timestamp
    /// HTTP status of Ocean's, where there was one.
    package var status: Int?
    /// Which known refusal of Ocean's it is (`KnownRefusal`), as in the result.
    package var refusal: String?
    /// Severity, code and element path of each issue that Ocean named, without its words: those may speak of the
    /// patient and stand in the result's body.
    package var issues: [String]

    package init(
        reason: String, detail: String? = nil, stage: String, queue: String, routingKey: String? = nil, attempts: Int,
        firstAttempt: Timestamp, lastAttempt: Timestamp, status: Int? = nil, refusal: String? = nil,
        issues: [String] = []
    ) {
        self.reason = reason
        self.detail = detail
        self.stage = stage
        self.queue = queue
        self.routingKey = routingKey
        self.attempts = attempts
        self.firstAttempt = firstAttempt
        self.lastAttempt = lastAttempt
        self.status = status
        self.refusal = refusal
        self.issues = issues
    }

    /// Header of a message that an operator has put back: `true`, which passes every duplicate check, or the identity
    /// of the replay, which has a duplicate check of its own.
    package static let replayHeader = "x-replay"
    static let firstAttemptHeader = "x-first-at"

    /// The identity of the replay (`ReplayEntry.identity`); nil for a message that is none.
    static func replayIdentity(of message: Message) -> String? {
        guard let value = message.headers[replayHeader], !value.isTrue, case .string(let identity) = value,
            !identity.isEmpty
        else { return nil }
        return identity
    }

    /// `message` as it goes to the lane: same id, same body.
    package func applied(to message: Message, trace: TraceContext?) -> Message {
        var output = message
        output.trace = trace
        // Its first failure keeps its place among the referral's other letters when all go back together.
        let isReplay = message.headers[Self.replayHeader] != nil
        let known = isReplay ? message.headers[Self.firstAttemptHeader].flatMap { Timestamp($0.text) } : nil
        output.headers[Self.replayHeader] = nil
        output.headers["x-reason"] = .string(reason)
        output.headers["x-detail"] = detail.map { .string(String($0.prefix(300))) }
        output.headers["x-stage"] = .string(stage)
        output.headers["x-queue"] = .string(queue)
        output.headers["x-routing-key"] = routingKey.flatMap { $0.isEmpty ? nil : .string($0) }
        output.headers["x-attempts"] = .integer(Int64(attempts))
        output.headers[Self.firstAttemptHeader] = .string(min(firstAttempt, known ?? firstAttempt).description)
        output.headers["x-last-at"] = .string(lastAttempt.description)
        output.headers["x-status"] = status.map { .integer(Int64($0)) }
        output.headers["x-refusal"] = refusal.map { .string($0) }
        output.headers["x-issues"] = issues.isEmpty ? nil : .string(String(issues.joined(separator: "; ").prefix(500)))
        return output
    }
}
