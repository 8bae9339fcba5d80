// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

package import BridgeCore
package import Logging
import Synchronization

/// The bus on RabbitMQ, through librabbitmq 0.11.
///
/// Publishing, each subscription and topology calls have connections and threads of their own; nothing blocks the
/// cooperative pool. Connections are made on first use and made again by themselves.
package final class RabbitMQBus: MessageBus {
    private struct State {
        var publisher: Publisher?
        var requests: RequestConnection?
        var consumers: [ObjectIdentifier: Consumer] = [:]
        var isClosed = false
    }

    let configuration: RabbitMQConfiguration
    private let connector: Connector
    private let control: ControlConnection
    private let topology = DeclaredTopology()
    private let restoration: TopologyRestoration
    private let journal: BusJournal
    private let logger: Logger
    private let state = Mutex(State())
    let book: QuestionBook
    let responders: ResponderWatch

    var metrics: BusMetrics { journal.metrics }

    package convenience init(configuration: RabbitMQConfiguration, logger: Logger) {
        self.init(configuration: configuration, logger: logger, metrics: BusMetrics())
    }

    init(configuration: RabbitMQConfiguration, logger: Logger, metrics: BusMetrics) {
        self.configuration = configuration
        self.logger = logger
        journal = BusJournal(metrics: metrics, logger: logger)
        connector = Connector(configuration: configuration, metrics: metrics)
        control = ControlConnection(connector: connector)
        book = QuestionBook(maximum: configuration.maximumQuestions)
        responders = ResponderWatch(control: control, book: book)
        restoration = TopologyRestoration(topology: topology, control: control, journal: journal)
        restoration.whenQueueIsBack { [weak self] queue in
            guard let self else { return }
            let consumers = state.withLock { Array($0.consumers.values) }
            for consumer in consumers where consumer.queue == queue { consumer.renew() }
        }
    }

    deinit {
        // Without a shutdown nobody waits for the threads, but they must not serve on for ever.
        let (publisher, requests, consumers) = state.withLock {
            ($0.publisher, $0.requests, Array($0.consumers.values))
        }
        publisher?.inbox.stop()
        requests?.inbox.stop()
        for consumer in consumers { consumer.stop() }
        control.close()
    }

    package func declare(_ wanted: Topology) async throws(BusError) {
        // Passive look and declaration of each part; a cluster takes its time for quorum queues.
        let parts = wanted.exchanges.count + wanted.queues.count + wanted.bindings.count
        try await control.perform(within: configuration.publishTimeout + .milliseconds(100 * parts)) {
            handle throws(BusError) in
            try TopologyDeclaration(handle: handle).declare(wanted)
        }
        topology.add(wanted)
    }

    package func bind(queue: String, to exchange: String, routingKey: String) async throws(BusError) {
        let binding = Topology.Binding(exchange: exchange, queue: queue, routingKey: routingKey)
        let isMade = try await control.perform { handle throws(BusError) in
            let declaration = TopologyDeclaration(handle: handle)
            // A queue that is there stays as it is, whatever its arguments.
            let isMade = try handle.depth(of: queue) == nil
            if isMade { try declaration.declare(Topology.Queue(name: queue)) }
            try declaration.bind(binding)
            return isMade
        }
        // Only what was made here is made again when it is lost.
        topology.add(Topology(queues: isMade ? [Topology.Queue(name: queue)] : [], bindings: [binding]))
    }

    package func depth(of queue: String) async throws(BusError) -> QueueDepth? {
        try await control.perform { handle throws(BusError) in try handle.depth(of: queue) }
    }

    package func publish(_ message: Message, to destination: Destination) async throws(BusError) {
        let started = MonotonicTime.now()
        let error = await outcome(of: message, to: destination)
        metrics.countPublish(error, nanoseconds: MonotonicTime.now() - started)
        if let error { throw error }
    }

    private func outcome(of message: Message, to destination: Destination) async -> BusError? {
        do throws(BusError) {
            let content = try content(message, destination)
            return await (try publisher()).inbox.submit(content)
        } catch {
            return error
        }
    }

    private func content(
        _ message: Message, _ destination: Destination
    ) throws(BusError) -> PendingPublish.Content {
        let limit = configuration.maximumMessageBytes
        var lane: String?
        let exchange: String
        let routingKey: String
        switch destination {
        case .exchange(let name, let key):
            if let queue = PartitionKey.queue(behind: name, of: key, configuration.partitions) {
                (exchange, routingKey, lane) = ("", queue, key)
            } else {
                (exchange, routingKey) = (name, key)
            }
        case .queue(let name): (exchange, routingKey) = ("", name)
        }
        guard message.body.count <= limit else {
            throw BusError(.tooLarge, "body of \(message.body.count) bytes; the bus takes \(limit)")
        }
        let short = CloudEventsBinary.Properties.shortLimit
        guard exchange.utf8.count <= short, routingKey.utf8.count <= short else {
            throw BusError(.tooLarge, "exchange or routing key is longer than AMQP's \(short) bytes")
        }
        var properties = CloudEventsBinary.properties(of: message)
        properties.headers[PartitionKey.header] = lane.map { .string($0) }
        guard properties.headers.keys.allSatisfy({ $0.utf8.count <= 128 }) else {
            throw BusError(.tooLarge, "a header's name is longer than AMQP's 128 bytes")
        }
        return PendingPublish.Content(
            exchange: exchange, routingKey: routingKey, properties: properties, body: message.body)
    }

    package func subscribe(to queue: String, prefetch: Int) async throws(BusError) -> Subscription {
        let consumer = try Consumer(
            queue: queue, prefetch: prefetch, connector: connector, restoration: restoration, journal: journal,
            logger: logger)
        let isClosed = state.withLock { state in
            if !state.isClosed { state.consumers[ObjectIdentifier(consumer)] = consumer }
            return state.isClosed
        }
        if isClosed { throw closed }
        do throws(BusError) {
            try await consumer.start()
        } catch {
            forget(consumer)
            throw error
        }
        return Subscription(queue: queue, deliveries: consumer.deliveries) { [weak self] in
            await consumer.cancel()
            self?.forget(consumer)
        }
    }

    package func health() async -> BusHealth {
        let inbox: PublisherInbox
        do throws(BusError) {
            inbox = try publisher().inbox
        } catch {
            return .notReady(reason: error.message)
        }
        // The first question after a start waits a little for the first connection.
        if let error = await inbox.submit(nil, timeout: min(.seconds(2), configuration.publishTimeout)) {
            return .notReady(reason: error.message)
        }
        if inbox.isStalled { return .notReady(reason: "\(configuration.place): the broker does not confirm in time") }
        let consumers = state.withLock { Array($0.consumers.values) }
        if let consumer = consumers.first(where: { !$0.isServing }) {
            return .notReady(reason: "consumer of queue \(consumer.queue) is not connected")
        }
        return .ready
    }

    package func shutdown() async {
        let (publisher, requests, consumers) = state.withLock { state in
            state.isClosed = true
            defer {
                state.consumers = [:]
                state.publisher = nil
                state.requests = nil
            }
            return (state.publisher, state.requests, Array(state.consumers.values))
        }
        await requests?.shutdown()
        for consumer in consumers { await consumer.cancel() }
        await publisher?.shutdown()
        control.close()
    }

    private var closed: BusError { BusError(.closed, "\(configuration.place): the bus was shut down") }

    private func forget(_ consumer: Consumer) {
        _ = state.withLock { $0.consumers.removeValue(forKey: ObjectIdentifier(consumer)) }
    }

    /// Made with the first question.
    func requestConnection() throws(BusError) -> RequestConnection {
        let result: Result<RequestConnection, BusError> = state.withLock { state in
            if state.isClosed { return .failure(closed) }
            if let requests = state.requests { return .success(requests) }
            do throws(BusError) {
                let made = try RequestConnection(
                    book: book, connector: connector, restoration: restoration, responders: responders,
                    journal: journal, logger: logger)
                state.requests = made
                return .success(made)
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }

    func publisher() throws(BusError) -> Publisher {
        let result: Result<Publisher, BusError> = state.withLock { state in
            if state.isClosed { return .failure(closed) }
            if let publisher = state.publisher { return .success(publisher) }
            do throws(BusError) {
                let made = try Publisher(
                    connector: connector, restoration: restoration, journal: journal, logger: logger)
                state.publisher = made
                return .success(made)
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }
}
