// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import Logging
import Synchronization

/// Asks over one connection and channel, on which the answers come back (direct reply-to). A thread of its own, which
/// connects again by itself.
///
/// A question that was written on a connection which ends has no answer any more: its address died with the channel.
final class RequestConnection: Sendable {
    /// RabbitMQ's name for the address of this channel.
    static let replyTo = "amq.rabbitmq.reply-to"

    let inbox: RequestInbox
    private let book: QuestionBook
    private let connector: Connector
    private let fuse: SocketFuse
    private let journal: BusJournal
    private let restoration: TopologyRestoration
    private let responders: ResponderWatch
    private let logger: Logger
    private let ending = ThreadEnding()

    /// Starts the thread.
    ///
    /// - Throws: `unavailable` when the process is out of descriptors or threads.
    init(
        book: QuestionBook, connector: Connector, restoration: TopologyRestoration, responders: ResponderWatch,
        journal: BusJournal, logger: Logger
    ) throws(BusError) {
        self.book = book
        self.connector = connector
        self.restoration = restoration
        self.responders = responders
        self.journal = journal
        self.logger = logger
        inbox = try RequestInbox(book: book, maximumBytes: connector.configuration.maximumBytesWaiting)
        fuse = try SocketFuse()
        try DedicatedThread.start("amqp-request") { [self] in run() }
    }

    func shutdown() async {
        inbox.stop()
        fuse.blow()
        await ending.wait()
    }

    private func run() {
        var backoff = Backoff()
        while !inbox.isStopping {
            var isRefused = false
            do throws(BusError) {
                let handle = try connector.open("requests", fuse: fuse) { inbox.isStopping }
                if try serve(handle, &backoff) { break }
                // The first attempt after a loss comes soon: questions wait for it.
                inbox.open()
            } catch {
                isRefused = error.disposition == .fatal
                journal.failed(.requests, error)
                inbox.refuse(RequestError(.unavailable, error.message))
            }
            if inbox.isStopping { break }
            inbox.wakeup.wait(milliseconds: backoff.next(isRefused: isRefused))
        }
        journal.metrics.setRequestsConnected(false)
        journal.forget(.requests)
        let error = RequestError(.unavailable, "the bus was shut down")
        inbox.refuse(error)
        book.failAll(error)
        ending.end()
    }

    /// True when the bus was shut down.
    private func serve(_ handle: Handle, _ backoff: inout Backoff) throws(BusError) -> Bool {
        do throws(BrokerFailure) {
            try handle.consumeReplies()
        } catch {
            journal.metrics.countConnectFailure(error.cause)
            throw error.busError("broker \(handle.host)")
        }
        journal.connected(.requests, host: "\(handle.host)")
        journal.metrics.setRequestsConnected(true)
        let began = MonotonicTime.now()
        inbox.open()
        let session = RequestSession(
            handle: handle, inbox: inbox, book: book, fuse: fuse, configuration: connector.configuration,
            restoration: restoration, responders: responders, metrics: journal.metrics, logger: logger)
        let end = session.serve()
        journal.metrics.setRequestsConnected(false)
        if session.hasAnswered || Backoff.isStable(since: began) { backoff.reset() }
        switch end {
        case .stopped:
            handle.close(politely: false)
            return true
        case .failed(let failure):
            if !inbox.isStopping { journal.lost(.requests, host: "\(handle.host)", failure) }
            handle.close(politely: false)
            return false
        }
    }
}
