// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

/// Lets one publish of a lane through at a time, the others in the order of their arrival. A pure state machine:
/// whoever holds it resumes the tickets that `leave` returns.
struct LaneGate<Ticket: Sendable>: Sendable {
    /// The lanes that somebody is in, with those who wait behind.
    private var lanes: [SpoolLane: [Ticket]] = [:]

    /// How many lanes somebody is in.
    var occupied: Int { lanes.count }

    /// How many wait behind the one in the lane.
    func waiting(_ lane: SpoolLane) -> Int { lanes[lane]?.count ?? 0 }

    /// True when the lane was free and is taken now; else the ticket waits.
    mutating func enter(_ lane: SpoolLane, _ ticket: Ticket) -> Bool {
        if lanes[lane] == nil {
            lanes[lane] = []
            return true
        }
        lanes[lane]?.append(ticket)
        return false
    }

    /// Who is in the lane now, if somebody waited.
    mutating func leave(_ lane: SpoolLane) -> Ticket? {
        guard let waiting = lanes[lane] else { return nil }
        guard let next = waiting.first else {
            lanes[lane] = nil
            return nil
        }
        lanes[lane]?.removeFirst()
        return next
    }
}
