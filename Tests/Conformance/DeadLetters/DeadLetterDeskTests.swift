// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import Embedded
import Testing
import Workers

/// The desk on every adapter of the bus, with the real store and a real worker.
@Suite("Dead-letter desk", .timeLimit(.minutes(15)))
struct DeadLetterDeskTests {
    @Test("looking keeps order, number and headers of what stands there", arguments: BusUnderTest.all)
    func looking(_ adapter: BusUnderTest) async throws {
        try await DeskWorld.run(on: adapter) { world in
            let letters = (0..<60).map { world.letter("m-\($0)", referral: "ref-\($0 % 7)") }
            try await world.file(letters)
            try await world.file([world.letter("i-1", reason: "not-json")], in: BusNames.invalid)
            let desk = world.desk()
            for _ in 0..<3 {
                let (seen, isComplete) = try await desk.letters()
                #expect(isComplete)
                #expect(seen.map(\.messageID) == letters.map(\.id) + ["i-1"])
                #expect(DeadLetterGroup.grouping(seen).map(\.count) == [60, 1])
            }
            let shown = try await desk.letters(DeadLetterSelection(ids: ["m-7"])).letters
            #expect(shown.map(\.messageID) == ["m-7"])
            try await world.settled(BusNames.deadLetters, 60)
            let subscription = try await world.bus.subscribe(to: BusNames.deadLetters, prefetch: 100)
            let left = try await take(60, from: subscription).map(\.message)
            #expect(left.map(\.id) == letters.map(\.id))
            #expect(left.map(\.body) == letters.map(\.body))
            #expect(left.map { $0.headers["x-first-at"] } == letters.map { $0.headers["x-first-at"] })
        }
    }

