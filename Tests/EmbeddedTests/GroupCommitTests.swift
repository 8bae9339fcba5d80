// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import BridgeTestKit
import Dispatch
import GRDB
import Testing

@testable import Embedded

@Suite("Group commit", .timeLimit(.minutes(15)))
struct GroupCommitTests {
    @Test("publishings that wait together share a transaction")
    func groups() async throws {
        try await withTemporaryDirectory { directory in
            try await withBus(directory + "/bus.sqlite") { bus in
                try await bus.declare(.bridge(partitions: 1))
                let before = bus.transactionCount
                try await withThrowingTaskGroup { group in
                    for publisher in 0..<64 {
                        group.addTask {
                            for number in 0..<20 {
                                try await bus.publish(
                                    sample("\(publisher)/\(number)", bytes: 20_000), to: .queue(BusNames.invalid))
                            }
                        }
                    }
                    try await group.waitForAll()
                }
                let transactions = bus.transactionCount - before
                #expect(transactions < 1280 / 4, "\(transactions) transactions for 1280 messages")
                #expect(try await bus.depth(of: BusNames.invalid)?.ready == 1280)
            }
        }
    }

    private static let refusals = GroupWriter<BusError>.Vocabulary(
        blocked: BusError(.blocked, "full"), closed: BusError(.closed, "closed"),
        translate: { error, _ in BusError(.unavailable, "\(error)") })

    @Test("beyond its bounds the inbox refuses publishings but takes settlements")
    func bounds() async throws {
        let database = try DatabaseQueue()
        let writer = GroupWriter<BusError>(
            database: database, limits: .init(jobs: 3, bytes: 1000), vocabulary: Self.refusals)
        let gate = DispatchSemaphore(value: 0)
        let (entered, enters) = AsyncStream<Void>.makeStream()
        try await withThrowingTaskGroup { group in
            group.addTask {
                // Holds the writer's own queue, not a thread of the pool.
                try await writer.submit(.memory) { _ in
                    enters.yield()
                    gate.wait()
                }
            }
            for await _ in entered { break }
            group.addTask { try await writer.submit(.publish, bytes: 1500) { _ in } }
            while !writer.isBlocked { await Task.yield() }
            let error = await #expect(throws: BusError.self) { try await writer.submit(.publish, bytes: 1) { _ in } }
            #expect(error?.code == .blocked)
            group.addTask { try await writer.submit(.settlement) { _ in } }
            gate.signal()
            try await group.waitForAll()
            try await writer.submit(.publish, bytes: 1) { _ in }
        }
    }

    @Test("a job that refuses fails alone; the others of its transaction are committed")
    func refusal() async throws {
        let database = try DatabaseQueue()
        let writer = GroupWriter<BusError>(database: database, vocabulary: Self.refusals)
        try await database.write { db in try db.execute(sql: "CREATE TABLE t (n INTEGER)") }
        await withTaskGroup { group in
            for number in 0..<40 {
                group.addTask {
                    do {
                        try await writer.submit(.publish) { db in
                            if number % 2 == 0 { throw BusError(.unroutable, "even") }
                            try db.execute(sql: "INSERT INTO t VALUES (?)", arguments: [number])
                        }
                        #expect(number % 2 == 1)
                    } catch {
                        #expect((error as? BusError)?.code == .unroutable)
                        #expect(number % 2 == 0)
                    }
                }
            }
        }
        #expect(try await database.read { db in try Int.fetchOne(db, sql: "SELECT COUNT(*) FROM t") } == 20)
    }

    @Test("closing answers what was accepted and refuses the rest")
    func closing() async throws {
        let writer = GroupWriter<BusError>(database: try DatabaseQueue(), vocabulary: Self.refusals)
        try await withThrowingTaskGroup { group in
            for _ in 0..<50 {
                group.addTask {
                    do {
                        try await writer.submit(.publish) { _ in }
                    } catch let error as BusError {
                        #expect(error.code == .closed)
                    }
                }
            }
            await writer.close()
            let error = await #expect(throws: BusError.self) { try await writer.submit(.memory) { _ in } }
            #expect(error?.code == .closed)
            try await group.waitForAll()
        }
    }
}
