// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import BridgeTestKit
import JSON
import Ocean
import Synchronization
import Testing

@testable import Workers

@Suite("A message that crashes the process", .timeLimit(.minutes(15)))
struct SetAsideTests {
    /// A body at which every reader would fail, with headers that say whose it is.
    private static func update(_ id: String, subject: String? = "ref-1", site: String? = "1234") -> Message {
        var message = Update.message(id)
        message.subject = subject
        message.attributes.site = site
        message.body = Array(canary.utf8)
        return message
    }

    private static func delivery(_ message: Message, _ queue: String, redelivered: Bool = true) -> Delivery {
        Delivery(
            message: message, queue: queue, routingKey: message.subject ?? "", redelivered: redelivered,
            settle: { (_) async throws(BusError) in })
    }

    @Test("is not handled but set aside once the limit is reached; its neighbours are handled, in order")
    func neighbours() async throws {
        let bus = ScriptedBus()
        let book = MarkBook(journal: bus.journal)
        let queue = "ocean.inbound.0"
        let key = "translator|\(queue)|a2"
        book.died(over: key, times: 3)
        for id in ["a1", "a2", "a3", "b1"] {
            bus.feed(Inbound.message(id, ref: String(id.prefix(1))), queue: queue, redelivered: true)
        }
        bus.feed(Inbound.message("b2", ref: "b"), queue: queue)
        let handled = Mutex<[String]>([])
        let crashGuard = CrashGuard(history: book, logger: quiet)
        let isolation = CrashIsolation(crashGuard: crashGuard, stage: "translator")
        let consumer = PartitionConsumer(
            bus: bus, settings: PartitionConsumer.Settings(queues: [queue]), logger: quiet,
            sleep: instantly(ManualClock()), isolation: isolation
        ) { delivery, _, window in
            switch await window.open() {
            case .entered: handled.withLock { $0.append(delivery.message.id) }
            case .poison(let crashes): bus.journal.write("aside \(delivery.message.id) \(crashes)")
            case .stopped: return .abandoned
            }
            return .done
        }
        let run = Task { try await consumer.run() }
        await bus.journal.wait { lines in
            lines.filter { $0.hasPrefix("ack") }.count == 5 && lines.contains("forget \(key)")
        }
        consumer.stop()
        try await run.value
        let all = handled.withLock { $0 }
        #expect(all.filter { $0.hasPrefix("a") } == ["a1", "a3"])
        #expect(all.filter { $0.hasPrefix("b") } == ["b1", "b2"])
        #expect(bus.journal.lines.filter { $0.hasPrefix("aside") } == ["aside a2 3"])
        #expect(book.marks.isEmpty)
        let lines = bus.journal.lines
        // Set aside first, acknowledged next, forgotten last; and only then the one behind it.
        let order = ["aside a2 3", "ack a2", "forget \(key)", "ack a3"].map { lines.firstIndex(of: $0) ?? -1 }
        #expect(order == order.sorted() && !order.contains(-1))
        #expect(!lines.contains { $0.hasPrefix("begin") && $0.hasSuffix("b2") })
    }

    @Test("that cannot be set aside yet stays unsettled and keeps its place")
    func notYet() async throws {
        let bus = ScriptedBus()
        let book = MarkBook(journal: bus.journal)
        let queue = "ocean.inbound.0"
        book.died(over: "translator|\(queue)|a1", times: 9)
        for id in ["a1", "a2"] { bus.feed(Inbound.message(id, ref: "a"), queue: queue, redelivered: true) }
        let tries = Counted()
        let isolation = CrashIsolation(crashGuard: CrashGuard(history: book, logger: quiet), stage: "translator")
        let consumer = PartitionConsumer(
            bus: bus, settings: PartitionConsumer.Settings(queues: [queue]), logger: quiet,
            sleep: instantly(ManualClock()), isolation: isolation
        ) { _, _, window in
            if await window.open() == .entered { return .done }
            return tries.next() == 1 ? .abandoned : .done
        }
        let run = Task { try await consumer.run() }
        await bus.journal.wait(for: "ack a2")
        consumer.stop()
        try await run.value
        #expect(bus.journal.lines.filter { $0.hasPrefix("ack") } == ["ack a1", "ack a2"])
    }