    @Test("a body is shown with a reason only, once that is written down", arguments: BusUnderTest.all)
    func opening(_ adapter: BusUnderTest) async throws {
        try await DeskWorld.run(on: adapter) { world in
            let letter = world.letter("m-1")
            try await world.file([letter])
            let desk = world.desk()
            for reason in ["", "  "] {
                let error = await #expect(throws: DeadLetterError.self) {
                    _ = try await desk.open("m-1", actor: "ada", reason: reason)
                }
                #expect(error?.code == .invalid)
            }
            let refused = await #expect(throws: DeadLetterError.self) {
                _ = try await world.desk(CrashingBook(world.store, refusesAudit: true))
                    .open("m-1", actor: "ada", reason: "the clinic asked")
            }
            #expect(refused?.code == .unavailable)
            #expect(try await world.store.auditEvents(limit: 9).isEmpty)
            let opened = try await desk.open("m-1", actor: "ada", reason: "the clinic asked")
            #expect(opened.map(\.message.body) == [letter.body])
            let event = try #require(try await world.store.auditEvents(limit: 9).first)
            #expect(event.action == "dead-letter.show")
            #expect(event.actor == "ada")
            #expect(event.referral == "ref-1")
            #expect(event.messageID == "m-1")
            #expect(event.reason == "the clinic asked")
            try await world.settled(BusNames.deadLetters, 1)
            let nothing = await #expect(throws: DeadLetterError.self) {
                _ = try await desk.open("m-2", actor: "ada", reason: "the clinic asked")
            }
            #expect(nothing?.code == .notFound)
        }
    }

    @Test("a dry run tells the way and the difference, and changes nothing", arguments: BusUnderTest.all)
    func dryRun(_ adapter: BusUnderTest) async throws {
        try await DeskWorld.run(on: adapter) { world in
            try await world.file([world.letter("m-1"), world.letter("m-2", referral: "ref-2")])
            let desk = world.desk()
            let planned = try await desk.replay(
                DeadLetterSelection(reason: "status-404"), actor: "ada", reason: "", dryRun: true)
            #expect(planned.map(\.result) == [.wouldReplay, .wouldReplay])
            #expect(planned.map { $0.way?.exchange } == [BusNames.inbound, BusNames.inbound])
            #expect(planned.map { $0.way?.routingKey } == ["ref-1", "ref-2"])
            #expect(planned.first?.way?.removed.contains("x-reason") == true)
            #expect(planned.first?.way?.added == ["x-replay"])
            let doomed = try await desk.discard(
                DeadLetterSelection(ids: ["m-1"]), actor: "ada", reason: "", dryRun: true)
            #expect(doomed.map(\.result) == [.wouldDiscard])
            try await world.settled(BusNames.deadLetters, 2)
            #expect(try await world.work().isEmpty)
            #expect(try await world.store.unfinishedReplays().isEmpty)
            #expect(try await world.store.auditEvents(limit: 9).isEmpty)
        }
    }

    @Test("replayed letters reach the worker once each, per referral in their first order", arguments: BusUnderTest.all)
    func replay(_ adapter: BusUnderTest) async throws {
        try await DeskWorld.run(on: adapter) { world in
            // a-1 failed a second time, hence stands behind a-2; b-2 is another cause and stays.
            try await world.file([
                world.letter("a-2", referral: "a", first: 20), world.letter("b-1", referral: "b", first: 15),
                world.letter("b-2", referral: "b", reason: "unsupported", first: 16),
                world.letter("a-1", referral: "a", first: 10), world.letter("a-3", referral: "a", first: 30),
            ])
            let outcomes = try await world.desk().replay(
                DeadLetterSelection(reason: "status-404"), actor: "ada", reason: "Ocean was mended")
            #expect(outcomes.map(\.result) == [.replayed, .replayed, .replayed, .replayed])
            try await world.settled(BusNames.deadLetters, 1)
            let expected = ["a-1", "b-1", "a-2", "a-3"]
            #expect(try await world.work() == expected)
            #expect(try await world.delivered() == expected)
            let events = try await world.store.auditEvents(limit: 9)
            #expect(Set(events.compactMap(\.messageID)) == Set(expected))
            #expect(events.allSatisfy { $0.action == "dead-letter.replay" && $0.reason == "Ocean was mended" })
            #expect(try await world.store.unfinishedReplays().isEmpty)
        }
    }

    @Test("the original's duplicate check does not swallow a replay", arguments: BusUnderTest.all)
    func notSwallowed(_ adapter: BusUnderTest) async throws {
        try await DeskWorld.run(on: adapter) { world in
            var original = world.letter("m-1")
            for name in original.headers.keys where name.hasPrefix("x-") { original.headers[name] = nil }
            try await world.bus.publish(original, to: .exchange(BusNames.inbound, routingKey: "ref-1"))
            try await world.work()
            try await world.bus.publish(original, to: .exchange(BusNames.inbound, routingKey: "ref-1"))
            try await world.work()
            #expect(try await world.delivered() == ["m-1"])
            try await world.file([world.letter("m-1")])
            _ = try await world.desk().replay(
                DeadLetterSelection(ids: ["m-1"]), actor: "ada", reason: "the hospital lost it")
            try await world.work()
            #expect(try await world.delivered() == ["m-1"])
        }
    }

    @Test("a crash at any step ends with each letter carried out exactly once", arguments: BusUnderTest.all)
    func crashes(_ adapter: BusUnderTest) async throws {
        for step in CrashingBook.Step.allCases {
            try await DeskWorld.run(on: adapter) { world in
                let ids = ["m-1", "m-2", "m-3"]
                try await world.file(ids.map { world.letter($0) })
                let selection = DeadLetterSelection(lane: BusNames.deadLetters)
                let error = await #expect(throws: DeadLetterError.self, "\(step)") {
                    _ = try await world.desk(CrashingBook(world.store, at: step)).replay(
                        selection, actor: "ada", reason: "Ocean was mended")
                }
                #expect(error?.code == .unavailable)
                // The worker is fast: it has the first replay before the bridge is back.
                try await world.work()
                let ended = try await world.desk().resume()
                #expect((ended == 0) == (step == .beforePlan), "\(step)")
                if step == .beforePlan {
                    _ = try await world.desk().replay(selection, actor: "ada", reason: "again")
                }
                try await world.work()
                #expect(try await world.delivered() == ids, "\(step)")
                try await world.settled(BusNames.deadLetters, 0)
                #expect(try await world.store.unfinishedReplays().isEmpty)
                #expect(try await world.desk().resume() == 0)
            }
        }
    }

    @Test("a replay asked for again after a crash goes on under its first identity", arguments: BusUnderTest.all)
    func askedAgain(_ adapter: BusUnderTest) async throws {
        try await DeskWorld.run(on: adapter) { world in
            try await world.file([world.letter("m-1"), world.letter("m-2")])
            let selection = DeadLetterSelection(lane: BusNames.deadLetters)
            await #expect(throws: DeadLetterError.self) {
                _ = try await world.desk(CrashingBook(world.store, at: .beforePublished)).replay(
                    selection, actor: "ada", reason: "Ocean was mended")
            }
            let nothing = await #expect(throws: DeadLetterError.self) {
                _ = try await world.desk().replay(selection, actor: "ada", reason: "again")
            }
            // Carried on before the second replay looked: nothing was left for it.
            #expect(nothing?.code == .notFound)
            try await world.work()
            #expect(try await world.delivered() == ["m-1", "m-2"])
        }
    }

    @Test("a letter that fails again after its replay is no part of it", arguments: BusUnderTest.all)
    func failedAgain(_ adapter: BusUnderTest) async throws {
        try await DeskWorld.run(on: adapter) { world in
            try await world.file([world.letter("m-1")])
            await #expect(throws: DeadLetterError.self) {
                _ = try await world.desk(CrashingBook(world.store, at: .afterPublished)).replay(
                    DeadLetterSelection(ids: ["m-1"]), actor: "ada", reason: "Ocean was mended")
            }
            // Before the old letter is removed, the worker has failed over the replay and filed a new one.
            try await world.file([world.letter("m-1", first: 500)])
            #expect(try await world.desk().resume() == 1)
            try await world.settled(BusNames.deadLetters, 1)
            let left = try await world.desk().letters().letters
            #expect(left.map(\.firstAt) == [Timestamp(milliseconds: 1_767_226_100_000)])
        }
    }

    @Test("a discarded letter is gone once that is written down", arguments: BusUnderTest.all)
    func discard(_ adapter: BusUnderTest) async throws {
        try await DeskWorld.run(on: adapter) { world in
            try await world.file([world.letter("m-1"), world.letter("m-2"), world.letter("m-3")])
            let selection = DeadLetterSelection(ids: ["m-2"])
            let silent = await #expect(throws: DeadLetterError.self) {
                _ = try await world.desk().discard(selection, actor: "ada", reason: "")
            }
            #expect(silent?.code == .invalid)
            let unwritten = await #expect(throws: DeadLetterError.self) {
                _ = try await world.desk(CrashingBook(world.store, refusesAudit: true)).discard(
                    selection, actor: "ada", reason: "sent twice")
            }
            #expect(unwritten?.code == .unavailable)
            try await world.settled(BusNames.deadLetters, 3)
            let outcomes = try await world.desk().discard(selection, actor: "ada", reason: "sent twice")
            #expect(outcomes.map(\.result) == [.discarded])
            #expect(try await world.desk().letters().letters.map(\.messageID) == ["m-1", "m-3"])
            let events = try await world.store.auditEvents(limit: 9)
            #expect(events.map(\.action) == ["dead-letter.discard"])
            #expect(events.map(\.messageID) == ["m-2"])
            #expect(try await world.work().isEmpty)
        }
    }

    @Test("what cannot go stays, and holds the later ones of its referral back", arguments: BusUnderTest.all)
    func stays(_ adapter: BusUnderTest) async throws {
        try await DeskWorld.run(on: adapter) { world in
            func unrouted(_ id: String, _ referral: String, _ exchange: String) -> Message {
                var message = Samples.message(id, referral: referral)
                message.headers["x-reason"] = .string("unroutable")
                message.headers["x-exchange"] = .string(exchange)
                message.headers["x-routing-key"] = .string("1234.cardiology.x")
                return message
            }
            try await world.file(
                [
                    unrouted("u-1", "a", BusNames.hospitalFHIR), unrouted("u-2", "a", BusNames.hospitalCanonical),
                    unrouted("u-3", "b", BusNames.hospitalCanonical),
                ], in: BusNames.unrouted)
            try await world.file([Samples.message("raw")], in: BusNames.invalid)
            let outcomes = try await world.desk().replay(
                DeadLetterSelection(ids: ["u-1", "u-2", "u-3", "raw"]), actor: "ada", reason: "queues were bound")
            var results: [String: DeadLetterOutcome.Result] = [:]
            for outcome in outcomes { results[outcome.letter.messageID] = outcome.result }
            #expect(results == ["u-1": .failed, "u-2": .failed, "u-3": .replayed, "raw": .failed])
            #expect(outcomes.allSatisfy { ($0.problem == nil) == ($0.result == .replayed) })
            #expect(try await world.desk().letters().letters.map(\.messageID) == ["raw", "u-1", "u-2"])
            #expect(try await world.store.unfinishedReplays().isEmpty)
            try await world.bus.bind(queue: "hospital.all", to: BusNames.hospitalFHIR, routingKey: "#")
            let again = try await world.desk().replay(
                DeadLetterSelection(lane: BusNames.unrouted), actor: "ada", reason: "bound now")
            #expect(again.map(\.result) == [.replayed, .replayed])
            try await world.settled(BusNames.unrouted, 0)
            try await world.settled("hospital.all", 1)
            try await world.settled(DeskWorld.hospital, 2)
        }
    }

    @Test("looks at the same time do not take letters from one another")
    func oneAtATime() async throws {
        try await DeskWorld.run(on: .embedded) { world in
            let ids = (0..<30).map { "m-\($0)" }
            try await world.file(ids.map { world.letter($0) })
            let desk = world.desk()
            // Each look would miss what another holds; alone, each sees everything.
            try await withThrowingTaskGroup { group in
                for _ in 0..<6 { group.addTask { try await desk.letters().letters.map(\.messageID) } }
                for try await seen in group { #expect(seen == ids) }
            }
            #expect(try await desk.letters().letters.count == ids.count)
        }
    }
}
