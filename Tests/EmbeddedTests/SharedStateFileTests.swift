// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import BridgeTestKit
import Testing

@testable import Embedded

@Suite("State file shared by several users", .timeLimit(.minutes(15)))
struct SharedStateFileTests {
    private static let start = Timestamp(milliseconds: 1_767_225_600_000)

    /// Opens the file `count` times at once; SQLite and file locks hold between connections of one process as between
    /// processes.
    private static func withStores(
        _ count: Int, _ body: @Sendable ([SQLiteStateStore]) async throws -> Void
    ) async throws {
        try await withTemporaryDirectory { directory in
            let path = directory + "/state.sqlite"
            let stores = try await withThrowingTaskGroup { group in
                for _ in 0..<count {
                    group.addTask { try SQLiteStateStore(path: path, sharing: true, logger: .quiet) }
                }
                return try await group.reduce(into: [SQLiteStateStore]()) { $0.append($1) }
            }
            let outcome: Result<Void, any Error>
            do {
                try await body(stores)
                outcome = .success(())
            } catch {
                outcome = .failure(error)
            }
            for store in stores { await store.shutdown() }
            try outcome.get()
        }
    }

    @Test("several that open a new file together migrate it once and have one secret")
    func migration() async throws {
        try await Self.withStores(4) { stores in
            var secrets: Set<[UInt8]> = []
            for store in stores {
                try await store.check()
                secrets.insert(try await store.patientSecret())
            }
            #expect(secrets.count == 1)
            #expect(secrets.first?.count == 32)
        }
    }

    @Test("each key is leased to one of them, and what one writes the other reads")
    func leases() async throws {
        try await Self.withStores(2) { stores in
            let wins = try await withThrowingTaskGroup { group in
                for (holder, store) in stores.enumerated() {
                    for number in 0..<150 {
                        group.addTask {
                            try await store.lease(
                                key: "k-\(number)", holder: "\(holder)", now: Self.start,
                                until: Self.start.advanced(by: .seconds(60))) == .acquired
                        }
                    }
                }
                return try await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
            }
            #expect(wins == 150)
            _ = try await stores[0].save(
                ReferralRecord(reference: "ref-1", site: "1", status: "received", sourceTime: Self.start))
            #expect(try await stores[1].referral("ref-1")?.status == "received")
        }
    }

    @Test("while one takes messages out of a lane, none that another adds is lost or overtaken")
    func lot() async throws {
        let lane = Lane(stage: "publisher", key: "ref-1")
        @Sendable func parked(_ number: Int) -> ParkedMessage {
            ParkedMessage(
                lane: lane, message: sample("m-\(number)"), queue: "q", routingKey: "ref-1", reason: "service",
                attempts: 1, firstAttempt: Self.start, parkedAt: Self.start)
        }
        try await Self.withStores(2) { stores in
            let (adding, taking) = (stores[0], stores[1])
            let worked = try await withThrowingTaskGroup(of: [String].self) { group in
                group.addTask {
                    for number in 0..<200 where try await !adding.join(parked(number)) {
                        // The lane was free: this one parks it again.
                        try await adding.park(parked(number), nextAttempt: Self.start)
                    }
                    return []
                }
                group.addTask {
                    var taken: [String] = []
                    while taken.count < 200 {
                        guard let head = try await taking.head(of: lane) else { continue }
                        _ = try await taking.unpark(head)
                        taken.append(head.message.id)
                    }
                    return taken
                }
                return try await group.reduce(into: []) { $0 += $1 }
            }
            #expect(worked == (0..<200).map { "m-\($0)" })
            #expect(try await adding.parkedCount() == (0, 0))
        }
    }

    @Test("who wants the file alone is refused while it is shared, and the other way round")
    func modes() async throws {
        try await withTemporaryDirectory { directory in
            let path = directory + "/state.sqlite"
            let shared = try SQLiteStateStore(path: path, sharing: true, logger: .quiet)
            let alone = #expect(throws: StoreError.self) { _ = try SQLiteStateStore(path: path, logger: .quiet) }
            #expect(alone?.code == .unavailable)
            await shared.shutdown()
            let owner = try SQLiteStateStore(path: path, logger: .quiet)
            let guest = #expect(throws: StoreError.self) {
                _ = try SQLiteStateStore(path: path, sharing: true, logger: .quiet)
            }
            #expect(guest?.code == .unavailable)
            await owner.shutdown()
        }
    }
}