    @Test("a translator's goes to the dead letters as it came, with the reason")
    func translator() async throws {
        let bench = TranslatorBench()
        var message = Inbound.message("m1")
        message.body = Array("not looked at".utf8)
        let queue = "ocean.inbound.0"
        let handle: DeliveryHandler = { await bench.translator.handle($0, stop: $1, window: $2) }
        #expect(await poisoned(bench.signal(), "translator", message, queue, handle) == .done)
        let letter = try #require(bench.bus.published(to: BusNames.deadLetters).first)
        #expect(letter.id == "m1" && letter.body == message.body)
        #expect(letter.headers["x-reason"] == .string("crashed-worker"))
        #expect(letter.headers["x-stage"] == .string("translator"))
        #expect(letter.headers["x-queue"] == .string(queue))
        #expect(letter.headers["x-attempts"] == .integer(3))
        #expect(bench.bus.published.count == 1)
    }

    @Test("a publisher's too, and the hospital hears that it was refused, by the headers alone")
    func publisher() async throws {
        let bench = PublisherBench()
        let queue = "ocean.updates.0"
        let handle: DeliveryHandler = { await bench.publisher.handle($0, stop: $1, window: $2) }
        #expect(await poisoned(bench.signal(), "publisher", Self.update("u1"), queue, handle) == .done)
        let letter = try #require(bench.bus.published(to: BusNames.deadLetters).first)
        #expect(letter.id == "u1" && letter.headers["x-reason"] == .string("crashed-worker"))
        let result = try #require(try bench.results().first)
        #expect(result.outcome == .refused && result.referral == "ref-1" && result.site == "1234")
        #expect(result.updateID == "u1" && result.attempts == 3)
        #expect(result.explanation?.contains(canary) == false)

        // Without a site the referral's record may tell; without either there is nobody to tell.
        bench.store.put(
            ReferralRecord(
                reference: "ref-2", site: "77", status: "received", sourceTime: Timestamp(milliseconds: 0)))
        let known = Self.update("u2", subject: "ref-2", site: nil)
        #expect(await poisoned(bench.signal(), "publisher", known, queue, handle) == .done)
        #expect(try bench.results().last?.site == "77")
        let unknown = Self.update("u3", subject: "ref-3", site: nil)
        #expect(await poisoned(bench.signal(), "publisher", unknown, queue, handle) == .done)
        #expect(try bench.results().count == 2)
        #expect(bench.bus.published(to: BusNames.deadLetters).map(\.id) == ["u1", "u2", "u3"])
        #expect(!bench.journal.lines.contains("process"))
    }

    /// Hands the message over which the process died three times to a worker.
    private func poisoned(
        _ stop: StopSignal, _ stage: String, _ message: Message, _ queue: String, _ handler: DeliveryHandler
    ) async -> HandlerOutcome {
        let book = MarkBook()
        book.died(over: "\(stage)|\(queue)|\(message.id)", times: 3)
        let delivery = Self.delivery(message, queue)
        let window = CrashGuard(history: book, logger: quiet).window(for: delivery, stage: stage, stop: stop)
        return await handler(delivery, stop, window)
    }

    @Test("both workers read and write inside the window and publish outside it")
    func windows() async {
        let translation = TranslatorBench()
        let queue = "ocean.inbound.0"
        let crashGuard = CrashGuard(history: MarkBook(journal: translation.journal), logger: quiet)
        let inbound = Self.delivery(Inbound.message("m1"), queue)
        let window = crashGuard.window(for: inbound, stage: "translator", stop: translation.signal())
        #expect(await translation.translator.handle(inbound, stop: translation.signal(), window: window) == .done)
        let key = "translator|\(queue)|m1"
        let lines = translation.journal.lines.filter { $0.contains("m1") || $0 == "lease" }
        #expect(
            Array(lines.prefix(6)) == [
                "begin \(key)", "end \(key)", "lease", "begin \(key)|write", "end \(key)|write", "published m1-fhir",
            ])

