// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import BridgeTestKit
import Dispatch
import FoundationEssentials
import GRDB
import Synchronization
import Testing

@testable import Embedded

/// What publishers and consumers know.
private final class Ledger: Sendable {
    struct Entries {
        var confirmed: Set<Int> = []
        var received: Set<Int> = []
        /// The acknowledgement was begun; it may be done.
        var acknowledged: Set<Int> = []
        var isDone = false
    }

    private let entries = Mutex(Entries())

    var now: Entries { entries.withLock { $0 } }
    var isDone: Bool { entries.withLock { $0.isDone } }
    var confirmedCount: Int { entries.withLock { $0.confirmed.count } }
    /// How many messages stand in the queue, or a few more.
    var waiting: Int { entries.withLock { $0.confirmed.count - $0.acknowledged.count } }

    func change(_ body: (inout Entries) -> Void) {
        entries.withLock { body(&$0) }
    }
}

/// Opens copies of the files, taken while the bus writes: what a process finds after a SIGKILL.
@Suite("Crash", .timeLimit(.minutes(15)))
struct CrashTests {
    static let publishers = 6
    /// More than the consumers keep unsettled, so that these never wait for each other.
    static let most = 1_000
    static let queue = BusNames.partition(BusNames.updates, 0)

    @Test("a copy taken at any moment holds what was confirmed and not acknowledged, in order and marked")
    func copies() async throws {
        try await withTemporaryDirectory { directory in
            let path = directory + "/bus.sqlite"
            try await withBus(path) { bus in
                try await bus.declare(Topology(queues: [.init(name: Self.queue)]))
                let ledger = Ledger()
                var subscriptions: [Subscription] = []
                for _ in 0..<Self.publishers {
                    subscriptions.append(try await bus.subscribe(to: Self.queue, prefetch: 20))
                }
                try await withThrowingTaskGroup { group in
                    for publisher in 0..<Self.publishers {
                        group.addTask { try await Self.publish(publisher, on: bus, ledger) }
                    }
                    for subscription in subscriptions {
                        group.addTask { await Self.consume(subscription, ledger) }
                    }
                    for round in 0..<20 {
                        // Another few messages, so that the copies differ.
                        let target = ledger.confirmedCount + Int.random(in: 1...40)
                        while ledger.confirmedCount < target { try await Task.sleep(for: .milliseconds(1)) }
                        let before = ledger.now
                        let copy = directory + "/copy-\(round).sqlite"
                        try await copyDatabase(path, to: copy)
                        try await verify(copy, before, after: ledger.now)
                    }
                    ledger.change { $0.isDone = true }
                    for subscription in subscriptions { await subscription.cancel() }
                    try await group.waitForAll()
                }
            }
        }
    }

    private static func publish(_ publisher: Int, on bus: EmbeddedBus, _ ledger: Ledger) async throws {
        var number = 0
        while !ledger.isDone {
            // Each copy is read to its end: without a bound a slow machine would fall ever further behind.
            while ledger.waiting > Self.most, !ledger.isDone { try await Task.sleep(for: .milliseconds(1)) }
            let id = publisher * 1_000_000 + number
            try await bus.publish(sample("\(id)", bytes: 5000), to: .queue(queue))
            ledger.change { $0.confirmed.insert(id) }
            number += 1
        }
    }

    /// Keeps the latest fifteen deliveries unsettled.
    private static func consume(_ subscription: Subscription, _ ledger: Ledger) async {
        var held: [Delivery] = []
        for await delivery in subscription.deliveries {
            let id = Int(delivery.message.id) ?? -1
            ledger.change { $0.received.insert(id) }
            held.append(delivery)
            guard held.count > 15 else { continue }
            let oldest = held.removeFirst()
            ledger.change { $0.acknowledged.insert(Int(oldest.message.id) ?? -1) }
            do throws(BusError) {
                try await oldest.ack()
            } catch {
                // Cancelled at the end of the test.
                #expect(error.code == .stale && ledger.isDone)
            }
        }
    }

    private func verify(_ path: String, _ before: Ledger.Entries, after: Ledger.Entries) async throws {
        try await withBus(path) { bus in
            let ready = try #require(try await bus.depth(of: Self.queue)).ready
            let subscription = try await bus.subscribe(to: Self.queue, prefetch: ready)
            let deliveries = try await take(ready, from: subscription)
            let ids = deliveries.compactMap { Int($0.message.id) }
            let missing = before.confirmed.subtracting(after.acknowledged).subtracting(ids)
            #expect(missing.isEmpty, "\(missing.count) confirmed messages are lost")
            for publisher in 0..<Self.publishers {
                let own = ids.filter { $0 / 1_000_000 == publisher }
                #expect(own == own.sorted())
                #expect(Set(own).count == own.count)
            }
            for delivery in deliveries where Int(delivery.message.id).map(before.received.contains) == true {
                #expect(delivery.redelivered)
            }
        }
        let file = try DatabaseFile.open(path: path, label: "verify", migrator: BusSchema.migrator)
        let integrity = try await file.database.writeWithoutTransaction { db in
            try String.fetchOne(db, sql: "PRAGMA integrity_check")
        }
        #expect(integrity == "ok")
        try file.database.close()
    }

    /// Database first, then the log: whatever a checkpoint moves in between is still in the log. Only a log that
    /// started anew in between makes the copy worthless (its salts change); then it is taken again.
    private func copyDatabase(_ path: String, to copy: String) async throws {
        try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
            DispatchQueue.global().async {
                continuation.resume(
                    with: Result {
                        while true {
                            let salts = try Data(contentsOf: URL(filePath: path + "-wal")).prefix(24).suffix(8)
                            let database = try Data(contentsOf: URL(filePath: path))
                            let log = try Data(contentsOf: URL(filePath: path + "-wal"))
                            guard log.prefix(24).suffix(8) == salts else { continue }
                            try database.write(to: URL(filePath: copy))
                            try log.write(to: URL(filePath: copy + "-wal"))
                            return
                        }
                    })
            }
        }
    }
}
