// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import Logging
import Synchronization

/// Carries stored messages to the bus: lanes side by side, each in order, forgotten only after the confirm.
///
/// A record is never put back: what cannot be carried stays unsettled, hence in its place.
final class SpoolDrain: Sendable {
    /// A record on its way, and how to forget it.
    struct Parcel: Sendable {
        let label: SpoolLabel
        let record: SpoolRecord
        let delivery: Delivery
    }

    private enum Event: Sendable {
        case delivery(Delivery)
        case finished(SpoolLane)
        case end
    }

    private let primary: any MessageBus
    private let local: any MessageBus
    private let core: SpoolCore
    private let wrapping: SpoolWrapping
    private let logger: Logger
    private let events: AsyncStream<Event>
    private let sink: AsyncStream<Event>.Continuation
    private let subscriptions = Mutex<[Subscription]>([])

    init(
        primary: any MessageBus, local: any MessageBus, core: SpoolCore, wrapping: SpoolWrapping, logger: Logger
    ) {
        self.primary = primary
        self.local = local
        self.core = core
        self.wrapping = wrapping
        self.logger = logger
        (events, sink) = AsyncStream.makeStream(of: Event.self)
    }

    func stop() {
        sink.yield(.end)
    }

    func run() async {
        await withDiscardingTaskGroup { group in
            group.addTask { [core] in await core.watch { await self.probe() } }
            group.addTask { await self.feed() }
            var scheduler = LaneScheduler<SpoolLane, Parcel>(limit: core.settings.concurrency)
            var shut = LockedLanes()
            for await event in events {
                var starts: [LaneScheduler<SpoolLane, Parcel>.Start] = []
                switch event {
                case .delivery(let delivery):
                    if let parcel = open(delivery, &shut) {
                        starts = scheduler.enqueue(parcel.label.lane, parcel)
                    } else if shut.count.isMultiple(of: core.settings.prefetch) {
                        // The consumer's whole credit is spent on what stays: another one reads on behind it.
                        group.addTask { await self.feed() }
                    }
                case .finished(let lane): starts = scheduler.finished(lane)
                case .end: scheduler.stop()
                }
                if case .end = event { break }
                for start in starts {
                    group.addTask {
                        // A lane whose record is left is not started again: the task was cancelled.
                        if await self.carry(start.item) { self.sink.yield(.finished(start.key)) }
                    }
                }
            }
            group.cancelAll()
        }
        for subscription in subscriptions.withLock({ $0 }) { await subscription.cancel() }
    }

    /// Hands on what one consumer of the spool receives, until it is cancelled.
    private func feed() async {
        while !Task.isCancelled {
            do throws(BusError) {
                let subscription = try await local.subscribe(to: SpoolingBus.queue, prefetch: core.settings.prefetch)
                subscriptions.withLock { $0.append(subscription) }
                for await delivery in subscription.deliveries { sink.yield(.delivery(delivery)) }
                return
            } catch {
                logger.error("the spool cannot be read", metadata: ["reason": "\(error.message)"])
                if error.code == .closed { return }
                do { try await Task.sleep(for: .seconds(1)) } catch { return }
            }
        }
    }

    /// Nil when the record, or one before it in its lane, cannot be read: it stays where it is.
    private func open(_ delivery: Delivery, _ shut: inout LockedLanes) -> Parcel? {
        let label = SpoolLabel(delivery.message)
        core.read(label, bytes: delivery.message.body.count + SpoolingBus.overhead)
        if shut.holds(label.lane) {
            shut.add(label.lane)
            core.locked()
            return nil
        }
        switch wrapping.open(delivery.message.body, label) {
        case .success(let record):
            return Parcel(label: label, record: record, delivery: delivery)
        case .failure(let damage):
            shut.add(label.lane)
            core.locked()
            if shut.isNews(damage) { tell(damage, label) }
            return nil
        }
    }

