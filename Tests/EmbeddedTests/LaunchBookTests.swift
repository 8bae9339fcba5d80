// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import BridgeTestKit
import GRDB
import Testing

@testable import Embedded

@Suite("Open launches in the state file", .timeLimit(.minutes(5)))
struct LaunchBookTests {
    private static let now = Timestamp(milliseconds: 1_767_225_600_000)

    private func ticket(_ key: String, lives seconds: Int64 = 60) -> LaunchTicket {
        var launch = LaunchRequested()
        launch.id = "launch-\(key)"
        launch.application = "booking"
        launch.referral = "ref-1"
        launch.parameters.values = ["lang": "fr"]
        launch.launchedAt = Self.now
        return LaunchTicket(
            key: key, application: "booking", challenge: "challenge", claims: ["ref-2", "ré \"3\""], launch: launch,
            expiresAt: Self.now.advanced(by: .seconds(seconds)))
    }

    private func withStore(
        _ body: @Sendable (SQLiteStateStore, String) async throws -> Void
    ) async throws {
        try await withTemporaryDirectory { directory in
            let path = directory + "/state.sqlite"
            let store = try SQLiteStateStore(path: path, logger: .quiet)
            try await body(store, path)
            await store.shutdown()
        }
    }

    @Test("a ticket comes back whole, once, for its application, until its end")
    func once() async throws {
        try await withStore { store, _ in
            try await store.keep(ticket("a"), limit: 10, now: Self.now)
            #expect(try await store.redeem("a", application: "other", now: Self.now) == .unknown)
            #expect(try await store.redeem("b", application: "booking", now: Self.now) == .unknown)
            #expect(try await store.redeem("a", application: "booking", now: Self.now) == .granted(ticket("a")))
            #expect(try await store.redeem("a", application: "booking", now: Self.now) == .used)
            try await store.keep(ticket("c"), limit: 10, now: Self.now)
            let end = Self.now.advanced(by: .seconds(60))
            #expect(try await store.redeem("c", application: "booking", now: end) == .unknown)
            let before = end.advanced(by: .milliseconds(-1))
            #expect(try await store.redeem("c", application: "booking", now: before) == .granted(ticket("c")))
        }
    }

    @Test("of many calls at once one gets the ticket")
    func race() async throws {
        try await withStore { store, _ in
            try await store.keep(ticket("a"), limit: 10, now: Self.now)
            let granted = try await withThrowingTaskGroup(of: Bool.self) { group in
                for _ in 0..<100 {
                    group.addTask {
                        try await store.redeem("a", application: "booking", now: Self.now) == .granted(ticket("a"))
                    }
                }
                return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
            }
            #expect(granted == 1)
        }
    }

    @Test("tickets are bounded; those that ran out make room, and no content outlives its use")
    func bounded() async throws {
        try await withStore { store, path in
            for number in 0..<3 { try await store.keep(ticket("t\(number)"), limit: 3, now: Self.now) }
            let full = await #expect(throws: StoreError.self) {
                try await store.keep(ticket("more"), limit: 3, now: Self.now)
            }
            #expect(full?.code == .full)
            let later = Self.now.advanced(by: .seconds(60))
            try await store.keep(ticket("later", lives: 120), limit: 3, now: later)
            #expect(try await count(path, "1") == 1)
            #expect(
                try await store.redeem("later", application: "booking", now: later)
                    == .granted(ticket("later", lives: 120)))
            #expect(try await count(path, "launch IS NOT NULL OR claims IS NOT NULL OR challenge IS NOT NULL") == 0)
            #expect(try await store.prune(before: Self.now) == 1)
            #expect(try await count(path, "1") == 0)
        }
    }

    private func count(_ path: String, _ condition: String) async throws -> Int {
        var configuration = Configuration()
        configuration.readonly = true
        let file = try DatabaseQueue(path: path, configuration: configuration)
        let count = try await file.read { db in
            try Int.fetchOne(db, sql: "SELECT count(*) FROM launch WHERE \(condition)")
        }
        try file.close()
        return count ?? -1
    }

    @Test("the secret is of the file, and stays")
    func secret() async throws {
        try await withTemporaryDirectory { directory in
            var secrets: Set<[UInt8]> = []
            for _ in 0..<2 {
                let store = try SQLiteStateStore(path: directory + "/state.sqlite", logger: .quiet)
                secrets.insert(try await store.launchSecret())
                #expect(try await store.launchSecret() != store.patientSecret())
                await store.shutdown()
            }
            #expect(secrets.count == 1 && secrets.first?.count == 32)
            let other = try SQLiteStateStore(path: directory + "/other.sqlite", logger: .quiet)
            #expect(try await !secrets.contains(other.launchSecret()))
            await other.shutdown()
        }
    }
}
