// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

package import BridgeCore
package import Logging
import Metrics
import Synchronization

/// Consumes partitions: one delivery per key at a time, keys side by side, acknowledged only when handled.
///
/// A delivery that is not handled is never put back by itself, which would disorder its referral: the partition is
/// given up as a whole, after what runs has been settled, and what is held returns in its old order.
package final class PartitionConsumer: Sendable {
    package struct Settings: Sendable {
        package var queues: [String]
        /// Unsettled deliveries held per queue.
        package var prefetch = 32
        /// Keys worked on at once per queue.
        package var concurrency = 32
        /// How long running handlers may take to end after `stop()`; then they are cancelled.
        package var drain: Duration = .seconds(20)

        package init(queues: [String]) {
            self.queues = queues
        }

        /// The partition queues of a consistent-hash exchange.
        package init(exchange: String, partitions: Int) {
            self.init(queues: (0..<max(1, partitions)).map { BusNames.partition(exchange, $0) })
        }
    }

    private let bus: any MessageBus
    private let settings: Settings
    private let backoff: Backoff
    private let sleep: StopSignal.Sleep
    private let handler: DeliveryHandler
    private let resume: @Sendable (StopSignal) async -> Void
    private let logger: Logger
    private let whole: StopSignal
    private let stops = Mutex<[String: @Sendable () -> Void]>([:])

    /// - Parameter resume: called after a handler gave the partition up; returns when it may be taken again.
    package init(
        bus: any MessageBus, settings: Settings, backoff: Backoff = Backoff(), logger: Logger,
        sleep: @escaping StopSignal.Sleep = { try await Task.sleep(for: $0) },
        resume: @escaping @Sendable (StopSignal) async -> Void = { _ in }, handler: @escaping DeliveryHandler
    ) {
        self.bus = bus
        self.settings = settings
        self.backoff = backoff
        self.logger = logger
        self.sleep = sleep
        self.resume = resume
        self.handler = handler
        whole = StopSignal(sleep: sleep)
    }

    /// Starts nothing more, lets what runs end, gives the partitions up; `run` then returns.
    package func stop() {
        whole.trigger()
        for stop in stops.withLock({ $0.values.map(\.self) }) { stop() }
    }

    /// Consumes until `stop()`, cancellation, or the end of the bus.
    ///
    /// - Throws: `notFound`, `accessRefused`, `topologyConflict` when a queue cannot be consumed at all.
    package func run() async throws(BusError) {
        let failure = await withTaskGroup(of: BusError?.self) { group in
            for queue in settings.queues { group.addTask { await self.consume(queue: queue) } }
            var first: BusError?
            for await failure in group {
                guard let failure, first == nil else { continue }
                first = failure
                self.stop()
            }
            return first
        }
        if let failure { throw failure }
    }

    private enum End {
        case stopped, busEnded, gaveUp
    }

    private func consume(queue: String) async -> BusError? {
        var attempt = 0
        while !whole.isTriggered, !Task.isCancelled {
            let subscription: Subscription
            do throws(BusError) {
                subscription = try await bus.subscribe(to: queue, prefetch: settings.prefetch)
            } catch {
                if error.code == .closed { return nil }
                guard case .retry(let after) = error.disposition else { return error }
                attempt += 1
                logger.warning(
                    "cannot consume yet", metadata: ["queue": "\(queue)", "reason": "\(error.reason)"])
                guard await whole.pause(for: backoff.delay(afterAttempt: attempt, retryAfter: after)) else { break }
                continue
            }
            attempt = 0
            let end = await work(subscription)
            await subscription.cancel()
            switch end {
            case .stopped, .busEnded: return nil
            case .gaveUp: await resume(whole)
            }
        }
        return nil
    }

    private enum Event: Sendable {
        case delivery(Delivery)
        case finished(String, HandlerOutcome)
        case end(End)
        case overdue
    }

    private func work(_ subscription: Subscription) async -> End {
        let (events, sink) = AsyncStream.makeStream(of: Event.self)
        let period = StopSignal(sleep: sleep)
        stops.withLock { $0[subscription.queue] = { sink.yield(.end(.stopped)) } }
        if whole.isTriggered { sink.yield(.end(.stopped)) }
        let drain = settings.drain
        var ending: End?
        await withDiscardingTaskGroup { group in
            group.addTask {
                for await delivery in subscription.deliveries { sink.yield(.delivery(delivery)) }
                sink.yield(.end(.busEnded))
            }
            var scheduler = LaneScheduler<String, Delivery>(limit: settings.concurrency)
            for await event in events {
                var starts: [LaneScheduler<String, Delivery>.Start] = []
                var asked: End?
                switch event {
                case .delivery(let delivery): starts = scheduler.enqueue(Self.lane(of: delivery), delivery)
                case .finished(let key, let outcome):
                    // Before the lane moves on: nothing of this key may pass a delivery that was not settled.
                    if outcome != .done, ending == nil {
                        asked = .gaveUp
                        scheduler.stop()
                    }
                    starts = scheduler.finished(key)
                case .end(let end): asked = end
                case .overdue: group.cancelAll()
                }
                if let asked, ending == nil {
                    ending = asked
                    scheduler.stop()
                    period.trigger()
                    group.addTask {
                        // Cancelled when everything ended before; then nobody looks at the event.
                        try? await Task.sleep(for: drain)
                        sink.yield(.overdue)
                    }
                } else if ending == .gaveUp, case .end(let end) = event {
                    ending = end
                }
                for start in starts {
                    group.addTask {
                        let outcome = await self.settle(start.item, period)
                        sink.yield(.finished(start.key, outcome))
                    }
                }
                if ending != nil, scheduler.running == 0 { break }
            }
            group.cancelAll()
        }
        stops.withLock { $0[subscription.queue] = nil }
        sink.finish()
        return ending ?? .stopped
    }

    private func settle(_ delivery: Delivery, _ period: StopSignal) async -> HandlerOutcome {
        let outcome = await handler(delivery, period)
        guard outcome == .done else { return outcome }
        do throws(BusError) {
            try await delivery.ack()
        } catch {
            // It comes again and is known as a duplicate then.
            Counter(label: "ocean_bridge_acks_lost_total", dimensions: [("queue", delivery.queue)]).increment()
            logger.info(
                "acknowledgement lost, the message will come again",
                metadata: ["message_id": "\(delivery.message.id)", "reason": "\(error.reason)"])
        }
        return outcome
    }

    /// The routing key has chosen the partition, so it also chooses the lane; a message put straight into the queue
    /// has none of its own.
    static func lane(of delivery: Delivery) -> String {
        if !delivery.routingKey.isEmpty, delivery.routingKey != delivery.queue { return delivery.routingKey }
        return delivery.message.subject ?? delivery.message.id
    }
}
