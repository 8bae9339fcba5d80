// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import BridgeTestKit
import Embedded
import Testing

@testable import DataSource

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

@Suite("Data sources from queues", .timeLimit(.minutes(1)))
struct QueueSourceTests {
    private static let queue = "hospital.wait-times"
    private static let pauses = RetryPolicy(base: .milliseconds(10), cap: .milliseconds(20))

    private static func message(_ id: String, _ text: String) -> Message {
        Message(
            id: id, source: "/hospital", type: .documentReplaced, subject: nil,
            time: Timestamp(milliseconds: 1_767_225_600_000), body: Array(text.utf8))
    }

    private func withBus(
        _ body: @Sendable (EmbeddedBus, _ directory: String, LogBook) async throws -> Void
    ) async throws {
        try await withTemporaryDirectory { directory in
            let book = LogBook()
            let bus = try EmbeddedBus(path: directory + "/bus.sqlite", logger: book.logger)
            do {
                try await bus.declare(Topology(queues: [Topology.Queue(name: BusNames.invalid)]))
                try await body(bus, directory, book)
            } catch {
                await bus.shutdown()
                throw error
            }
            await bus.shutdown()
        }
    }

    private func source(_ bus: any MessageBus, _ directory: String, _ book: LogBook) -> QueueSource {
        QueueSource(
            name: "wait-times", queue: Self.queue, directory: directory + "/kept", limit: 1000, bus: bus,
            pauses: Self.pauses, logger: book.logger)
    }

    /// Runs the source until `body` is done.
    private func running(_ source: QueueSource, _ body: @Sendable () async throws -> Void) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await source.run() }
            try await body()
            group.cancelAll()
        }
    }

    private func until(_ source: QueueSource, _ text: String) async throws {
        while await source.outcome() != text { try await Task.sleep(for: .milliseconds(5)) }
    }

    private func untilEmpty(_ bus: any MessageBus) async throws {
        while try await bus.depth(of: Self.queue).map({ $0.ready + $0.unsettled }) != 0 {
            try await Task.sleep(for: .milliseconds(5))
        }
    }

    @Test("the last good message is served, also after a restart without the bus")
    func last() async throws {
        try await withBus { bus, directory, book in
            let source = source(bus, directory, book)
            try await running(source) {
                while try await bus.depth(of: Self.queue) == nil { try await Task.sleep(for: .milliseconds(5)) }
                for number in 1...5 {
                    try await bus.publish(Self.message("m-\(number)", "[\(number)]"), to: .queue(Self.queue))
                }
                try await until(source, "[5]")
                try await untilEmpty(bus)
            }
            await bus.shutdown()
            let next = self.source(bus, directory, book)
            #expect(await next.outcome() == "not-yet")
            await next.restore()
            #expect(await next.outcome() == "[5]")
        }
    }

    @Test("what is not JSON, or too long, goes to the invalid lane with its reason; the good document stays")
    func broken() async throws {
        try await withBus { bus, directory, book in
            let source = source(bus, directory, book)
            try await running(source) {
                while try await bus.depth(of: Self.queue) == nil { try await Task.sleep(for: .milliseconds(5)) }
                let long = "[\"" + String(repeating: "x", count: 1000) + "\"]"
                for (id, text) in [("good", "[1]"), ("broken", "{\"a\":"), ("long", long)] {
                    try await bus.publish(Self.message(id, text), to: .queue(Self.queue))
                }
                let invalid = try await bus.subscribe(to: BusNames.invalid, prefetch: 10)
                var deliveries = invalid.deliveries.makeAsyncIterator()
                for (id, reason) in [("broken", "not-json"), ("long", "too-large")] {
                    let delivery = try #require(await deliveries.next())
                    #expect(delivery.message.id == id)
                    #expect(delivery.message.headers["x-reason"] == .string(reason))
                    #expect(delivery.message.headers["x-stage"] == .string("data-source"))
                    try await delivery.ack()
                }
                #expect(await source.outcome() == "[1]")
                try await untilEmpty(bus)
            }
        }
    }

    @Test("a document that cannot be kept is served, and stays on its queue until it can")
    func fullDisk() async throws {
        try await withBus { bus, directory, book in
            let source = source(bus, directory, book)
            // A file in the place of the directory.
            try Files.write("", to: directory + "/kept", second: 1)
            try await running(source) {
                while try await bus.depth(of: Self.queue) == nil { try await Task.sleep(for: .milliseconds(5)) }
                try await bus.publish(Self.message("m-1", "[1]"), to: .queue(Self.queue))
                try await until(source, "[1]")
                while book.count("cannot keep") == 0 { try await Task.sleep(for: .milliseconds(5)) }
                #expect(try await bus.depth(of: Self.queue)?.unsettled == 1)
                let (from, to) = (directory + "/kept", directory + "/aside")
                #expect(rename(from, to) == 0)
                try await untilEmpty(bus)
            }
            #expect(book.count("cannot keep") == 1)
            let next = self.source(bus, directory, book)
            await next.restore()
            #expect(await next.outcome() == "[1]")
        }
    }

    @Test("a damaged copy on disk is not served")
    func damaged() async throws {
        try await withBus { bus, directory, book in
            #expect(mkdir(directory + "/kept", 0o700) == 0)
            try Files.write("[1", to: directory + "/kept/wait-times.json", second: 1)
            let source = source(bus, directory, book)
            await source.restore()
            #expect(await source.outcome() == "not-yet")
            #expect(book.count("code=not-json") == 1)
        }
    }
}
