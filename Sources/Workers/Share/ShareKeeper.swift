// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import Logging
import Metrics
import Synchronization

/// Keeps this worker at its share: stands in the worker queue so that others count it, counts them, hands over.
///
/// The broker keeps the count: a process that dies leaves the queue with its connection. While the workers cannot be
/// counted nothing changes hands.
final class ShareKeeper: Sendable {
    private struct State {
        var fair: FairShare
        var uptime: Duration = .zero
        var doubt: String?
    }

    private let bus: any MessageBus
    private let settings: ShareSettings
    private let exchange: String
    private let sleep: StopSignal.Sleep
    private let backoff: Backoff
    private let logger: Logger
    private let handOver: @Sendable (String) -> Void
    private let state: Mutex<State>

    /// - Parameters:
    ///   - sleep: how the seconds between two looks pass.
    ///   - handOver: asks the consumer to give the partition up.
    init(
        bus: any MessageBus, settings: ShareSettings, exchange: String, partitions: Int,
        sleep: @escaping StopSignal.Sleep, backoff: Backoff, logger: Logger,
        handOver: @escaping @Sendable (String) -> Void
    ) {
        self.bus = bus
        self.settings = settings
        self.exchange = exchange
        self.sleep = sleep
        self.backoff = backoff
        self.logger = logger
        self.handOver = handOver
        state = Mutex(State(fair: FairShare(partitions: partitions)))
    }

    /// A delivery came from the partition.
    func received(from partition: String) {
        let held = state.withLock { $0.fair.received(from: partition, now: $0.uptime) ? $0.fair.held : nil }
        if let held { gauge("ocean_bridge_partitions_held", held) }
    }

    /// The subscription to the partition ended.
    func ended(_ partition: String) {
        let held = state.withLock { $0.fair.ended(partition) ? $0.fair.held : nil }
        if let held { gauge("ocean_bridge_partitions_held", held) }
    }

    /// Runs until it is cancelled, or the bus is shut down.
    func run() async {
        gauge("ocean_bridge_partitions_held", state.withLock { $0.fair.held })
        var attempt = 0
        while !Task.isCancelled {
            do throws(BusError) {
                let subscription = try await bus.subscribe(to: settings.queue, prefetch: 1)
                attempt = 0
                await keep()
                await subscription.cancel()
                return
            } catch {
                if error.code == .closed { return }
                attempt += 1
                counted(nil, doubt: error.reason)
            }
            let isOver = await pause(backoff.delay(afterAttempt: attempt))
            if isOver { return }
        }
    }

    /// Once a second, while this worker stands in the queue.
    private func keep() async {
        var looks = 0
        while !Task.isCancelled {
            if looks % max(1, settings.countEvery) == 0 { await count() }
            looks += 1
            let partition = state.withLock { $0.fair.next(now: $0.uptime) }
            if let partition {
                gauge("ocean_bridge_partitions_held", state.withLock { $0.fair.held })
                handOver(partition)
            }
            if await pause(FairShare.pace) { return }
        }
    }

    private func count() async {
        do throws(BusError) {
            guard let depth = try await bus.depth(of: settings.queue) else {
                return counted(nil, doubt: "no such queue")
            }
            // Our own consumer is being connected again.
            guard depth.consumers > 0 else { return counted(nil, doubt: "this worker is not counted") }
            counted(depth.consumers, doubt: nil)
        } catch {
            counted(nil, doubt: error.reason)
        }
    }

    /// One log line for each change.
    private func counted(_ workers: Int?, doubt: String?) {
        let (change, share) = state.withLock { state -> (Bool, Int?) in
            let wasInDoubt = state.doubt != nil
            state.doubt = doubt
            let hasChanged = state.fair.counted(workers: workers)
            return (hasChanged || (doubt != nil && !wasInDoubt), state.fair.share)
        }
        guard change else { return }
        gauge("ocean_bridge_workers_live", workers ?? 0)
        if let workers, let share {
            logger.info(
                "number of live workers changed",
                metadata: ["exchange": "\(exchange)", "workers": "\(workers)", "share": "\(share)"])
        } else {
            logger.warning(
                "live workers cannot be counted; partitions stay where they are",
                metadata: ["exchange": "\(exchange)", "queue": "\(settings.queue)", "reason": "\(doubt ?? "")"])
        }
    }

    /// True when it is time to end.
    private func pause(_ duration: Duration) async -> Bool {
        do {
            try await sleep(duration)
        } catch {
            // A sleep throws only when it is cancelled.
            return true
        }
        state.withLock { $0.uptime += duration }
        return Task.isCancelled
    }

    private func gauge(_ label: String, _ value: Int) {
        Gauge(label: label, dimensions: [("exchange", exchange)]).record(value)
    }
}
