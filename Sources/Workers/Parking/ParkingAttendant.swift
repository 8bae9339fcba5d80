// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import Logging
import Metrics
import Synchronization

/// Tries parked referrals of one worker again, each in its order, and frees them once their lane is empty.
///
/// Several processes may attend one lot: a lane is claimed before it is worked on, and the claim renewed while it is. A
/// claim that runs out lets another process work on the same head; then the lease of the message's key decides, and the next message becomes the head
/// only when this one was carried out.
package final class ParkingAttendant: Sendable {
    package struct Settings: Sendable {
        /// Between looks at the lot when nothing is due; an operator's `wake` is seen after so long.
        package var poll: Duration = .seconds(2)
        /// How long a lane stays claimed: so long it waits when the process dies. The claim is renewed after a third;
        /// when that fails for two thirds, work on the lane is broken off.
        package var claim: Duration = .seconds(45)
        /// After so long no further message of a lane is begun, so that others get their turn.
        package var turn: Duration = .seconds(60)
        /// Lanes worked on at once.
        package var lanes = 4
        /// How long what runs may take to end after `stop()`; then it is cancelled.
        package var drain: Duration = .seconds(20)

        package init() {}
    }

    /// What the attendant does for its worker.
    struct Role: Sendable {
        let stage: String
        let schedule: ParkingSchedule
        /// Whether nothing is to be tried now.
        let isPaused: @Sendable () -> Bool
        /// Returns when something may be tried again.
        let resume: @Sendable (StopSignal) async -> Void
        let take: @Sendable (Delivery, ParkedMessage, StopSignal) async -> Passage
    }

    private let role: Role
    private let lot: any ParkingLot
    private let holder: String
    private let settings: Settings
    private let backoff: Backoff
    private let clock: any WallClock
    private let logger: Logger
    private let sleep: StopSignal.Sleep
    private let whole: StopSignal

    /// - Parameter holder: names this attendant in claims; unique per start.
    init(
        _ role: Role, lot: any ParkingLot, holder: String, settings: Settings = Settings(), backoff: Backoff,
        clock: any WallClock, logger: Logger,
        sleep: @escaping StopSignal.Sleep = { try await Task.sleep(for: $0) }
    ) {
        self.role = role
        self.lot = lot
        self.holder = holder
        self.settings = settings
        self.backoff = backoff
        self.clock = clock
        var logger = logger
        logger[metadataKey: "stage"] = "\(role.stage)"
        self.logger = logger
        self.sleep = sleep
        whole = StopSignal(sleep: sleep)
    }

    /// Begins nothing more, lets what runs end; `run` then returns.
    package func stop() {
        whole.trigger()
    }

    private enum Ended {
        case lane, overdue
    }

    /// Attends the lot until `stop()` or cancellation.
    package func run() async {
        await withTaskGroup(of: Ended.self) { group in
            let drain = settings.drain
            group.addTask {
                await self.whole.wait()
                // Cancelled when everything ended before.
                try? await Task.sleep(for: drain)
                return .overdue
            }
            var running = 0
            var failures = 0
            while !whole.isTriggered, !Task.isCancelled {
                await role.resume(whole)
                if running >= settings.lanes {
                    await Self.settle(&group, &running)
                    continue
                }
                let wait: Duration
                do throws(StoreError) {
                    let lane = try await claim()
                    try await gauge()
                    failures = 0
                    if let lane {
                        group.addTask {
                            await self.attend(lane)
                            return .lane
                        }
                        running += 1
                        continue
                    }
                    wait = settings.poll
                } catch {
                    failures += 1
                    told(error, failures)
                    wait = max(settings.poll, backoff.delay(afterAttempt: failures))
                }
                guard await whole.pause(for: wait) else { break }
            }
            while running > 0 { await Self.settle(&group, &running) }
            group.cancelAll()
        }
    }

    /// Waits until one of those that run has ended.
    private static func settle(_ group: inout TaskGroup<Ended>, _ running: inout Int) async {
        switch await group.next() {
        case .lane: running -= 1
        case .overdue: group.cancelAll()
        case nil: running = 0
        }
    }

    private func claim() async throws(StoreError) -> ParkedLane? {
        let now = clock.now()
        return try await lot.claimDueLane(
            stage: role.stage, holder: holder, now: now, until: now.advanced(by: settings.claim))
    }

    private func gauge() async throws(StoreError) {
        let (lanes, messages) = try await lot.parkedCount()
        Gauge(label: "ocean_bridge_parked_lanes").record(lanes)
        Gauge(label: "ocean_bridge_parked_messages").record(messages)
    }

    /// Works on a claimed lane until it is free, fails again, or its time is over.
    private func attend(_ lane: ParkedLane) async {
        let since = clock.now()
        let period = StopSignal(sleep: sleep)
        var isHeldUp = false
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                await self.keepClaim(of: lane.lane)
                period.trigger()
            }
            do throws(StoreError) {
                isHeldUp = try await carryOut(lane, since: since, period)
            } catch {
                told(error, 1)
                isHeldUp = true
            }
            group.cancelAll()
        }
        // The lane is due still; another may have what it waits for.
        if isHeldUp { _ = await whole.pause(for: settings.poll) }
    }

    /// Returns when the claim may be lost, with `stop()`, or because the work is over.
    private func keepClaim(of lane: Lane) async {
        var renewedAt = clock.now()
        while await whole.pause(for: settings.claim / 3) {
            let now = clock.now()
            do throws(StoreError) {
                try await lot.renewClaim(lane, holder: holder, until: now.advanced(by: settings.claim))
                renewedAt = now
            } catch {
                // Another has the lane, or the work ended in this moment.
                if error.code == .notHolder { return }
                told(error, 1)
                if clock.now().duration(since: renewedAt) >= settings.claim * 2 / 3 { return }
            }
        }
    }

    /// - Returns: whether the work was broken off although the lane is due.
    private func carryOut(
        _ claimed: ParkedLane, since: Timestamp, _ period: StopSignal
    ) async throws(StoreError) -> Bool {
        let lane = claimed.lane
        var count = 0
        while !period.isTriggered, !Task.isCancelled, !role.isPaused(),
            clock.now().duration(since: since) <= settings.turn
        {
            guard let head = try await lot.head(of: lane) else { break }
            let delivery = Delivery(
                message: head.message, queue: head.queue, routingKey: head.routingKey, redelivered: true,
                // Taking it out of the lot settles it.
                settle: { (_) async throws(BusError) in })
            switch await role.take(delivery, head, period) {
            case .left, .parked:
                count += 1
                guard try await lot.unpark(head) else {
                    logger.notice(
                        "a parked referral is free again",
                        metadata: ["referral": "\(lane.key)", "messages": "\(count)"])
                    return false
                }
            case .failing(let setback, let attempts):
                // What got on since is progress: the waits begin anew.
                let round = count > 0 ? 0 : claimed.rounds + 1
                let delay = role.schedule.delay(afterRound: round, retryAfter: setback.retryAfter)
                try await lot.postpone(
                    lane, holder: holder, reason: setback.reason, attempts: attempts,
                    until: clock.now().advanced(by: delay))
                logger.info(
                    "a parked referral failed again",
                    metadata: ["referral": "\(lane.key)", "reason": "\(setback.reason)", "attempts": "\(attempts)"])
                return false
            case .halted:
                try await lot.releaseLane(lane, holder: holder)
                return true
            }
        }
        try await lot.releaseLane(lane, holder: holder)
        return false
    }

    private func told(_ error: StoreError, _ failures: Int) {
        guard failures & (failures - 1) == 0 else { return }
        logger.warning(
            "cannot look after parked referrals now", metadata: ["reason": "\(error.reason)", "attempt": "\(failures)"])
    }
}

