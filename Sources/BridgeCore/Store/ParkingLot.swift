// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

/// All messages of one referral at one worker: what must keep its order.
package struct Lane: Sendable, Hashable {
    /// The worker: `translator`, `publisher`.
    package let stage: String
    /// The key by which the partition was chosen: the referral reference, where there is one.
    package let key: String

    package init(stage: String, key: String) {
        self.stage = stage
        self.key = key
    }
}

/// A message taken off its queue because its referral keeps failing; it waits in the store, in its lane's order.
package struct ParkedMessage: Sendable, Hashable {
    package var lane: Lane
    package var message: Message
    /// Queue and routing key of the delivery.
    package var queue: String
    package var routingKey: String
    /// A stable word: why the lane was parked, or `behind` for one that joined later.
    package var reason: String
    /// Attempts made on this message so far.
    package var attempts: Int
    package var firstAttempt: Timestamp
    package var parkedAt: Timestamp
    /// Its place in the lot, given by the store; ascending within a lane.
    package var position: Int64

    package init(
        lane: Lane, message: Message, queue: String, routingKey: String, reason: String, attempts: Int,
        firstAttempt: Timestamp, parkedAt: Timestamp, position: Int64 = 0
    ) {
        self.lane = lane
        self.message = message
        self.queue = queue
        self.routingKey = routingKey
        self.reason = reason
        self.attempts = attempts
        self.firstAttempt = firstAttempt
        self.parkedAt = parkedAt
        self.position = position
    }
}

/// A parked lane as a whole.
package struct ParkedLane: Sendable, Hashable {
    package var lane: Lane
    package var count: Int
    /// Why its head failed last.
    package var reason: String
    package var parkedAt: Timestamp
    /// Rounds in which the head was tried again.
    package var rounds: Int
    package var nextAttempt: Timestamp

    package init(
        lane: Lane, count: Int, reason: String, parkedAt: Timestamp, rounds: Int, nextAttempt: Timestamp
    ) {
        self.lane = lane
        self.count = count
        self.reason = reason
        self.parkedAt = parkedAt
        self.rounds = rounds
        self.nextAttempt = nextAttempt
    }
}

/// How much a parking lot may hold.
package struct ParkingLimits: Sendable, Hashable {
    package var messages: Int
    /// Bodies and envelopes together.
    package var bytes: Int

    package init(messages: Int = 100_000, bytes: Int = 2 << 30) {
        self.messages = messages
        self.bytes = bytes
    }
}

/// Where messages of a failing referral wait so that the broker need not hold them (RabbitMQ closes the channel of a
/// consumer that holds a delivery longer than `consumer_timeout`).
///
/// Every call is one transaction. A message parked twice (a crash between parking and acknowledging) stands once: it
/// is known by lane, message id and the identity of its replay.
package protocol ParkingLot: Sendable {
    /// Parks a message at the end of its lane; a lane that was not parked is from now on, due at `nextAttempt`.
    ///
    /// A lane that is parked already keeps its reason and its next attempt.
    ///
    /// - Throws: `full` when the lot holds as much as it may; the message then stays on its queue.
    func park(_ message: ParkedMessage, nextAttempt: Timestamp) async throws(StoreError)

    /// Parks a message behind others, only if its lane is parked now.
    ///
    /// - Returns: false when the lane is free: the message is the caller's to work on.
    /// - Throws: `full`.
    func join(_ message: ParkedMessage) async throws(StoreError) -> Bool

    /// Claims the lane of `stage` that has been due longest, until `until`, for `holder`. A claim that ran out is free.
    func claimDueLane(
        stage: String, holder: String, now: Timestamp, until: Timestamp
    ) async throws(StoreError) -> ParkedLane?

    /// Moves the end of a claim.
    ///
    /// - Throws: `notHolder` when another worker has the lane, or it is free or no longer claimed.
    func renewClaim(_ lane: Lane, holder: String, until: Timestamp) async throws(StoreError)

    /// The first message of a lane; nil when none is left.
    func head(of lane: Lane) async throws(StoreError) -> ParkedMessage?

    /// Removes a message that was carried out; a lane whose last message goes is free again.
    ///
    /// - Returns: whether more are waiting.
    func unpark(_ message: ParkedMessage) async throws(StoreError) -> Bool

    /// The head failed again: gives the claim back, counts a round, sets the next attempt; `attempts` and `reason`
    /// become the head's too.
    ///
    /// - Throws: `notHolder` when the claim ran out and another took the lane, or the lane is free.
    func postpone(
        _ lane: Lane, holder: String, reason: String, attempts: Int, until nextAttempt: Timestamp
    ) async throws(StoreError)

    /// Gives a claim back without counting a round; does nothing when the lane is not claimed by `holder`.
    func releaseLane(_ lane: Lane, holder: String) async throws(StoreError)

    /// An operator asks for an attempt now; false when the lane is not parked.
    func wake(_ lane: Lane, now: Timestamp) async throws(StoreError) -> Bool

    /// The parked lanes, longest parked first.
    func parkedLanes(limit: Int) async throws(StoreError) -> [ParkedLane]

    /// How much is parked, for the gauges.
    func parkedCount() async throws(StoreError) -> (lanes: Int, messages: Int)
}
