// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import Testing

/// Notes on keys, deliveries, changes and fingerprints.
extension StoreConformanceTests {
    private static func claim(_ key: String, _ holder: String, at now: Int, note: String? = nil) -> Claim {
        Claim(key: key, holder: holder, now: later(now), until: later(now + 30), note: note)
    }

    @Test("a note stays with its key over release, a lease that ran out, and done", arguments: StoreUnderTest.all)
    func notes(_ adapter: StoreUnderTest) async throws {
        try await adapter.run { store async throws in
            #expect(try await store.note(of: "k") == nil)
            #expect(try await store.claim(Self.claim("k", "a", at: 0)).outcome == .acquired)
            #expect(
                try await store.note("n1", on: "k", holder: "a", replacing: nil, saving: nil) == Noted(note: "n1"))
            #expect(try await store.claim(Self.claim("k", "a", at: 1, note: "x")).outcome == .resumed(note: "n1"))
            try await store.release(key: "k", holder: "a")
            #expect(try await store.claim(Self.claim("k", "b", at: 2)).outcome == .resumed(note: "n1"))
            #expect(
                try await store.claim(Self.claim("k", "a", at: 3)).outcome
                    == .held(until: Self.later(32), by: "b"))
        } then: { store async throws in
            #expect(try await store.claim(Self.claim("k", "c", at: 40)).outcome == .resumed(note: "n1"))
            #expect(
                try await store.note("n2", on: "k", holder: "c", replacing: "n1", saving: nil) == Noted(note: "n2"))
            try await store.complete(key: "k", holder: "c", now: Self.later(41))
            #expect(
                try await store.claim(Self.claim("k", "c", at: 42)).outcome
                    == .done(at: Self.later(41), note: "n2"))
            #expect(try await store.note(of: "k") == "n2")
            #expect(try await store.claim(Self.claim("other", "c", at: 42, note: "first")).outcome == .acquired)
            #expect(try await store.note(of: "other") == "first")
            #expect(
                try await store.seize(key: "other", from: "c", holder: "d", now: Self.later(43), until: Self.later(50)))
            #expect(try await store.claim(Self.claim("other", "d", at: 44)).outcome == .resumed(note: "first"))
        }
    }

    @Test("of two notes the first stands, with its record; a stranger writes neither", arguments: StoreUnderTest.all)
    func noteRace(_ adapter: StoreUnderTest) async throws {
        let record = ReferralRecord(reference: "ref-1", site: "1", status: "accepted", sourceTime: Self.later(5))
        var other = record
        other.status = "declined"
        let second = other
        try await adapter.run { store async throws in
            _ = try await store.claim(Self.claim("k", "a", at: 0))
            #expect(
                try await store.note("n1", on: "k", holder: "a", replacing: nil, saving: record)
                    == Noted(note: "n1", record: record))
            #expect(
                try await store.note("n2", on: "k", holder: "a", replacing: nil, saving: second) == Noted(note: "n1"))
            for (key, holder) in [("k", "b"), ("unknown", "a")] {
                let error = await #expect(throws: StoreError.self) {
                    try await store.note("n3", on: key, holder: holder, replacing: "n1", saving: second)
                }
                #expect(error?.code == .notHolder)
            }
            try await store.complete(key: "k", holder: "a", now: Self.later(1))
            let late = await #expect(throws: StoreError.self) {
                try await store.note("n3", on: "k", holder: "a", replacing: "n1", saving: second)
            }
            #expect(late?.code == .notHolder)
        } then: { store async throws in
            #expect(try await store.referral("ref-1") == record)
            #expect(try await store.note(of: "k") == "n1")
        }
    }

    @Test("deliveries are recalled newest first, by stream, once per key", arguments: StoreUnderTest.all)
    func deliveries(_ adapter: StoreUnderTest) async throws {
        @Sendable func content(_ number: Int, _ stream: String = "s") -> DeliveredContent {
            DeliveredContent(
                stream: stream, bundleID: number == 0 ? nil : "b-\(number)", headerID: "h-\(number)",
                digest: "d-\(number)", sourceTime: Self.later(number), deliveredAt: Self.later(100 + number))
        }
        @Sendable func recent(_ store: any StateStore, _ stream: String) async throws -> [DeliveredContent] {
            try await store.claim(
                Claim(key: "look-\(stream)", holder: "a", now: Self.later(0), until: Self.later(1), stream: stream)
            ).recent
        }
        try await adapter.run { store async throws in
            #expect(try await recent(store, "s").isEmpty)
            for number in 0..<(DeliveredContent.recalled + 3) {
                _ = try await store.claim(Self.claim("k-\(number)", "a", at: 0))
                for _ in 0..<2 {
                    try await store.complete(
                        key: "k-\(number)", holder: "a", now: Self.later(number), delivered: content(number))
                }
            }
            _ = try await store.claim(Self.claim("t", "a", at: 0))
            try await store.complete(key: "t", holder: "a", now: Self.later(0), delivered: content(7, "t"))
        } then: { store async throws in
            let all = (0..<(DeliveredContent.recalled + 3)).reversed().map { content($0) }
            #expect(try await recent(store, "s") == Array(all.prefix(DeliveredContent.recalled)))
            #expect(try await recent(store, "t") == [content(7, "t")])
            // A key that is done recalls nothing.
            #expect(
                try await store.claim(Claim(key: "t", holder: "a", now: Self.start, until: Self.start, stream: "t"))
                    .recent.isEmpty)
            let keys = DeliveredContent.recalled + 4 + 2
            #expect(try await store.prune(before: Self.later(1000)) == keys + all.count + 1)
            #expect(try await recent(store, "s").isEmpty)
        }
    }

    @Test("times of change only go forward, whichever record is kept", arguments: StoreUnderTest.all)
    func changes(_ adapter: StoreUnderTest) async throws {
        @Sendable func record(_ time: Int, _ changes: [String: Int]) -> ReferralRecord {
            ReferralRecord(
                reference: "ref-1", site: "1", status: "s-\(time)", sourceTime: Self.later(time),
                changedAt: changes.mapValues { Self.later($0) })
        }
        try await adapter.run { store async throws in
            try await store.save(record(10, ["status": 10, "patient": 3]))
            let kept = try await store.save(record(20, ["status": 5, "kind": 20]))
            #expect(kept.changedAt == ["status": Self.later(10), "patient": Self.later(3), "kind": Self.later(20)])
            #expect(try await store.save(record(15, ["patient": 15])).status == "s-20")
        } then: { store async throws in
            let found = try #require(try await store.referral("ref-1"))
            #expect(found.status == "s-20")
            #expect(found.changedAt == ["status": Self.later(10), "patient": Self.later(15), "kind": Self.later(20)])
        }
    }

    @Test("fingerprints are found together, with their times, and can be forgotten", arguments: StoreUnderTest.all)
    func forgotten(_ adapter: StoreUnderTest) async throws {
        try await adapter.run { store async throws in
            for (number, name) in ["a", "b", "c"].enumerated() {
                try await store.remember(fingerprint: name, referral: "ref-1", now: Self.later(number))
            }
            try await store.remember(fingerprint: "a", referral: "ref-2", now: Self.later(9))
            #expect(
                try await store.remembered(["a", "c", "x"], referral: "ref-1", since: Self.start)
                    == ["a": Self.later(0), "c": Self.later(2)])
            #expect(try await store.remembered([], referral: "ref-1", since: Self.start).isEmpty)
            try await store.forget(["a", "b", "x"], referral: "ref-1")
        } then: { store async throws in
            let kept = try await store.remembered(["a", "b", "c"], referral: "ref-1", since: Self.start)
            #expect(kept.keys.sorted() == ["c"])
            #expect(try await store.isRemembered(fingerprint: "a", referral: "ref-2", since: Self.start))
        }
    }

    @Test("the claim of a lane is renewed by its holder only", arguments: StoreUnderTest.all)
    func renewed(_ adapter: StoreUnderTest) async throws {
        try await adapter.run { store async throws in
            try await store.park(Self.parked("m-1"), nextAttempt: Self.start)
            _ = try await store.claimDueLane(stage: "publisher", holder: "a", now: Self.start, until: Self.later(30))
            try await store.renewClaim(Self.lane, holder: "a", until: Self.later(60))
            #expect(
                try await store.claimDueLane(
                    stage: "publisher", holder: "b", now: Self.later(59), until: Self.later(90)) == nil)
            for (lane, holder) in [(Self.lane, "b"), (Lane(stage: "publisher", key: "ref-9"), "a")] {
                let error = await #expect(throws: StoreError.self) {
                    try await store.renewClaim(lane, holder: holder, until: Self.later(99))
                }
                #expect(error?.code == .notHolder)
            }
            try await store.releaseLane(Self.lane, holder: "a")
            let free = await #expect(throws: StoreError.self) {
                try await store.renewClaim(Self.lane, holder: "a", until: Self.later(99))
            }
            #expect(free?.code == .notHolder)
        }
    }
}
