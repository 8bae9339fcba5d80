// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore

/// The way of a letter back to where it failed.
package struct LetterReturn: Sendable, Hashable {
    package let exchange: String
    package let routingKey: String
    /// Header names, sorted: what differs from the letter.
    package let removed: [String]
    package let added: [String]

    /// Brokers' own headers, which another publishing must not carry on.
    private static let brokers = ["x-delivery-count", "x-acquired-count", "x-death"]

    /// Nil when the letter does not tell where it came from, as one that the ingress could not understand.
    package init?(_ letter: FiledLetter) {
        // A message that was put straight into its queue carries the queue's name for a key.
        let original = letter.text("x-routing-key").flatMap { $0 == letter.text("x-queue") ? nil : $0 }
        let key = original ?? letter.envelope.subject
        if let exchange = letter.text("x-exchange") {
            self.exchange = exchange
            routingKey = letter.text("x-routing-key") ?? ""
        } else if let queue = letter.text("x-queue"), let exchange = Self.exchange(ofPartition: queue), let key {
            self.exchange = exchange
            routingKey = key
        } else {
            return nil
        }
        removed = letter.envelope.headers.keys.filter { Self.leaves($0) && $0 != DeadLetter.firstAttemptHeader }
            .sorted()
        added = [DeadLetter.replayHeader]
    }

    /// The message as it is published: same id, same body, marked with the identity of the replay.
    ///
    /// The time of the first attempt stays, so that letters that fail again keep their order.
    func message(_ letter: Message, identity: String) -> Message {
        var output = letter
        for name in removed { output.headers[name] = nil }
        output.headers[DeadLetter.replayHeader] = .string(identity)
        output.trace = letter.trace?.child() ?? .root()
        return output
    }

    /// `ocean.updates` of `ocean.updates.7`.
    private static func exchange(ofPartition queue: String) -> String? {
        for exchange in BusNames.partitioned {
            guard queue.hasPrefix(exchange + ".") else { continue }
            let index = queue.dropFirst(exchange.count + 1)
            if !index.isEmpty, index.utf8.allSatisfy({ (0x30...0x39).contains($0) }) { return exchange }
        }
        return nil
    }

    private static func leaves(_ name: String) -> Bool {
        FiledLetter.own.contains(name) || brokers.contains(name)
    }

    /// The order in which letters go out: lanes one after the other as they stand, but those of one referral by their
    /// first attempt, since one that failed again stands behind younger ones.
    package static func ordered<Item>(_ items: [Item], letter: (Item) -> FiledLetter) -> [Item] {
        var places: [String: [Int]] = [:]
        for (index, item) in items.enumerated() {
            if let subject = letter(item).envelope.subject { places[subject, default: []].append(index) }
        }
        var output = items
        for indices in places.values where indices.count > 1 {
            let sorted = indices.sorted { left, right in
                let (first, second) = (letter(items[left]).firstAt, letter(items[right]).firstAt)
                return first == second ? left < right : first < second
            }
            for (place, source) in zip(indices, sorted) { output[place] = items[source] }
        }
        return output
    }
}
