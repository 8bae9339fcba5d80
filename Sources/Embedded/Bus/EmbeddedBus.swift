// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

package import BridgeCore
import Dispatch
import FoundationEssentials
import GRDB
package import Logging
import Synchronization

/// The hospital's bus in one SQLite file: what a site uses that runs no broker.
///
/// Publishing returns after a flush to the disk; one flush serves all that waited. One process at a time uses a file.
package final class EmbeddedBus: MessageBus {
    private let file: DatabaseFile
    private let core: BusCore
    private let writer: GroupWriter<BusError>
    private let checkpointer: Checkpointer
    private let mailboxes = Mutex<[ObjectIdentifier: Mailbox<Handout>]>([:])
    let limits: EmbeddedBusLimits
    let clock: any WallClock
    let metrics: BusMetrics
    private let logger: Logger
    /// Questions live in memory only: nobody wants them after their time.
    let hall = QuestionHall()
    let book: QuestionBook
    private let isClosed = Atomic<Bool>(false)

    /// Opens or creates the bus file and its directory, readable by its owner only. Blocks while SQLite opens and
    /// migrates the file, so call it at start.
    ///
    /// - Throws: `unavailable` when another process uses the file or it cannot be written, `topologyConflict` when it
    ///   belongs to a newer version or is damaged.
    package init(
        path: String, limits: EmbeddedBusLimits = EmbeddedBusLimits(), logger: Logger,
        clock: any WallClock = SystemClock()
    ) throws(BusError) {
        self.limits = limits
        self.clock = clock
        self.logger = logger
        metrics = BusMetrics()
        book = QuestionBook(maximum: limits.waitingQuestions)
        do {
            file = try DatabaseFile.open(path: path, label: "embedded-bus", migrator: BusSchema.migrator)
            let state = try file.database.writeWithoutTransaction { db in
                if let pages = limits.pages { try db.execute(sql: "PRAGMA max_page_count = \(pages)") }
                return try BusState(db)
            }
            core = BusCore(state, metrics: metrics, logger: logger)
            writer = GroupWriter(
                database: file.database, participant: core,
                limits: GroupWriter.Limits(jobs: limits.waitingMessages, bytes: limits.waitingBytes),
                vocabulary: Self.vocabulary(path: path))
            let seen = Atomic<Int>(0)
            checkpointer = try Checkpointer(
                path: path, label: "embedded-bus-checkpoint", every: 0.5, logger: logger,
                isWanted: { [writer] in
                    let now = writer.commitCount
                    return seen.exchange(now, ordering: .acquiringAndReleasing) != now
                })
        } catch let fault as StorageFault {
            throw BusError(fault.kind == .unavailable ? .unavailable : .topologyConflict, fault.message)
        } catch {
            throw Self.vocabulary(path: path).translate(error, false)
        }
        logger.info("embedded bus opened", metadata: ["path": "\(path)"])
    }

    /// Transactions committed since the start; publishings that waited together share one.
    package var transactionCount: Int { writer.commitCount }

    /// What the stored messages take, envelopes and bodies, in bytes. Reads the whole index: for the start.
    package func storedBytes() async throws(BusError) -> Int {
        try await writer.submit(.memory) { db in
            let sum = "SELECT IFNULL(SUM(length(envelope) + length(body)), 0) FROM message"
            return try Int.fetchOne(db, sql: sum) ?? 0
        }
    }

    package func declare(_ topology: Topology) async throws(BusError) {
        var topology = topology
        let questions = topology.queues.filter { BusNames.isRequest($0.name) }
        topology.queues.removeAll { BusNames.isRequest($0.name) }
        for queue in questions { hall.declare(queue.name) }
        try await declareStored(topology)
    }

    private func declareStored(_ topology: Topology) async throws(BusError) {
        try await writer.submit(.settlement) { [core] db in
            try core.change { state in try state.declare(topology, db) }
        }
    }

    package func bind(queue: String, to exchange: String, routingKey: String) async throws(BusError) {
        try await writer.submit(.settlement) { [core] db in
            try core.change { state in try state.bind(queue: queue, to: exchange, routingKey: routingKey, db) }
        }
    }

    package func publish(_ message: Message, to destination: Destination) async throws(BusError) {
        let started = DispatchTime.now().uptimeNanoseconds
        do {
            try check(message, destination)
            if case .queue(let name) = destination, BusNames.isRequest(name) {
                try hall.put(message, in: name)
                metrics.countPublish(nil, nanoseconds: DispatchTime.now().uptimeNanoseconds - started)
                return
            }
            let stored = StoredMessage(
                id: message.id, envelope: Data(EnvelopeCodec.encode(CloudEventsBinary.properties(of: message))),
                body: Data(message.body), publishedAt: clock.now().milliseconds)
            try await writer.submit(.publish, bytes: stored.envelope.count + stored.body.count) { [core] db in
                try core.change { state in try state.publish(stored, to: destination, db) }
            }
        } catch {
            metrics.countPublish(error, nanoseconds: DispatchTime.now().uptimeNanoseconds - started)
            throw error
        }
        metrics.countPublish(nil, nanoseconds: DispatchTime.now().uptimeNanoseconds - started)
    }

    package func subscribe(to queue: String, prefetch: Int) async throws(BusError) -> Subscription {
        if BusNames.isRequest(queue) { return try listen(to: queue, prefetch: prefetch) }
        let mailbox = Mailbox<Handout>()
        mailboxes.withLock { $0[ObjectIdentifier(mailbox)] = mailbox }
        let id: Int64
        let consumer: UInt64
        do {
            (id, consumer) = try await writer.submit(.memory) { [core] _ in
                try core.change { state in try state.subscribe(to: queue, prefetch: prefetch, mailbox: mailbox) }
            }
        } catch {
            forget(mailbox)
            throw error
        }
        let deliveries = AsyncStream<Delivery>(unfolding: { [self] in
            guard let handout = await mailbox.take() else { return nil }
            return delivery(handout, queue: queue, id: id, consumer: consumer)
        })
        return Subscription(queue: queue, deliveries: deliveries) { [self] in
            await cancel(consumer, of: id, mailbox)
        }
    }

    package func depth(of queue: String) async throws(BusError) -> QueueDepth? {
        if BusNames.isRequest(queue) { return hall.depth(of: queue) }
        return try await storedDepth(of: queue)
    }

    private func storedDepth(of queue: String) async throws(BusError) -> QueueDepth? {
        try await writer.submit(.memory) { [core] db in
            try core.change { state in try state.depth(of: queue, db) }
        }
    }

    package func health() async -> BusHealth {
        if isClosed.load(ordering: .acquiring) { return .notReady(reason: "the embedded bus is shut down") }
        if writer.isBlocked { return .notReady(reason: "the embedded bus has too many publishings waiting") }
        do throws(BusError) {
            // As much as a referral needs, since a full disk still takes a byte.
            try await writer.submit(.probe) { db in
                try db.cachedStatement(sql: "INSERT INTO probe (filler) VALUES (zeroblob(65536))").execute()
                try db.cachedStatement(sql: "DELETE FROM probe").execute()
            }
            return .ready
        } catch {
            return .notReady(reason: error.message)
        }
    }

    package func shutdown() async {
        guard !isClosed.exchange(true, ordering: .acquiringAndReleasing) else { return }
        book.failAll(RequestError(.unavailable, "the embedded bus is shut down"))
        hall.close()
        await writer.close()
        let open = mailboxes.withLock { mailboxes in
            defer { mailboxes = [:] }
            return Array(mailboxes.values)
        }
        for mailbox in open { mailbox.close() }
        await checkpointer.close()
        await withCheckedContinuation { continuation in
            // Closing waits for the connection's queue, which the cooperative pool must not.
            DispatchQueue.global().async { [file, logger] in
                do {
                    try file.database.close()
                } catch {
                    logger.error("the embedded bus was not closed", metadata: ["error": "\(type(of: error))"])
                }
                file.lock.release()
                continuation.resume()
            }
        }
        logger.info("embedded bus closed", metadata: ["path": "\(file.path)"])
    }
}