extension ParkingAttendant {
    /// Attends to what the publisher has parked; pauses while Ocean is down, and asks it from time to time then.
    package static func publisher(
        _ publisher: Publisher, holder: String, crashGuard: CrashGuard? = nil, settings: Settings = Settings(),
        sleep: @escaping StopSignal.Sleep = { try await Task.sleep(for: $0) }
    ) -> ParkingAttendant {
        ParkingAttendant(
            Role(
                stage: Publisher.name, schedule: publisher.settings.parking,
                isPaused: { publisher.availability.isDown }, resume: { await publisher.awaitOcean(stop: $0) },
                take: { delivery, parked, stop in
                    await isolated(delivery, Publisher.name, crashGuard, stop) { window in
                        await publisher.take(delivery, from: .lot(parked), stop: stop, window: window)
                    }
                }),
            lot: publisher.store, holder: holder, settings: settings, backoff: publisher.persistence.backoff,
            clock: publisher.clock, logger: publisher.logger, sleep: sleep)
    }

    /// Tries parked form requests again.
    package static func forms(
        _ worker: FormWorker, holder: String, crashGuard: CrashGuard? = nil, settings: Settings = Settings(),
        sleep: @escaping StopSignal.Sleep = { try await Task.sleep(for: $0) }
    ) -> ParkingAttendant {
        ParkingAttendant(
            Role(
                stage: FormWorker.name, schedule: worker.settings.parking, isPaused: { worker.availability.isDown },
                resume: { await worker.awaitOcean(stop: $0) },
                take: { delivery, parked, stop in
                    await isolated(delivery, FormWorker.name, crashGuard, stop) { window in
                        await worker.take(delivery, from: .lot(parked), stop: stop, window: window)
                    }
                }),
            lot: worker.store, holder: holder, settings: settings, backoff: worker.persistence.backoff,
            clock: worker.clock, logger: worker.logger, sleep: sleep)
    }

