// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import BridgeTestKit
import Embedded
import Testing

/// One adapter of the state store, opened twice on the same data.
struct StoreUnderTest: Sendable, CustomTestStringConvertible {
    let name: String
    /// Runs `first` on an empty store, then `second` on the same data after reopening.
    let withStore:
        @Sendable (
            _ first: @Sendable (any StateStore) async throws -> Void,
            _ second: @Sendable (any StateStore) async throws -> Void
        ) async throws -> Void

    var testDescription: String { name }

    static let all = [sqlite(sharing: false), sqlite(sharing: true), memory]

    /// The one that the model checker and the workers' tests stand on.
    static let memory = StoreUnderTest(name: "memory") { first, second in
        let store = MemoryStore(limits: parking)
        try await first(store)
        try await second(store)
    }

    /// What every adapter is given, small enough to be reached in a test.
    static let parking = ParkingLimits(messages: 50, bytes: 1 << 20)

    static func sqlite(sharing: Bool) -> StoreUnderTest {
        StoreUnderTest(name: sharing ? "SQLite, shared" : "SQLite") { first, second in
            try await withTemporaryDirectory { directory in
                @Sendable func open(_ body: @Sendable (any StateStore) async throws -> Void) async throws {
                    let store = try SQLiteStateStore(
                        path: directory + "/state.sqlite", sharing: sharing, parking: parking, logger: .quiet)
                    do {
                        try await body(store)
                    } catch {
                        await store.shutdown()
                        throw error
                    }
                    await store.shutdown()
                }
                try await open(first)
                try await open(second)
            }
        }
    }

    func run(
        _ first: @Sendable (any StateStore) async throws -> Void,
        then second: @Sendable (any StateStore) async throws -> Void = { _ in }
    ) async throws {
        try await withStore(first, second)
    }
}

/// What every adapter of the state store does.
@Suite("Store conformance", .timeLimit(.minutes(15)))
struct StoreConformanceTests {
    static let start = Timestamp(milliseconds: 1_767_225_600_000)
    static func later(_ seconds: Int) -> Timestamp { start.advanced(by: .seconds(seconds)) }