extension EmbeddedBus {
    private func check(_ message: Message, _ destination: Destination) throws(BusError) {
        guard message.body.count <= limits.messageBytes else {
            throw BusError(
                .tooLarge,
                "a body of \(message.body.count) bytes is above the embedded bus's limit of \(limits.messageBytes)")
        }
        if case .exchange(let name, let routingKey) = destination, routingKey.utf8.count > BusState.longestName {
            throw BusError(.tooLarge, "a routing key for \(name) is longer than 255 bytes")
        }
    }

    private func delivery(_ handout: Handout, queue: String, id: Int64, consumer: UInt64) -> Delivery {
        let properties = EnvelopeCodec.decode(handout.envelope)
        if properties == nil {
            logger.error(
                "a stored envelope is damaged; its message goes out with what is left",
                metadata: ["queue": "\(queue)", "sequence": "\(handout.sequence)"])
        }
        let message = CloudEventsBinary.message(
            from: properties ?? CloudEventsBinary.Properties(), body: handout.body, routingKey: handout.routingKey,
            fallbackID: "embedded-\(handout.sequence)", receivedAt: Timestamp(milliseconds: handout.publishedAt))
        let tag = DeliveryTag(queue: id, consumer: consumer, sequence: handout.sequence)
        return Delivery(
            message: message, queue: queue, routingKey: handout.routingKey, redelivered: handout.redelivered
        ) { [self] settlement async throws(BusError) in
            try await settle(tag, settlement)
        }
    }

    private func settle(_ tag: DeliveryTag, _ settlement: Settlement) async throws(BusError) {
        switch settlement {
        case .ack:
            try await writer.submit(.settlement) { [core] db in
                try core.change { state in try state.acknowledge(tag, db) }
            }
        case .nack(requeue: true):
            try await writer.submit(.memory) { [core] _ in
                try core.change { state in try state.giveBack(tag) }
            }
        case .nack(requeue: false):
            let now = clock.now().milliseconds
            try await writer.submit(.settlement) { [core] db in
                try core.change { state in try state.giveUp(tag, at: now, db) }
            }
        }
        metrics.countSettlement(settlement)
    }

    private func cancel(_ consumer: UInt64, of queue: Int64, _ mailbox: Mailbox<Handout>) async {
        mailbox.close()
        forget(mailbox)
        do {
            try await writer.submit(.memory) { [core] _ in
                core.change { state in state.cancel(consumer: consumer, queue: queue) }
            }
        } catch {
            logger.debug("a consumer was cancelled after shutdown")
        }
    }

    private func forget(_ mailbox: Mailbox<Handout>) {
        mailboxes.withLock { $0[ObjectIdentifier(mailbox)] = nil }
    }

    private static func vocabulary(path: String) -> GroupWriter<BusError>.Vocabulary {
        GroupWriter.Vocabulary(
            blocked: BusError(
                .blocked,
                "too many publishings wait for the disk of \(path): publish slower, or move it to a faster disk"),
            closed: BusError(.closed, "the embedded bus is shut down"),
            translate: { error, committing in
                guard let error = error as? DatabaseError else {
                    return BusError(.unavailable, "the embedded bus \(path) failed: \(type(of: error))")
                }
                let condition = StorageCondition(error)
                return BusError(
                    committing && condition == .device ? .unknownOutcome : .unavailable, "\(path): \(condition.advice)")
            })
    }
}
