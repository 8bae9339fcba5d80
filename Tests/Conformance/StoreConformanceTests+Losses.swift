// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import Testing

extension StoreConformanceTests {
    @Test("a path is new once for each partner, over restarts too", arguments: StoreUnderTest.all)
    func losses(_ adapter: StoreUnderTest) async throws {
        try await adapter.run { store async throws in
            #expect(
                try await store.learn(["Patient/a", "Patient/b", "Patient/a"], of: "x", limit: 10, now: Self.start)
                    == LossLesson(new: ["Patient/a", "Patient/b"], isNewlyFull: false))
            #expect(try await store.learn(["Patient/a"], of: "y", limit: 10, now: Self.later(1)).new == ["Patient/a"])
        } then: { store async throws in
            #expect(
                try await store.learn(["Patient/b", "Task/c"], of: "x", limit: 10, now: Self.later(2)).new
                    == ["Task/c"])
            #expect(try await store.losses(of: "x") == ["Patient/a", "Patient/b", "Task/c"])
            #expect(
                try await store.losses(limit: 2) == [
                    KnownLoss(partner: "x", path: "Task/c", firstSeen: Self.later(2)),
                    KnownLoss(partner: "y", path: "Patient/a", firstSeen: Self.later(1)),
                ])
        }
    }

    @Test("a full list grows no more and says so once, over restarts too", arguments: StoreUnderTest.all)
    func fullLosses(_ adapter: StoreUnderTest) async throws {
        try await adapter.run { store async throws in
            #expect(
                try await store.learn(["a", "b", "c"], of: "x", limit: 2, now: Self.start)
                    == LossLesson(new: ["a", "b"], isNewlyFull: true))
        } then: { store async throws in
            #expect(
                try await store.learn(["d"], of: "x", limit: 2, now: Self.later(1))
                    == LossLesson(new: [], isNewlyFull: false))
            #expect(try await store.losses(of: "x") == ["a", "b"])
            #expect(try await store.losses(limit: 9).count == 2)
            #expect(try await store.learn(["d"], of: "x", limit: 3, now: Self.later(2)).new == ["d"])
        }
    }
}