        let publication = PublisherBench()
        let updates = "ocean.updates.0"
        let other = CrashGuard(history: MarkBook(journal: publication.journal), logger: quiet)
        let update = Self.delivery(Update.message("u1"), updates)
        let second = other.window(for: update, stage: "publisher", stop: publication.signal())
        #expect(await publication.publisher.handle(update, stop: publication.signal(), window: second) == .done)
        let marks = publication.journal.lines.filter { $0.contains("u1") || $0 == "process" || $0 == "referral" }
        let mark = "publisher|\(updates)|u1"
        #expect(
            Array(marks.prefix(6)) == [
                "begin \(mark)", "end \(mark)", "referral", "begin \(mark)|write", "end \(mark)|write", "process",
            ])
    }

    @Test("one that crashes the reading of what was fetched for it is set aside; fetching keeps nobody waiting")
    func fetched() async throws {
        let bench = TranslatorBench()
        let queue = "ocean.inbound.0"
        let book = MarkBook(journal: bench.journal)
        let thin = Self.delivery(Inbound.message("m1", Inbound.canonical(thin: true)), queue)
        let key = "translator|\(queue)|m1"
        let crashGuard = CrashGuard(history: book, logger: quiet)
        let window = crashGuard.window(for: thin, stage: "translator", stop: bench.signal())
        #expect(await bench.translator.handle(thin, stop: bench.signal(), window: window) == .done)
        let marks = bench.journal.lines.filter { $0.contains("m1") && !$0.contains("published") }
        #expect(
            Array(marks.prefix(6)) == [
                "begin \(key)", "end \(key)", "begin \(key)|enrich", "end \(key)|enrich", "begin \(key)|write",
                "end \(key)|write",
            ])

        let other = TranslatorBench()
        book.died(over: "\(key)|enrich", times: 3)
        let second = crashGuard.window(for: thin, stage: "translator", stop: other.signal())
        #expect(await other.translator.handle(thin, stop: other.signal(), window: second) == .done)
        #expect(other.bus.published(to: BusNames.deadLetters).map(\.id) == ["m1"])
        #expect(other.bus.published.count == 1)
    }

    @Test("one that crashes the writing is set aside by the handler itself, and nothing of it is published")
    func writing() async throws {
        let bench = TranslatorBench()
        let book = MarkBook()
        let queue = "ocean.inbound.0"
        book.died(over: "translator|\(queue)|m1|write", times: 3)
        let crashGuard = CrashGuard(history: book, logger: quiet)
        let inbound = Self.delivery(Inbound.message("m1"), queue)
        let window = crashGuard.window(for: inbound, stage: "translator", stop: bench.signal())
        #expect(await bench.translator.handle(inbound, stop: bench.signal(), window: window) == .done)
        #expect(bench.bus.published(to: BusNames.deadLetters).map(\.id) == ["m1"])
        #expect(bench.bus.published.count == 1)

        let publication = PublisherBench()
        let updates = "ocean.updates.0"
        book.died(over: "publisher|\(updates)|u1|write", times: 3)
        let update = Self.delivery(Update.message("u1"), updates)
        let second = crashGuard.window(for: update, stage: "publisher", stop: publication.signal())
        #expect(await publication.publisher.handle(update, stop: publication.signal(), window: second) == .done)
        #expect(publication.bus.published(to: BusNames.deadLetters).map(\.id) == ["u1"])
        #expect(try publication.results().map(\.outcome) == [.refused])
        #expect(!publication.journal.lines.contains("process"))
    }
}
