// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import Logging
import Synchronization

/// One subscription: a connection and a thread of its own, so that giving one queue up does not disturb the others.
final class Consumer: Sendable {
    private struct State {
        var isServing = false
        /// Waits for the first consume, successful or refused.
        var starting: CheckedContinuation<BusError?, Never>?
        var firstAnswer: BusError??
    }

    let queue: String
    private let prefetch: Int
    private let connector: Connector
    private let restoration: TopologyRestoration
    private let desk: SettlementDesk
    private let mailbox = DeliveryMailbox()
    private let fuse: SocketFuse
    private let journal: BusJournal
    private let role: BusJournal.Role
    private let logger: Logger
    private let ending = ThreadEnding()
    private let startDeadline = Deadline()
    private let state = Mutex(State())

    /// - Throws: `unavailable` when the process is out of descriptors or threads.
    init(
        queue: String, prefetch: Int, connector: Connector, restoration: TopologyRestoration, journal: BusJournal,
        logger: Logger
    ) throws(BusError) {
        self.queue = queue
        self.prefetch = Int(UInt16(clamping: max(1, prefetch)))
        self.connector = connector
        self.restoration = restoration
        self.journal = journal
        role = .consumer(queue: queue)
        self.logger = logger
        desk = try SettlementDesk(queue: queue)
        fuse = try SocketFuse()
        try Watchdog.shared.watch(startDeadline) { [weak self] in
            guard let self else { return }
            started(
                BusError(
                    .unavailable,
                    "queue \(self.queue): no broker within the publish timeout (\(connector.configuration.place))"))
        }
    }

    deinit {
        Watchdog.shared.forget(startDeadline)
    }

    var isServing: Bool { state.withLock { $0.isServing } }
    var deliveries: AsyncStream<Delivery> { mailbox.stream }

    /// Starts the thread and waits for the first consume.
    ///
    /// - Throws: `notFound`, `accessRefused`, or `unavailable` when no broker was reached within the publish timeout.
    func start() async throws(BusError) {
        try DedicatedThread.start("amqp-consume") { [self] in run() }
        startDeadline.arm(MonotonicTime.after(connector.configuration.publishTimeout))
        let error: BusError? = await withCheckedContinuation { continuation in
            let answer = state.withLock { state -> BusError?? in
                if state.firstAnswer == nil { state.starting = continuation }
                return state.firstAnswer
            }
            if let answer { continuation.resume(returning: answer) }
        }
        startDeadline.disarm()
        if let error {
            desk.stop()
            throw error
        }
    }

    /// Gives the queue up: writes the settlements made so far, then shuts the socket down.
    func cancel() async {
        stop()
        // Between connections nothing is held, so there is nothing to wait for.
        if isServing { await ending.wait() }
    }

    /// Subscribes anew: the queue was gone and is another one now.
    func renew() {
        if isServing { desk.renew() }
    }

    /// As `cancel`, without waiting.
    func stop() {
        desk.stop()
        mailbox.finish()
    }

    private func started(_ error: BusError?) {
        let waiter = state.withLock { state in
            if state.firstAnswer == nil { state.firstAnswer = .some(error) }
            defer { state.starting = nil }
            return state.starting
        }
        waiter?.resume(returning: error)
    }

    private func run() {
        var backoff = Backoff()
        while !desk.isStopping {
            var isRefused = false
            do throws(BusError) {
                let handle = try connector.open("consumer \(queue)", fuse: fuse) { desk.isStopping }
                if try serve(handle, &backoff) { break }
            } catch {
                if !desk.isStopping { journal.failed(role, error) }
                if error.code == .notFound, restore() {
                    // Declared again: no refusal.
                } else if error.disposition == .fatal {
                    isRefused = true
                    started(error)
                }
            }
            if desk.isStopping { break }
            desk.wakeup.wait(milliseconds: backoff.next(isRefused: isRefused))
        }
        journal.forget(role)
        started(BusError(.closed, "queue \(queue): the consumer was cancelled"))
        mailbox.finish()
        ending.end()
    }

    /// True when the consumer was cancelled by its owner.
    private func serve(_ handle: Handle, _ backoff: inout Backoff) throws(BusError) -> Bool {
        do throws(BrokerFailure) {
            try handle.consume(queue, prefetch: prefetch)
        } catch {
            journal.metrics.countConnectFailure(error.cause)
            throw error.busError(error.channelOnly ? "queue \(queue)" : "broker \(handle.host)")
        }
        let generation = desk.beginGeneration()
        state.withLock { $0.isServing = true }
        journal.metrics.setConsumerConnected(queue, true)
        journal.connected(role, host: "\(handle.host)")
        let began = MonotonicTime.now()
        started(nil)
        let session = ConsumerSession(
            handle: handle, queue: queue, prefetch: prefetch, generation: generation, desk: desk, mailbox: mailbox,
            fuse: fuse, configuration: connector.configuration, metrics: journal.metrics, logger: logger)
        let end = session.serve()
        desk.endGeneration()
        mailbox.clear()
        handle.close(politely: false)
        journal.metrics.setConsumerConnected(queue, false)
        state.withLock { $0.isServing = false }
        if session.hasDelivered || Backoff.isStable(since: began) { backoff.reset() }
        switch end {
        case .stopped: return true
        case .cancelled:
            journal.lost(
                role, host: "\(handle.host)",
                BrokerFailure(
                    cause: .missing, text: "the broker cancelled the consumer of queue \(queue); is it deleted?"))
            _ = restore()
        case .failed(let failure): journal.lost(role, host: "\(handle.host)", failure)
        }
        return false
    }

    /// The queue is gone: has it declared again when the bus had declared it, and waits for that.
    ///
    /// - Returns: whether it is there again.
    private func restore() -> Bool {
        guard restoration.knows(.queue(queue)), let done = try? Wakeup() else { return false }
        let outcome = RestorationOutcome()
        restoration.restore(.queue(queue)) { error in
            outcome.isRestored.store(error == nil, ordering: .releasing)
            done.signal()
        }
        done.wait(milliseconds: Int32(clamping: connector.configuration.publishTimeout.nanoseconds / 1_000_000 + 1000))
        return outcome.isRestored.load(ordering: .acquiring)
    }
}

private final class RestorationOutcome: Sendable {
    let isRestored = Atomic<Bool>(false)
}
