// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import Testing

extension StoreConformanceTests {
    static let lane = Lane(stage: "publisher", key: "ref-1")

    static func parked(
        _ id: String, _ lane: Lane = lane, replay: String? = nil, reason: String = "service", at seconds: Int = 0
    ) -> ParkedMessage {
        var message = Samples.message(id, referral: lane.key)
        if let replay { message.headers["x-replay"] = .string(replay) }
        return ParkedMessage(
            lane: lane, message: message, queue: "ocean.updates.3", routingKey: lane.key, reason: reason, attempts: 2,
            firstAttempt: start, parkedAt: later(seconds))
    }

    /// Takes the whole lane out, in order.
    static func empty(_ lane: Lane, _ store: any StateStore) async throws -> [Message] {
        var taken: [Message] = []
        while let head = try await store.head(of: lane) {
            taken.append(head.message)
            let more = try await store.unpark(head)
            #expect(try await more == (store.head(of: lane) != nil))
        }
        return taken
    }

    @Test("parked messages keep their lane's order and every byte, also after reopening", arguments: StoreUnderTest.all)
    func parkedOrder(_ adapter: StoreUnderTest) async throws {
        let bytes = (0...255).map { UInt8($0) }
        var complete = Self.parked("whole")
        complete.message = Samples.complete(body: bytes)
        var bare = Self.parked("bare")
        bare.message.subject = nil
        bare.message.body = []
        let (first, second) = (complete, bare)
        try await adapter.run { store async throws in
            try await store.park(first, nextAttempt: Self.later(60))
            #expect(try await store.join(second))
            for number in 0..<20 { #expect(try await store.join(Self.parked("m-\(number)", at: number))) }
        } then: { store async throws in
            let head = try #require(try await store.head(of: Self.lane))
            var expected = first
            expected.position = head.position
            #expect(head == expected)
            let messages = try await Self.empty(Self.lane, store)
            #expect(messages == [first.message, second.message] + (0..<20).map { Self.parked("m-\($0)").message })
            #expect(try await store.parkedCount() == (0, 0))
        }
    }

    @Test("a message joins only a parked lane; the last one out frees it", arguments: StoreUnderTest.all)
    func joining(_ adapter: StoreUnderTest) async throws {
        try await adapter.run { store async throws in
            #expect(try await !store.join(Self.parked("m-1")))
            #expect(try await store.head(of: Self.lane) == nil)
            try await store.park(Self.parked("m-1"), nextAttempt: Self.later(60))
            #expect(try await store.join(Self.parked("m-2")))
            #expect(try await !store.join(Self.parked("m-2", Lane(stage: "translator", key: "ref-1"))))
            #expect(try await store.parkedCount() == (1, 2))
            let first = try #require(try await store.head(of: Self.lane))
            #expect(try await store.unpark(first))
            #expect(try await store.unpark(first))
            let second = try #require(try await store.head(of: Self.lane))
            #expect(second.message.id == "m-2")
            #expect(second.position > first.position)
            #expect(try await !store.unpark(second))
            #expect(try await !store.unpark(second))
            #expect(try await !store.join(Self.parked("m-3")))
            #expect(try await store.parkedCount() == (0, 0))
            // A place is never given twice: who still holds an old message removes no new one.
            try await store.park(Self.parked("m-4"), nextAttempt: Self.later(60))
            #expect(try await store.unpark(second))
            #expect(try await store.head(of: Self.lane)?.message.id == "m-4")
        }
    }

    @Test("a message parked twice stands once; its replay is another message", arguments: StoreUnderTest.all)
    func parkedTwice(_ adapter: StoreUnderTest) async throws {
        try await adapter.run { store async throws in
            try await store.park(Self.parked("m-1"), nextAttempt: Self.later(60))
            try await store.park(Self.parked("m-1"), nextAttempt: Self.later(90))
            #expect(try await store.join(Self.parked("m-1")))
            for _ in 0..<2 { #expect(try await store.join(Self.parked("m-1", replay: "batch:m-1"))) }
            let other = Lane(stage: "publisher", key: "ref-2")
            try await store.park(Self.parked("m-1", other, at: 5), nextAttempt: Self.later(70))
            #expect(try await store.parkedCount() == (2, 3))
            let lanes = try await store.parkedLanes(limit: 10)
            #expect(lanes.map(\.lane) == [Self.lane, other])
            #expect(lanes.map(\.count) == [2, 1])
            #expect(lanes.map(\.nextAttempt) == [Self.later(60), Self.later(70)])
            #expect(try await store.parkedLanes(limit: 1).count == 1)
            let messages = try await Self.empty(Self.lane, store)
            #expect(messages.map { $0.headers["x-replay"]?.text } == [nil, "batch:m-1"])
        }
    }

    @Test("a due lane is claimed by one holder until its claim runs out", arguments: StoreUnderTest.all)
    func claims(_ adapter: StoreUnderTest) async throws {
        let later = Lane(stage: "publisher", key: "ref-2")
        try await adapter.run { store async throws in
            try await store.park(Self.parked("m-2", later), nextAttempt: Self.later(50))
            try await store.park(Self.parked("m-1"), nextAttempt: Self.later(40))
            @Sendable func claim(_ holder: String, at now: Int, stage: String = "publisher") async throws -> Lane? {
                try await store.claimDueLane(
                    stage: stage, holder: holder, now: Self.later(now), until: Self.later(now + 30))?.lane
            }
            #expect(try await claim("a", at: 39) == nil)
            #expect(try await claim("a", at: 60, stage: "translator") == nil)
            #expect(try await claim("a", at: 60) == Self.lane)
            #expect(try await claim("b", at: 61) == later)
            #expect(try await claim("c", at: 62) == nil)
            // The first claim ran out: its holder died.
            #expect(try await claim("c", at: 90) == Self.lane)
            let error = await #expect(throws: StoreError.self) {
                try await store.postpone(Self.lane, holder: "a", reason: "late", attempts: 9, until: Self.later(99))
            }
            #expect(error?.code == .notHolder)
            try await store.releaseLane(Self.lane, holder: "a")
            #expect(try await claim("d", at: 90) == nil)
            try await store.releaseLane(Self.lane, holder: "c")
            #expect(try await claim("d", at: 90) == Self.lane)
        }
    }

    @Test("of many claims at once exactly one gets the lane", arguments: StoreUnderTest.all)
    func claimRace(_ adapter: StoreUnderTest) async throws {
        try await adapter.run { store async throws in
            try await store.park(Self.parked("m-1"), nextAttempt: Self.start)
            let winners = try await withThrowingTaskGroup { group in
                for holder in 0..<30 {
                    group.addTask {
                        try await store.claimDueLane(
                            stage: "publisher", holder: "\(holder)", now: Self.start, until: Self.later(30))
                    }
                }
                return try await group.reduce(into: 0) { $0 += $1 == nil ? 0 : 1 }
            }
            #expect(winners == 1)
        }
    }

    @Test("a postponed lane counts a round and waits; waking it makes it due", arguments: StoreUnderTest.all)
    func postponed(_ adapter: StoreUnderTest) async throws {
        try await adapter.run { store async throws in
            try await store.park(Self.parked("m-1"), nextAttempt: Self.start)
            #expect(try await store.join(Self.parked("m-2", reason: "behind")))
            _ = try await store.claimDueLane(
                stage: "publisher", holder: "a", now: Self.start, until: Self.later(30))
            try await store.postpone(
                Self.lane, holder: "a", reason: "throttled", attempts: 7, until: Self.later(600))
            let lane = try #require(try await store.parkedLanes(limit: 1).first)
            #expect(lane.rounds == 1)
            #expect(lane.reason == "throttled")
            #expect(lane.nextAttempt == Self.later(600))
            #expect(try await store.head(of: Self.lane)?.attempts == 7)
        } then: { store async throws in
            #expect(
                try await store.claimDueLane(
                    stage: "publisher", holder: "b", now: Self.later(599), until: Self.later(630)) == nil)
            #expect(try await store.wake(Self.lane, now: Self.later(599)))
            #expect(
                try await store.claimDueLane(
                    stage: "publisher", holder: "b", now: Self.later(599), until: Self.later(630))?.lane == Self.lane)
            #expect(try await !store.wake(Lane(stage: "publisher", key: "ref-9"), now: Self.start))
            let messages = try await Self.empty(Self.lane, store)
            #expect(messages.map(\.id) == ["m-1", "m-2"])
            #expect(try await !store.wake(Self.lane, now: Self.start))
        }
    }

    @Test("a full lot takes no more and loses nothing", arguments: StoreUnderTest.all)
    func full(_ adapter: StoreUnderTest) async throws {
        try await adapter.run { store async throws in
            try await store.park(Self.parked("m-0"), nextAttempt: Self.start)
            for number in 1..<StoreUnderTest.parking.messages {
                #expect(try await store.join(Self.parked("m-\(number)")))
            }
            let joining = await #expect(throws: StoreError.self) { _ = try await store.join(Self.parked("more")) }
            #expect(joining?.code == .full)
            let other = Lane(stage: "publisher", key: "ref-2")
            let parking = await #expect(throws: StoreError.self) {
                try await store.park(Self.parked("more", other), nextAttempt: Self.start)
            }
            #expect(parking?.code == .full)
            #expect(try await !store.join(Self.parked("more", other)))
            // What stands already is no more.
            #expect(try await store.join(Self.parked("m-0")))
            #expect(try await store.parkedCount() == (1, StoreUnderTest.parking.messages))
            let head = try #require(try await store.head(of: Self.lane))
            #expect(try await store.unpark(head))
            #expect(try await store.join(Self.parked("more")))
        }
    }

    @Test("a lot full of bytes takes small messages only", arguments: StoreUnderTest.all)
    func fullOfBytes(_ adapter: StoreUnderTest) async throws {
        var large = Self.parked("large")
        large.message.body = [UInt8](repeating: 0x20, count: StoreUnderTest.parking.bytes)
        let message = large
        try await adapter.run { store async throws in
            let error = await #expect(throws: StoreError.self) {
                try await store.park(message, nextAttempt: Self.start)
            }
            #expect(error?.code == .full)
            #expect(try await store.parkedCount() == (0, 0))
            try await store.park(Self.parked("small"), nextAttempt: Self.start)
            #expect(try await store.parkedCount() == (1, 1))
        }
    }
}
