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

/// What the publishers were told.
private final class Ledger: Sendable {
    private let state = Mutex((confirmed: [Int](), isDone: false))

    var confirmed: [Int] { state.withLock { $0.confirmed } }
    var isDone: Bool { state.withLock { $0.isDone } }

    func add(_ id: Int) {
        state.withLock { $0.confirmed.append(id) }
    }

    func finish() {
        state.withLock { $0.isDone = true }
    }
}

/// Opens copies of the files, taken while the bus writes: what a process finds after a SIGKILL.
@Suite("Crash", .timeLimit(.minutes(2)))
struct CrashTests {
    @Test("every confirmed message is in a copy taken at any moment, in order")
    func copies() async throws {
        try await withTemporaryDirectory { directory in
            let path = directory + "/bus.sqlite"
            try await withBus(path) { bus in
                try await bus.declare(.bridge(partitions: 1))
                let ledger = Ledger()
                try await withThrowingTaskGroup { group in
                    for publisher in 0..<8 {
                        group.addTask {
                            var number = 0
                            while !ledger.isDone {
                                let id = publisher * 1_000_000 + number
                                try await bus.publish(
                                    sample("\(id)", bytes: 5000),
                                    to: .exchange(BusNames.inbound, routingKey: "ref-\(publisher)"))
                                ledger.add(id)
                                number += 1
                            }
                        }
                    }
                    defer { ledger.finish() }
                    for round in 0..<20 {
                        // Another few messages, so that the copies differ.
                        let target = ledger.confirmed.count + Int.random(in: 1...40)
                        while ledger.confirmed.count < target { await Task.yield() }
                        let before = Set(ledger.confirmed)
                        let copy = directory + "/copy-\(round).sqlite"
                        try await copyDatabase(path, to: copy)
                        try await verify(copy, holds: before)
                    }
                    ledger.finish()
                    try await group.waitForAll()
                }
            }
        }
    }

    private func verify(_ path: String, holds confirmed: Set<Int>) async throws {
        try await withBus(path) { bus in
            let queue = BusNames.partition(BusNames.inbound, 0)
            let ready = try #require(try await bus.depth(of: queue)).ready
            let subscription = try await bus.subscribe(to: queue, prefetch: ready)
            let ids = try await take(ready, from: subscription).compactMap { Int($0.message.id) }
            #expect(confirmed.isSubset(of: ids), "\(confirmed.subtracting(ids).count) confirmed messages are lost")
            for publisher in 0..<8 {
                let own = ids.filter { $0 / 1_000_000 == publisher }
                #expect(own == (0..<own.count).map { publisher * 1_000_000 + $0 })
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
