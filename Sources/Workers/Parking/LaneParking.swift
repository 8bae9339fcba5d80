// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import Logging
import Metrics

/// A worker's side of the parking lot: asks it before any work, parks what keeps failing, keeps the tally.
struct LaneParking: Sendable {
    let stage: String
    let lot: any ParkingLot
    let history: any MessageHistory
    let limit: Duration
    let schedule: ParkingSchedule
    let persistence: Persistence
    let clock: any WallClock
    let alarm: LotAlarm

    /// Why a message that joined a parked lane waits.
    static let behind = "behind"

    /// Takes one message through a worker.
    ///
    /// - Parameters:
    ///   - announce: tells who asked that the message waits; called once it is parked, with a stable word.
    ///   - work: carries the message out and returns the outcome for the metric.
    func take(
        _ delivery: Delivery, from origin: Origin, _ hop: Hop, _ stop: StopSignal,
        announce: (String, Tally) async throws(Halt) -> Void,
        work: (Tally) async throws(Halt) -> String
    ) async -> Passage {
        do throws(Halt) {
            let tally = try await tally(of: delivery, from: origin, hop, stop)
            // No memory of our own instead of asking: another process may have parked the lane since.
            if !origin.isLot, try await join(delivery, tally, hop, stop) {
                try await announce(Self.behind, tally)
                hop.finish("parked")
                return .parked
            }
            return try await carryOut(delivery, origin, tally, hop, stop, announce: announce, work: work)
        } catch {
            hop.finish("returned")
            return .halted
        }
    }

    private func carryOut(
        _ delivery: Delivery, _ origin: Origin, _ tally: Tally, _ hop: Hop, _ stop: StopSignal,
        announce: (String, Tally) async throws(Halt) -> Void,
        work: (Tally) async throws(Halt) -> String
    ) async throws(Halt) -> Passage {
        var round = 0
        while true {
            let halt: Halt
            do throws(Halt) {
                let outcome = try await work(tally)
                await tally.forget(hop)
                hop.finish(outcome)
                return .left
            } catch {
                halt = error
            }
            guard let setback = halt.setback else { throw halt }
            if origin.isLot {
                hop.finish("postponed")
                return .failing(setback, attempts: tally.failures)
            }
            if try await park(delivery, setback, tally, hop, stop) {
                try await announce(setback.reason, tally)
                hop.finish("parked")
                return .parked
            }
            // The lot is full: the message stays in hand and is tried again in place.
            round += 1
            let delay = persistence.backoff.delay(afterAttempt: round, retryAfter: setback.retryAfter)
            guard await stop.pause(for: delay) else { throw Halt() }
        }
    }

    private func tally(
        of delivery: Delivery, from origin: Origin, _ hop: Hop, _ stop: StopSignal
    ) async throws(Halt) -> Tally {
        let key = Tally.key(stage: stage, delivery)
        var known: AttemptHistory?
        if delivery.redelivered || origin.isLot {
            known = try await until(stop, hop, "history") { () async throws(StoreError) in
                try await history.history(of: key)
            }
        }
        return Tally(key: key, origin: origin, limit: limit, known: known, history: history, clock: clock)
    }

    private func join(
        _ delivery: Delivery, _ tally: Tally, _ hop: Hop, _ stop: StopSignal
    ) async throws(Halt) -> Bool {
        let message = parked(delivery, reason: Self.behind, tally)
        var round = 0
        while true {
            do throws(StoreError) {
                let joined = try await lot.join(message)
                if joined {
                    alarm.taken()
                    count(Self.behind)
                }
                return joined
            } catch {
                if error.code == .full { alarm.full() }
                round += 1
                hop.retrying("join", error, attempt: round)
            }
            guard await stop.pause(for: persistence.backoff.delay(afterAttempt: round)) else { throw Halt() }
        }
    }

    /// - Returns: false when the lot is full.
    private func park(
        _ delivery: Delivery, _ setback: Setback, _ tally: Tally, _ hop: Hop, _ stop: StopSignal
    ) async throws(Halt) -> Bool {
        let message = parked(delivery, reason: setback.reason, tally)
        let next = clock.now().advanced(by: schedule.delay(afterRound: 0, retryAfter: setback.retryAfter))
        do throws(Interruption<StoreError>) {
            try await persistence.until(stop, hop, step: "park", isFinal: { $0.code == .full }) {
                () async throws(StoreError) in
                try await lot.park(message, nextAttempt: next)
            }
        } catch {
            guard case .final = error else { throw Halt() }
            alarm.full()
            return false
        }
        alarm.taken()
        count(setback.reason)
        hop.logger.warning(
            "a referral keeps failing and is parked; its later messages wait behind it, the others go on",
            metadata: [
                "reason": "\(setback.reason)", "attempts": "\(tally.failures)", "next_attempt": "\(next)",
            ])
        return true
    }

    private func parked(_ delivery: Delivery, reason: String, _ tally: Tally) -> ParkedMessage {
        let now = clock.now()
        return ParkedMessage(
            lane: Lane(stage: stage, key: PartitionConsumer.lane(of: delivery)), message: delivery.message,
            queue: delivery.queue, routingKey: delivery.routingKey, reason: reason, attempts: tally.failures,
            firstAttempt: tally.firstAt ?? now, parkedAt: now)
    }

    private func count(_ reason: String) {
        Counter(label: "ocean_bridge_parked_total", dimensions: [("stage", stage), ("reason", reason)]).increment()
    }

    private func until<Value: Sendable>(
        _ stop: StopSignal, _ hop: Hop, _ step: String, _ body: () async throws(StoreError) -> Value
    ) async throws(Halt) -> Value {
        do throws(Interruption<StoreError>) {
            return try await persistence.until(stop, hop, step: step, isFinal: { (_: StoreError) in false }, body)
        } catch {
            throw Halt()
        }
    }
}
