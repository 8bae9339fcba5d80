// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore

/// Work on a message ended before the message was settled.
struct Halt: Error {
    /// The referral keeps failing: its messages go to the parking lot. Nil after the stop signal or a cancellation, and
    /// when Ocean as a whole is down: then the message goes back unsettled.
    let setback: Setback?

    init(_ setback: Setback? = nil) {
        self.setback = setback
    }
}

/// Why a message does not get on, although the world around it does.
struct Setback: Sendable, Hashable {
    /// A stable word.
    let reason: String
    /// What the other side asked to be given.
    var retryAfter: Duration?
}

/// The way by which a message came to a worker.
enum Origin: Sendable {
    case queue
    case lot(ParkedMessage)

    var isLot: Bool {
        if case .lot = self { true } else { false }
    }
}

/// What became of a message that a worker had in hand.
enum Passage: Sendable, Hashable {
    /// Carried out, or in a side lane: it has left the worker.
    case left
    /// It waits in the parking lot.
    case parked
    /// Out of the lot and failed again.
    case failing(Setback, attempts: Int)
    /// Not settled.
    case halted
}