    @Test("a leased key is held until its lease runs out", arguments: StoreUnderTest.all)
    func lease(_ adapter: StoreUnderTest) async throws {
        try await adapter.run { store async throws in
            #expect(try await store.lease(key: "k", holder: "a", now: Self.start, until: Self.later(30)) == .acquired)
            #expect(
                try await store.lease(key: "k", holder: "b", now: Self.later(29), until: Self.later(60))
                    == .held(until: Self.later(30), by: "a"))
            #expect(
                try await store.lease(key: "other", holder: "b", now: Self.start, until: Self.later(9)) == .acquired)
            #expect(
                try await store.lease(key: "k", holder: "b", now: Self.later(30), until: Self.later(60)) == .acquired)
            let error = await #expect(throws: StoreError.self) {
                try await store.complete(key: "k", holder: "a", now: Self.later(31))
            }
            #expect(error?.code == .notHolder)
        }
    }

    @Test("the holder may lease again and moves the end", arguments: StoreUnderTest.all)
    func leaseAgain(_ adapter: StoreUnderTest) async throws {
        try await adapter.run { store async throws in
            for end in [30, 60] {
                #expect(
                    try await store.lease(key: "k", holder: "a", now: Self.start, until: Self.later(end)) == .acquired)
            }
            #expect(
                try await store.lease(key: "k", holder: "b", now: Self.later(40), until: Self.later(99))
                    == .held(until: Self.later(60), by: "a"))
        }
    }

    @Test("a completed key stays done for everybody, also after reopening", arguments: StoreUnderTest.all)
    func done(_ adapter: StoreUnderTest) async throws {
        try await adapter.run { store async throws in
            _ = try await store.lease(key: "k", holder: "a", now: Self.start, until: Self.later(30))
            try await store.complete(key: "k", holder: "a", now: Self.later(5))
            try await store.complete(key: "k", holder: "a", now: Self.later(6))
            for holder in ["a", "b"] {
                #expect(
                    try await store.lease(key: "k", holder: holder, now: Self.later(99), until: Self.later(199))
                        == .done(at: Self.later(5)))
            }
            let error = await #expect(throws: StoreError.self) { try await store.release(key: "k", holder: "a") }
            #expect(error?.code == .notHolder)
        } then: { store async throws in
            #expect(
                try await store.lease(key: "k", holder: "c", now: Self.later(999), until: Self.later(1999))
                    == .done(at: Self.later(5)))
        }
    }

    @Test("a released key is free at once; a stranger cannot release it", arguments: StoreUnderTest.all)
    func release(_ adapter: StoreUnderTest) async throws {
        try await adapter.run { store async throws in
            _ = try await store.lease(key: "k", holder: "a", now: Self.start, until: Self.later(30))
            let error = await #expect(throws: StoreError.self) { try await store.release(key: "k", holder: "b") }
            #expect(error?.code == .notHolder)
            try await store.release(key: "k", holder: "a")
            #expect(try await store.lease(key: "k", holder: "b", now: Self.later(1), until: Self.later(9)) == .acquired)
        }
    }

    @Test("of many claims at once exactly one wins", arguments: StoreUnderTest.all)
    func race(_ adapter: StoreUnderTest) async throws {
        try await adapter.run { store async throws in
            let winners = try await withThrowingTaskGroup { group in
                for holder in 0..<50 {
                    group.addTask {
                        try await store.lease(key: "k", holder: "\(holder)", now: Self.start, until: Self.later(30))
                    }
                }
                return try await group.reduce(into: 0) { $0 += $1 == .acquired ? 1 : 0 }
            }
            #expect(winners == 1)
        }
    }

    @Test("a fingerprint is remembered per referral and from a time on", arguments: StoreUnderTest.all)
    func fingerprints(_ adapter: StoreUnderTest) async throws {
        try await adapter.run { store async throws in
            try await store.remember(fingerprint: "f", referral: "ref-1", now: Self.later(10))
            try await store.remember(fingerprint: "f", referral: "ref-1", now: Self.later(5))
        } then: { store async throws in
            #expect(try await store.isRemembered(fingerprint: "f", referral: "ref-1", since: Self.later(10)))
            #expect(try await !store.isRemembered(fingerprint: "f", referral: "ref-1", since: Self.later(11)))
            #expect(try await !store.isRemembered(fingerprint: "f", referral: "ref-2", since: Self.start))
            #expect(try await !store.isRemembered(fingerprint: "g", referral: "ref-1", since: Self.start))
        }
    }

    @Test("the newer record stays, whichever is written last", arguments: StoreUnderTest.all)
    func newerWins(_ adapter: StoreUnderTest) async throws {
        let newer = ReferralRecord(
            reference: "ref-1", site: "1234", listing: "l-1", service: "cardiology", dialect: "0.11.1",
            status: "accepted", sourceTime: Self.later(10), appointmentIDs: ["b", "a", "c"],
            resources: Array(0...255), received: [1, 0, 2])
        let older = ReferralRecord(reference: "ref-1", site: "1234", status: "received", sourceTime: Self.later(9))
        try await adapter.run { store async throws in
            #expect(try await store.referral("ref-1") == nil)
            #expect(try await store.save(older) == older)
            #expect(try await store.referral("ref-1") == older)
            #expect(try await store.save(newer) == newer)
            #expect(try await store.save(older) == newer)
        } then: { store async throws in
            #expect(try await store.referral("ref-1") == newer)
            var same = newer
            same.status = "booked"
            same.appointmentIDs = ["b"]
            same.resources = nil
            #expect(try await store.save(same) == same)
            #expect(try await store.referral("ref-1") == same)
        }
    }

    @Test("pruning removes what is older and nothing else", arguments: StoreUnderTest.all)
    func prune(_ adapter: StoreUnderTest) async throws {
        try await adapter.run { store async throws in
            for number in 0..<1200 {
                try await store.remember(fingerprint: "f-\(number)", referral: "ref-1", now: Self.later(number))
            }
            _ = try await store.lease(key: "old", holder: "a", now: Self.start, until: Self.later(50))
            _ = try await store.lease(key: "open", holder: "a", now: Self.start, until: Self.later(5000))
            _ = try await store.lease(key: "done", holder: "a", now: Self.start, until: Self.later(50))
            try await store.complete(key: "done", holder: "a", now: Self.later(2000))
            #expect(try await store.prune(before: Self.later(1100)) == 1101)
            #expect(try await store.isRemembered(fingerprint: "f-1100", referral: "ref-1", since: Self.start))
            #expect(try await !store.isRemembered(fingerprint: "f-1099", referral: "ref-1", since: Self.start))
            #expect(try await store.prune(before: Self.later(1100)) == 0)
            #expect(
                try await store.lease(key: "open", holder: "b", now: Self.later(1), until: Self.later(2))
                    == .held(until: Self.later(5000), by: "a"))
            #expect(
                try await store.lease(key: "done", holder: "b", now: Self.later(1), until: Self.later(2))
                    == .done(at: Self.later(2000)))
            try await store.check()
        }
    }
}
