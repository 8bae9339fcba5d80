// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore

/// Decides which changes an operator is told: one line for each, and no flood when the spool fills and empties again
/// and again. A pure state machine.
struct SpoolAlarm: Sendable {
    enum Event: Sendable, Hashable {
        case began
        case full
        /// Takes messages again after having been full.
        case room
        case drained
    }

    /// Beginnings that follow each other faster are told once.
    static let quiet: Duration = .seconds(60)

    private(set) var isSpooling = false
    private(set) var isFull = false
    private var isTold = false
    private var toldAt: Timestamp?

    /// A message went into the spool.
    mutating func stored(at now: Timestamp) -> [Event] {
        var events: [Event] = []
        if isFull {
            isFull = false
            events.append(.room)
        }
        if !isSpooling {
            isSpooling = true
            isTold = toldAt.map { now.duration(since: $0) >= Self.quiet || now < $0 } ?? true
            if isTold {
                toldAt = now
                events.append(.began)
            }
        }
        return events
    }

    /// A message was refused for want of room, age, or disk.
    mutating func refused() -> [Event] {
        defer { isFull = true }
        return isFull ? [] : [.full]
    }

    /// The last message has left.
    mutating func emptied() -> [Event] {
        var events: [Event] = []
        if isFull {
            isFull = false
            events.append(.room)
        }
        if isSpooling, isTold { events.append(.drained) }
        isSpooling = false
        return events
    }
}
