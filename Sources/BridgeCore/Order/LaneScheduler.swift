// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

/// Decides what may run: per key one item at a time in the order of arrival, and at most `limit` keys at once.
///
/// A pure state machine: whoever holds it runs what `enqueue` and `finished` return and reports each end. Keys take
/// turns, so that a busy key keeps no other waiting longer than one item of each.
package struct LaneScheduler<Key: Hashable & Sendable, Item: Sendable>: Sendable {
    /// Something to run now; `finished(key)` must follow.
    package struct Start: Sendable {
        package let key: Key
        package let item: Item
    }

    /// How many keys may run at once, at least 1.
    package let limit: Int
    /// How many keys run now.
    package private(set) var running = 0
    /// How many items wait.
    package private(set) var waiting = 0
    private var lanes: [Key: Lane] = [:]
    private var turns = Fifo<Key>()
    private var isStopped = false

    private struct Lane {
        var items = Fifo<Item>()
        var isRunning = false
    }

    package init(limit: Int) {
        self.limit = max(1, limit)
    }

    /// Takes an item in; returns what may start because of it (the item itself, or nothing).
    package mutating func enqueue(_ key: Key, _ item: Item) -> [Start] {
        guard !isStopped else { return [] }
        var lane = lanes[key] ?? Lane()
        // A lane with items is in line for a turn already; a running one joins the line when it ends.
        if !lane.isRunning, lane.items.isEmpty { turns.append(key) }
        lane.items.append(item)
        lanes[key] = lane
        waiting += 1
        return starts()
    }

    /// The running item of `key` has ended; returns what may start now. A key that does not run changes nothing.
    package mutating func finished(_ key: Key) -> [Start] {
        guard var lane = lanes[key], lane.isRunning else { return [] }
        lane.isRunning = false
        running -= 1
        if lane.items.isEmpty {
            lanes[key] = nil
        } else {
            lanes[key] = lane
            turns.append(key)
        }
        return starts()
    }

    /// Starts nothing more and forgets what waits; what runs is still to be reported.
    package mutating func stop() {
        isStopped = true
        waiting = 0
        turns = Fifo()
        lanes = lanes.compactMapValues { $0.isRunning ? Lane(isRunning: true) : nil }
    }

    private mutating func starts() -> [Start] {
        var output: [Start] = []
        while running < limit, let key = turns.popFirst() {
            guard var lane = lanes[key], let item = lane.items.popFirst() else { continue }
            lane.isRunning = true
            lanes[key] = lane
            running += 1
            waiting -= 1
            output.append(Start(key: key, item: item))
        }
        return output
    }
}

/// First in, first out, each in constant time.
struct Fifo<Element: Sendable>: Sendable {
    private var incoming: [Element] = []
    /// Reversed, so that the first is popped from the end.
    private var outgoing: [Element] = []

    var isEmpty: Bool { incoming.isEmpty && outgoing.isEmpty }

    mutating func append(_ element: Element) {
        incoming.append(element)
    }

    mutating func popFirst() -> Element? {
        if outgoing.isEmpty {
            outgoing = incoming.reversed()
            incoming.removeAll()
        }
        return outgoing.popLast()
    }
}
