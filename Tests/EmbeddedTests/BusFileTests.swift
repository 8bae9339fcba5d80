// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import BridgeTestKit
import FoundationEssentials
import GRDB
import Glibc
import Testing

@testable import Embedded

@Suite("Bus file", .timeLimit(.minutes(15)))
struct BusFileTests {
    @Test("a new file and its directory belong to the owner alone")
    func modes() async throws {
        try await withTemporaryDirectory { directory in
            let path = directory + "/data/bus.sqlite"
            try await withBus(path) { bus in
                try await bus.declare(.bridge(partitions: 1))
                let modes: [(String, mode_t)] = [
                    ("/data", 0o700), ("/data/bus.sqlite", 0o600), ("/data/bus.sqlite-wal", 0o600),
                    ("/data/bus.sqlite-shm", 0o600), ("/data/bus.sqlite.lock", 0o600),
                ]
                for (name, mode) in modes {
                    var status = stat()
                    #expect(stat(directory + name, &status) == 0)
                    #expect(status.st_mode & 0o777 == mode, "\(name)")
                }
            }
        }
    }

    @Test("every connection flushes fully and overwrites what it deletes")
    func pragmas() async throws {
        try await withTemporaryDirectory { directory in
            let file = try DatabaseFile.open(
                path: directory + "/bus.sqlite", label: "test", migrator: BusSchema.migrator)
            let values = try await file.database.writeWithoutTransaction { db in
                try ["synchronous", "secure_delete", "page_size", "journal_mode"].map {
                    try String.fetchOne(db, sql: "PRAGMA \($0)")
                }
            }
            #expect(values == ["2", "1", "8192", "wal"])
        }
    }

    @Test("a file of a newer version is refused with a remedy")
    func newer() async throws {
        try await withTemporaryDirectory { directory in
            let path = directory + "/bus.sqlite"
            try await withBus(path) { bus in try await bus.declare(.bridge(partitions: 1)) }
            let database = try DatabaseQueue(path: path)
            try await database.write { db in
                try db.execute(sql: "INSERT INTO grdb_migrations (identifier) VALUES ('999 of tomorrow')")
            }
            try database.close()
            let error = #expect(throws: BusError.self) { _ = try EmbeddedBus(path: path, logger: .quiet) }
            #expect(error?.disposition == .fatal)
            #expect(error?.message.contains("newer version") == true)
        }
    }

    @Test("a file that is no database is refused as fatal")
    func garbage() async throws {
        try await withTemporaryDirectory { directory in
            let path = directory + "/bus.sqlite"
            try Data(repeating: 0x41, count: 20_000).write(to: URL(filePath: path))
            let error = #expect(throws: BusError.self) { _ = try EmbeddedBus(path: path, logger: .quiet) }
            #expect(error?.disposition == .fatal)
        }
    }

    @Test("a second user of the file is refused and told which process holds it")
    func lock() async throws {
        try await withTemporaryDirectory { directory in
            let path = directory + "/bus.sqlite"
            try await withBus(path) { _ in
                let error = #expect(throws: BusError.self) { _ = try EmbeddedBus(path: path, logger: .quiet) }
                #expect(error?.code == .unavailable)
                #expect(error?.message.contains("process \(ProcessInfo.processInfo.processIdentifier)") == true)
            }
            try await withBus(path) { bus in #expect(await bus.health() == .ready) }
        }
    }

    @Test("a path that cannot be made is an error, not a crash")
    func noDirectory() async throws {
        let error = #expect(throws: BusError.self) {
            _ = try EmbeddedBus(path: "/proc/ocean-bridge/bus.sqlite", logger: .quiet)
        }
        #expect(error?.code == .unavailable)
    }

    @Test("an acknowledged message leaves nothing in the file, shared or not")
    func empties() async throws {
        try await withTemporaryDirectory { directory in
            let path = directory + "/bus.sqlite"
            try await withBus(path) { bus in
                try await bus.declare(
                    Topology(
                        exchanges: [.init(name: "x", kind: .topic)], queues: [.init(name: "a"), .init(name: "b")],
                        bindings: [
                            .init(exchange: "x", queue: "a", routingKey: "#"),
                            .init(exchange: "x", queue: "b", routingKey: "b"),
                        ]))
                for key in ["a", "b", "b"] {
                    try await bus.publish(sample(key), to: .exchange("x", routingKey: key))
                }
                let first = try await bus.subscribe(to: "a", prefetch: 10)
                for delivery in try await take(3, from: first) { try await delivery.ack() }
                #expect(try await bus.depth(of: "b")?.ready == 2)
                let second = try await bus.subscribe(to: "b", prefetch: 10)
                for delivery in try await take(2, from: second) { try await delivery.ack() }
            }
            let database = try DatabaseQueue(path: path)
            let counts = try await database.read { db in
                try ["message", "entry", "shared_message"].map {
                    try Int.fetchOne(db, sql: "SELECT COUNT(*) FROM \($0)")
                }
            }
            #expect(counts == [0, 0, 0])
        }
    }
}
