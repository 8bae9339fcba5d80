// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

package import BridgeCore
import Ocean

/// A message that stands in a side lane, as far as everybody may see it: without its body.
package struct FiledLetter: Sendable, Hashable {
    /// `ocean.dead-letters`, `ocean.invalid` or `ocean.unrouted`.
    package let lane: String
    /// The message with its headers; the body is empty.
    package let envelope: Message
    package let bytes: Int
    /// Tells letters of one message id apart: a message can fail twice, and messages that came without an id can share
    /// one. Stays the same however often the letter is looked at.
    package let key: String

    package init(_ message: Message, lane: String) {
        self.lane = lane
        bytes = message.body.count
        var names = Self.own.compactMap { name in message.headers[name].map { "\(name)=\($0.text)" } }
        names.append(message.trace?.traceparent ?? "")
        names.append(message.time.description)
        // A broker adds headers of its own at each look (x-delivery-count), so only ours count.
        let digest = UUIDv5.make(namespace: message.body, name: names.joined(separator: "\n"))
        key = "\(message.id)#\(digest.prefix(8))"
        var envelope = message
        envelope.body = []
        self.envelope = envelope
    }

    package var messageID: String { envelope.id }
    package var reason: String { text("x-reason", "reason") ?? "unknown" }
    package var stage: String { text("x-stage", "stage") ?? (lane == BusNames.unrouted ? "routing" : "unknown") }
    package var detail: String? { text("x-detail") ?? text("x-exchange") }
    package var attempts: Int? { text("x-attempts", "attempts").flatMap { Int($0) } }
    package var status: Int? { text("x-status").flatMap { Int($0) } }
    package var firstAt: Timestamp { time("x-first-at", "first-time") }
    package var lastAt: Timestamp { time("x-last-at", "last-time") }

    package var cause: DeadLetterCause { DeadLetterCause(lane: lane, reason: reason, stage: stage) }

    /// Headers that tell of the failure; they go when the message goes back.
    static let own = [
        "x-reason", "x-detail", "x-stage", "x-queue", "x-routing-key", "x-exchange", "x-attempts", "x-first-at",
        "x-last-at", "x-status", "x-refusal", "x-issues", "reason", "stage", "attempts", "first-time", "last-time",
    ]

    func text(_ names: String...) -> String? {
        for name in names {
            if let text = envelope.headers[name]?.text, !text.isEmpty { return text }
        }
        return nil
    }

    private func time(_ names: String...) -> Timestamp {
        for name in names {
            if let time = envelope.headers[name].flatMap({ Timestamp($0.text) }) { return time }
        }
        return envelope.time
    }
}

/// Why letters stand where they stand.
package struct DeadLetterCause: Sendable, Hashable {
    package let lane: String
    package let reason: String
    package let stage: String

    package init(lane: String, reason: String, stage: String) {
        self.lane = lane
        self.reason = reason
        self.stage = stage
    }
}

/// The letters of one cause.
package struct DeadLetterGroup: Sendable, Hashable {
    package let cause: DeadLetterCause
    package var count: Int
    package var firstAt: Timestamp
    package var lastAt: Timestamp
    /// A few message ids, oldest first.
    package var samples: [String]

    private static let sampleCount = 3

    /// The groups of `letters`, largest first.
    package static func grouping(_ letters: [FiledLetter]) -> [DeadLetterGroup] {
        var groups: [DeadLetterCause: DeadLetterGroup] = [:]
        for letter in letters {
            let cause = letter.cause
            var group =
                groups[cause]
                ?? DeadLetterGroup(
                    cause: cause, count: 0, firstAt: letter.firstAt, lastAt: letter.lastAt, samples: [])
            group.count += 1
            group.firstAt = min(group.firstAt, letter.firstAt)
            group.lastAt = max(group.lastAt, letter.lastAt)
            if group.samples.count < sampleCount, !group.samples.contains(letter.messageID) {
                group.samples.append(letter.messageID)
            }
            groups[cause] = group
        }
        return groups.values.sorted { left, right in
            if left.count != right.count { return left.count > right.count }
            return (left.cause.lane, left.cause.reason, left.cause.stage)
                < (right.cause.lane, right.cause.reason, right.cause.stage)
        }
    }
}

/// Which letters are meant.
package struct DeadLetterSelection: Sendable, Hashable {
    /// Message ids or letter keys; empty for all of a cause.
    package var ids: Set<String>
    package var lane: String?
    package var reason: String?
    package var stage: String?

    package init(ids: Set<String> = [], lane: String? = nil, reason: String? = nil, stage: String? = nil) {
        self.ids = ids
        self.lane = lane
        self.reason = reason
        self.stage = stage
    }

    package func contains(_ letter: FiledLetter) -> Bool {
        (ids.isEmpty || ids.contains(letter.messageID) || ids.contains(letter.key))
            && (lane == nil || lane == letter.lane) && (reason == nil || reason == letter.reason)
            && (stage == nil || stage == letter.stage)
    }
}
