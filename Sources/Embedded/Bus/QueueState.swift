// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

/// What the running bus knows of a queue beside its stored entries.
struct QueueState: Sendable {
    let id: Int64
    let name: String
    let singleActiveConsumer: Bool
    /// Stored entries, ready and unsettled.
    var total = 0
    /// Highest sequence ever handed out, as stored.
    var delivered: Int64 = 0
    /// Highest sequence taken from the table by this process; everything above is ready.
    var cursor: Int64 = 0
    /// Entries up to the cursor that came back, rising.
    var returned: [Int64] = []
    /// In the order of their arrival.
    var consumers: [ConsumerState] = []
    /// Where the round among competing consumers goes on.
    var turn = 0

    var unsettled: Int { consumers.reduce(0) { $0 + $1.held.count } }
    var ready: Int { total - unsettled }

    /// How many entries may be handed out now.
    var credit: Int {
        singleActiveConsumer ? (consumers.first?.credit ?? 0) : consumers.reduce(0) { $0 + $1.credit }
    }

    /// The index of the consumer whose turn it is; nil when none has credit.
    mutating func nextConsumer() -> Int? {
        if singleActiveConsumer { return (consumers.first?.credit ?? 0) > 0 ? 0 : nil }
        for step in 0..<consumers.count {
            let index = (turn + step) % consumers.count
            if consumers[index].credit > 0 {
                turn = (index + 1) % consumers.count
                return index
            }
        }
        return nil
    }

    func consumer(_ id: UInt64, holding sequence: Int64) -> Int? {
        consumers.firstIndex { $0.id == id && $0.held[sequence] != nil }
    }

    /// Puts entries back at their old places.
    mutating func giveBack(_ sequences: some Sequence<Int64>) {
        returned.append(contentsOf: sequences)
        returned.sort()
    }
}

struct ConsumerState: Sendable {
    let id: UInt64
    let prefetch: Int
    let mailbox: Mailbox<Handout>
    /// Unsettled entries; the value tells whether other queues may hold the message too.
    var held: [Int64: Bool] = [:]

    var credit: Int { max(0, prefetch - held.count) }
}
