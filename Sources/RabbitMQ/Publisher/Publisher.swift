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
    private let journal: BusJournal
    private let restoration: TopologyRestoration
    private let logger: Logger
    private let ending = ThreadEnding()

    /// Starts the thread.
    ///
    /// - Throws: `unavailable` when the process is out of descriptors or threads.
    init(
        connector: Connector, restoration: TopologyRestoration, journal: BusJournal, logger: Logger
    ) throws(BusError) {
        self.connector = connector
        self.restoration = restoration
        self.journal = journal
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
            var isRefused = false
            do throws(BusError) {
                let handle = try connector.open("publisher", fuse: fuse) { inbox.isStopping }
                if try serve(handle, &backoff) { break }
            } catch {
                isRefused = error.disposition == .fatal
                report(error)
            }
            if inbox.isStopping { break }
            inbox.wakeup.wait(milliseconds: backoff.next(isRefused: isRefused))
        }
        journal.metrics.setPublisherConnected(false)
        journal.forget(.publisher)
        inbox.close()
        ending.end()
    }

    /// True when the bus was shut down.
    private func serve(_ handle: Handle, _ backoff: inout Backoff) throws(BusError) -> Bool {
        do throws(BrokerFailure) {
            try handle.selectConfirms()
        } catch {
            journal.metrics.countConnectFailure(error.cause)
            throw error.busError("broker \(handle.host)")
        }
        journal.connected(.publisher, host: "\(handle.host)")
        journal.metrics.setPublisherConnected(true)
        let began = MonotonicTime.now()
        inbox.connected()
        let session = PublisherSession(
            handle: handle, inbox: inbox, fuse: fuse, configuration: connector.configuration,
            restoration: restoration, metrics: journal.metrics, logger: logger)
        let end = session.serve()
        if case .failed(let failure) = end {
            inbox.disconnected("broker \(handle.host): \(failure.text)")
        }
        journal.metrics.setPublisherConnected(false)
        if session.hasConfirmed || Backoff.isStable(since: began) { backoff.reset() }
        switch end {
        case .stopped:
            handle.close(politely: true)
            return true
        case .failed(let failure):
            journal.lost(.publisher, host: "\(handle.host)", failure)
            handle.close(politely: false)
            return false
        }
    }

    private func report(_ error: BusError) {
        journal.failed(.publisher, error)
        if error.disposition == .fatal {
            inbox.refused(error)
        } else {
            inbox.disconnected(error.message)
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