    private func tell(_ damage: SpoolDamage, _ label: SpoolLabel) {
        switch damage {
        case .unknownKey(let id):
            logger.critical(
                "spooled messages were sealed with another key; they are kept, as are later ones of their referrals",
                metadata: [
                    "key_id": "\(id)", "message_id": "\(label.messageID)",
                    "remedy": "set spool.previousKeyFile to the file of that key and restart",
                ])
        case .unreadable:
            logger.critical(
                "a spooled message is damaged; it is kept, and so are later ones of its referral",
                metadata: [
                    "message_id": "\(label.messageID)", "lane": "\(label.lane)",
                    "remedy": "check the disk; restore spool.sqlite from a copy, or move it away to give it up",
                ])
        }
    }

    /// True once the bus has confirmed and the record is forgotten; false when the task was cancelled.
    private func carry(_ parcel: Parcel) async -> Bool {
        var generator = SystemRandomNumberGenerator()
        var attempt = 0
        while true {
            let (mayTry, isTrial) = await core.awaitPrimary()
            guard mayTry else { return false }
            guard let error = await publish(parcel) else {
                core.succeeded()
                break
            }
            if error.isOfWholeBus {
                core.failed(isTrial: isTrial, reason: error.message)
                continue
            }
            // The bus has answered: it is there, though this lane's part of it is not.
            core.succeeded()
            attempt += 1
            if attempt & (attempt - 1) == 0 {
                logger.error(
                    "the bus does not take a spooled message; it is tried again, and its referral waits",
                    metadata: [
                        "message_id": "\(parcel.label.messageID)", "lane": "\(parcel.label.lane)",
                        "attempt": "\(attempt)", "reason": "\(error.description)",
                    ])
            }
            let pause = core.settings.retry.delay(afterAttempt: attempt, using: &generator)
            do { try await Task.sleep(for: max(pause, .milliseconds(500))) } catch { return false }
        }
        return await forget(parcel)
    }

    private func publish(_ parcel: Parcel) async -> BusError? {
        let (message, destination) = (parcel.record.message, parcel.record.destination)
        let error = await publish(message, to: destination)
        // No hospital system has bound a queue: kept, so that the lane and the spool do not wait for one for ever.
        guard error?.code == .unroutable, let (exchange, routingKey) = destination.open else { return error }
        let kept = message.unrouted(from: exchange, routingKey: routingKey, stage: "spool", now: core.now)
        return await publish(kept, to: .queue(BusNames.unrouted))
    }

    private func publish(_ message: Message, to destination: Destination) async -> BusError? {
        let primary = primary
        // The bus ends its publishes itself; later than this it is taken as hung.
        let outcome = await Deadline.value(
            within: core.settings.publishTimeout + .milliseconds(500), cancelling: false
        ) { () -> Attempt in
            do throws(BusError) {
                try await primary.publish(message, to: destination)
                return Attempt(error: nil)
            } catch {
                return Attempt(error: error)
            }
        }
        return (outcome ?? Attempt(error: BusError(.unknownOutcome, "the bus did not answer in time"))).error
    }

    private struct Attempt: Sendable {
        let error: BusError?
    }

    /// The lane stays behind the record until it is gone from the disk.
    private func forget(_ parcel: Parcel) async -> Bool {
        while true {
            do throws(BusError) {
                try await parcel.delivery.ack()
                core.drained(parcel.label.id)
                return true
            } catch {
                // After a restart it goes out again, under the same id.
                logger.warning(
                    "a drained message is still in the spool",
                    metadata: ["message_id": "\(parcel.label.messageID)", "reason": "\(error.message)"])
                if error.code == .closed || error.code == .stale { return false }
                do { try await Task.sleep(for: .seconds(1)) } catch { return false }
            }
        }
    }

    private func probe() async -> Bool {
        let primary = primary
        let health = await Deadline.value(within: .seconds(5), cancelling: true) { await primary.health() }
        return health == .ready
    }
}

/// Lanes whose first record cannot be read.
struct LockedLanes: Sendable {
    private(set) var count = 0
    private var lanes: Set<SpoolLane> = []
    private var told: Set<SpoolDamage> = []

    func holds(_ lane: SpoolLane) -> Bool { lanes.contains(lane) }

    mutating func add(_ lane: SpoolLane) {
        lanes.insert(lane)
        count += 1
    }

    /// Whether damage of this kind is seen for the first time.
    mutating func isNews(_ damage: SpoolDamage) -> Bool { told.insert(damage).inserted }
}
