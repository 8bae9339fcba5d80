// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import Logging
import Synchronization

/// Publishes over one connection, with a thread of its own which reconnects by itself.
final class Publisher: Sendable {
    let inbox: PublisherInbox
    private let connector: Connector
    private let fuse: SocketFuse
    private let metrics: BusMetrics
    private let logger: Logger
    private let ending = ThreadEnding()

    /// Starts the thread.
    ///
    /// - Throws: `unavailable` when the process is out of descriptors or threads.
    init(connector: Connector, metrics: BusMetrics, logger: Logger) throws(BusError) {
        self.connector = connector
        self.metrics = metrics
        self.logger = logger
        inbox = try PublisherInbox(configuration: connector.configuration)
        fuse = try SocketFuse()
        try DedicatedThread.start("amqp-publish") { [self] in run() }
    }

    /// Lets what was accepted come to its end, then closes.
    func shutdown() async {
        inbox.stop()
        await ending.wait()
    }

    private func run() {
        var backoff = Backoff()
        while !inbox.isStopping {
            do throws(BusError) {
                let handle = try connector.open("publisher", fuse: fuse) { inbox.isStopping }
                if serve(handle, &backoff) { break }
            } catch {
                report(error)
            }
            if inbox.isStopping { break }
            inbox.wakeup.wait(milliseconds: backoff.next())
        }
        metrics.setPublisherConnected(false)
        inbox.close()
        ending.end()
    }

    /// True when the bus was shut down.
    private func serve(_ handle: Handle, _ backoff: inout Backoff) -> Bool {
        do throws(BrokerFailure) {
            try handle.selectConfirms()
        } catch {
            report(error.busError("broker \(handle.host)"))
            return false
        }
        logger.info("publisher connected", metadata: ["host": "\(handle.host)"])
        metrics.setPublisherConnected(true)
        inbox.connected()
        let session = PublisherSession(
            handle: handle, inbox: inbox, fuse: fuse, configuration: connector.configuration, metrics: metrics,
            logger: logger)
        let end = session.serve()
        inbox.disconnected()
        metrics.setPublisherConnected(false)
        if session.hasConfirmed { backoff.reset() }
        switch end {
        case .stopped:
            handle.close(politely: true)
            return true
        case .failed(let failure):
            logger.warning(
                "publisher lost its connection", metadata: ["host": "\(handle.host)", "cause": "\(failure.text)"])
            handle.close(politely: false)
            return false
        }
    }

    private func report(_ error: BusError) {
        metrics.countConnectFailure()
        logger.warning(
            "publisher cannot connect", metadata: ["cause": "\(error.message)", "code": "\(error.code.rawValue)"])
        if error.disposition == .fatal {
            inbox.refused(error)
        } else {
            inbox.disconnected()
        }
    }
}

/// Lets tasks wait for the end of a thread.
final class ThreadEnding: Sendable {
    private struct State {
        var isOver = false
        var waiters: [CheckedContinuation<Void, Never>] = []
    }

    private let state = Mutex(State())

    func end() {
        let waiters = state.withLock { state in
            state.isOver = true
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in waiters { waiter.resume() }
    }

    func wait() async {
        await withCheckedContinuation { continuation in
            let isOver = state.withLock { state in
                if !state.isOver { state.waiters.append(continuation) }
                return state.isOver
            }
            if isOver { continuation.resume() }
        }
    }
}
