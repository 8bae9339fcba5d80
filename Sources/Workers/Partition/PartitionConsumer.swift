// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

package import BridgeCore
package import Logging
import Metrics
import Synchronization

/// Consumes partitions: one delivery per key at a time, keys side by side, acknowledged only when handled.
///
/// A delivery that is not handled is never put back by itself, which would disorder its referral: the partition is
/// given up as a whole, after what runs has been settled, and what is held returns in its old order. The same is done
/// when this worker has more than its share, and before the broker would take a delivery away that is held too long.
package final class PartitionConsumer: Sendable {
    package struct Settings: Sendable {
        /// The exchange in front of the queues, for metrics.
        package var exchange: String
        package var queues: [String]
        /// Unsettled deliveries held per queue.
        package var prefetch = 32
        /// Keys worked on at once per queue.
        package var concurrency = 32
        /// How long running handlers may take to end once the partition is to be given up; then they are cancelled.
        package var drain: Duration = .seconds(20)
        /// How long a delivery may be held unsettled; nil for ever. RabbitMQ closes the channel of a consumer that holds
        /// one longer than its `consumer_timeout` (30 minutes by default), and that disorders what it held.
        package var holdLimit: Duration? = .seconds(600)
        /// How the workers share the partitions; nil when there is but one, as on the embedded bus.
        package var share: ShareSettings?

        package init(queues: [String]) {
            exchange = ""
            self.queues = queues
        }

        /// The partition queues of a consistent-hash exchange.
        package init(exchange: String, partitions: Int) {
            self.init(queues: (0..<max(1, partitions)).map { BusNames.partition(exchange, $0) })
            self.exchange = exchange
        }
    }

    let settings: Settings
    let sleep: StopSignal.Sleep
    let timer: StopSignal.Sleep
    let handler: DeliveryHandler
    let isolation: CrashIsolation?
    let logger: Logger
    let whole: StopSignal
    private let bus: any MessageBus
    private let backoff: Backoff
    private let resume: @Sendable (StopSignal) async -> Void
    private let leaving = Mutex<[String: @Sendable (Leave) -> Void]>([:])

    /// - Parameters:
    ///   - sleep: how pauses pass their time.
    ///   - timer: how the time between looks at held deliveries and shares passes.
    ///   - isolation: finds messages that crash the process; nil to try all alike.
    ///   - resume: called after a handler gave the partition up; returns when it may be taken again.
    package init(
        bus: any MessageBus, settings: Settings, backoff: Backoff = Backoff(), logger: Logger,
        sleep: @escaping StopSignal.Sleep = { try await Task.sleep(for: $0) },
        timer: @escaping StopSignal.Sleep = { try await Task.sleep(for: $0) }, isolation: CrashIsolation? = nil,
        resume: @escaping @Sendable (StopSignal) async -> Void = { _ in }, handler: @escaping DeliveryHandler
    ) {
        self.bus = bus
        self.settings = settings
        self.backoff = backoff
        self.logger = logger
        self.sleep = sleep
        self.timer = timer
        self.isolation = isolation
        self.resume = resume
        self.handler = handler
        whole = StopSignal(sleep: sleep)
    }

    /// Starts nothing more, lets what runs end, gives the partitions up; `run` then returns.
    package func stop() {
        whole.trigger()
        for leave in leaving.withLock({ $0.values.map(\.self) }) { leave(.stopped) }
    }

    /// Consumes until `stop()`, cancellation, or the end of the bus.
    ///
    /// - Throws: `notFound`, `accessRefused`, `topologyConflict` when a queue cannot be consumed at all.
    package func run() async throws(BusError) {
        let keeper = settings.share.map { share in
            ShareKeeper(
                bus: bus, settings: share, exchange: settings.exchange, partitions: settings.queues.count,
                sleep: timer, backoff: backoff, logger: logger
            ) { [weak self] queue in
                self?.leave(queue, .share)
            }
        }
        let failure = await withTaskGroup(of: Void.self) { group in
            if let keeper { group.addTask { await keeper.run() } }
            let failure = await consumeAll(keeper)
            // This worker is counted until it has given everything up.
            group.cancelAll()
            return failure
        }
        if let failure { throw failure }
    }

    private func consumeAll(_ keeper: ShareKeeper?) async -> BusError? {
        await withTaskGroup(of: BusError?.self) { group in
            for queue in settings.queues { group.addTask { await self.consume(queue: queue, keeper) } }
            var first: BusError?
            for await failure in group {
                guard let failure, first == nil else { continue }
                first = failure
                self.stop()
            }
            return first
        }
    }

    private func consume(queue: String, _ keeper: ShareKeeper?) async -> BusError? {
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
            let leave = await work(subscription, keeper)
            await subscription.cancel()
            keeper?.ended(queue)
            switch leave {
            case .stopped, .busEnded: return nil
            case .gaveUp: await resume(whole)
            case .share, .holdLimit:
                Counter(
                    label: "ocean_bridge_partitions_handed_over_total",
                    dimensions: [("exchange", settings.exchange), ("reason", leave.reason)]
                ).increment()
                logger.info("partition handed over", metadata: ["queue": "\(queue)", "reason": "\(leave.reason)"])
            }
        }
        return nil
    }

    private func leave(_ queue: String, _ leave: Leave) {
        leaving.withLock { $0[queue] }?(leave)
    }

    /// How `leave` reaches the loop that works on the queue; nil when that has ended.
    func listen(_ queue: String, _ hear: (@Sendable (Leave) -> Void)?) {
        leaving.withLock { $0[queue] = hear }
    }

    /// The routing key has chosen the partition, so it also chooses the lane; a message put straight into the queue
    /// has none of its own.
    static func lane(of delivery: Delivery) -> String {
        if !delivery.routingKey.isEmpty, delivery.routingKey != delivery.queue { return delivery.routingKey }
        return delivery.message.subject ?? delivery.message.id
    }
}