    /// Attends to what the documents worker has parked; pauses while Ocean or the store is down.
    package static func documents(
        _ worker: DocumentWorker, holder: String, crashGuard: CrashGuard? = nil, settings: Settings = Settings(),
        sleep: @escaping StopSignal.Sleep = { try await Task.sleep(for: $0) }
    ) -> ParkingAttendant {
        ParkingAttendant(
            Role(
                stage: DocumentWorker.name, schedule: worker.settings.parking, isPaused: { worker.isPaused },
                resume: { await worker.awaitService(stop: $0) },
                take: { delivery, parked, stop in
                    await isolated(delivery, DocumentWorker.name, crashGuard, stop) { window in
                        await worker.take(delivery, from: .lot(parked), stop: stop, window: window)
                    }
                }),
            lot: worker.state, holder: holder, settings: settings, backoff: worker.persistence.backoff,
            clock: worker.clock, logger: worker.logger, sleep: sleep)
    }

    /// Attends to what the translator has parked.
    package static func translator(
        _ translator: Translator, holder: String, crashGuard: CrashGuard? = nil, settings: Settings = Settings(),
        sleep: @escaping StopSignal.Sleep = { try await Task.sleep(for: $0) }
    ) -> ParkingAttendant {
        ParkingAttendant(
            Role(
                stage: Translator.name, schedule: translator.settings.parking, isPaused: { false },
                resume: { _ in },
                take: { delivery, parked, stop in
                    await isolated(delivery, Translator.name, crashGuard, stop) { window in
                        await translator.take(delivery, from: .lot(parked), stop: stop, window: window)
                    }
                }),
            lot: translator.parking.lot, holder: holder, settings: settings,
            backoff: translator.persistence.backoff, clock: translator.clock, logger: translator.logger, sleep: sleep)
    }

    /// A parked message may be the one over which the process dies, too.
    private static func isolated(
        _ delivery: Delivery, _ stage: String, _ crashGuard: CrashGuard?, _ stop: StopSignal,
        _ take: (CrashWindow) async -> Passage
    ) async -> Passage {
        let window = crashGuard?.window(for: delivery, stage: stage, stop: stop) ?? .none
        let passage = await take(window)
        await window.close()
        if passage == .left { await window.settled() }
        return passage
    }
}
