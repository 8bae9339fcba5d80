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
    private let topology: DeclaredTopology
    private let desk: SettlementDesk
    private let mailbox = DeliveryMailbox()
    private let fuse: SocketFuse
    private let metrics: BusMetrics
    private let logger: Logger
    private let ending = ThreadEnding()
    private let startDeadline = Deadline()
    private let state = Mutex(State())

    /// - Throws: `unavailable` when the process is out of descriptors or threads.
    init(
        queue: String, prefetch: Int, connector: Connector, topology: DeclaredTopology, metrics: BusMetrics,
        logger: Logger
    ) throws(BusError) {
        self.queue = queue
        self.prefetch = prefetch
        self.connector = connector
        self.topology = topology
        self.metrics = metrics
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
            do throws(BusError) {
                let handle = try connector.open("consumer \(queue)", fuse: fuse) { desk.isStopping }
                if try serve(handle, &backoff) { break }
            } catch {
                metrics.countConnectFailure()
                logger.warning(
                    "consumer cannot subscribe",
                    metadata: ["queue": "\(queue)", "cause": "\(error.message)", "code": "\(error.code.rawValue)"])
                if error.disposition == .fatal { started(error) }
                if error.code == .notFound { redeclare() }
            }
            if desk.isStopping { break }
            desk.wakeup.wait(milliseconds: backoff.next())
        }
        started(BusError(.closed, "queue \(queue): the consumer was cancelled"))
        mailbox.finish()
        ending.end()
    }

    /// True when the consumer was cancelled by its owner.
    private func serve(_ handle: Handle, _ backoff: inout Backoff) throws(BusError) -> Bool {
        do throws(BrokerFailure) {
            try handle.consume(queue, prefetch: prefetch)
        } catch {
            throw error.busError("queue \(queue)")
        }
        let generation = desk.beginGeneration()
        state.withLock { $0.isServing = true }
        metrics.setConsumerConnected(queue, true)
        logger.info("consumer subscribed", metadata: ["queue": "\(queue)", "host": "\(handle.host)"])
        started(nil)
        let session = ConsumerSession(
            handle: handle, queue: queue, generation: generation, desk: desk, mailbox: mailbox, fuse: fuse,
            configuration: connector.configuration, metrics: metrics, logger: logger)
        let end = session.serve()
        desk.endGeneration()
        mailbox.clear()
        handle.close(politely: false)
        metrics.setConsumerConnected(queue, false)
        state.withLock { $0.isServing = false }
        if session.hasDelivered { backoff.reset() }
        switch end {
        case .stopped: return true
        case .cancelled:
            logger.warning("broker cancelled the consumer; is the queue deleted?", metadata: ["queue": "\(queue)"])
            redeclare()
        case .failed(let failure):
            logger.warning(
                "consumer lost its connection",
                metadata: ["queue": "\(queue)", "host": "\(handle.host)", "cause": "\(failure.text)"])
        }
        return false
    }

    /// The queue is gone: declares again what the bus declared before. On this thread, with a connection of its own.
    private func redeclare() {
        let wanted = topology.part(around: queue)
        guard !wanted.queues.isEmpty else { return }
        do throws(BusError) {
            let handle = try connector.open("control", fuse: try SocketFuse()) { desk.isStopping }
            try TopologyDeclaration(handle: handle).declare(wanted)
            handle.close(politely: true)
            logger.notice("queue declared again", metadata: ["queue": "\(queue)"])
        } catch {
            logger.error(
                "queue cannot be declared again", metadata: ["queue": "\(queue)", "cause": "\(error.message)"])
        }
    }
}
