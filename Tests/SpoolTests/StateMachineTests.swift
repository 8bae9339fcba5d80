// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import BridgeTestKit
import Testing

@testable import Spool

@Suite("The spool's state machines")
struct StateMachineTests {
    private func lane(_ name: String) -> SpoolLane { SpoolLane(name: name) }

    @Test("one publish of a lane at a time, in the order of arrival", arguments: 0..<50)
    func gate(_ seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var gate = LaneGate<Int>()
        var inside: [SpoolLane: Int] = [:]
        var expected: [SpoolLane: [Int]] = [:]
        for ticket in 0..<400 {
            let lane = lane("\(Int.random(in: 0..<5, using: &random))")
            if gate.enter(lane, ticket) {
                #expect(inside[lane] == nil)
                inside[lane] = ticket
            } else {
                #expect(inside[lane] != nil)
                expected[lane, default: []].append(ticket)
            }
            while Bool.random(using: &random), let leaving = inside.keys.randomElement(using: &random) {
                inside[leaving] = gate.leave(leaving)
                if let next = inside[leaving] { #expect(next == expected[leaving]?.removeFirst()) }
            }
        }
        while let leaving = inside.keys.first {
            inside[leaving] = gate.leave(leaving)
            if let next = inside[leaving] { #expect(next == expected[leaving]?.removeFirst()) }
        }
        #expect(expected.values.allSatisfy { $0.isEmpty })
        #expect(gate.occupied == 0)
    }

    @Test("contents agree with a plain list, whatever comes and goes", arguments: 0..<50)
    func contents(_ seed: UInt64) {
        struct Item {
            let id: String
            let entry: SpoolContents.Entry
            var isRead: Bool
        }
        var random = SeededGenerator(seed: seed)
        var clock: Int64 = 1000
        func entry() -> SpoolContents.Entry {
            clock += Int64.random(in: 0...5, using: &random)
            return .init(
                lane: lane("\(Int.random(in: 0..<4, using: &random))"), bytes: Int.random(in: 1...100, using: &random),
                since: Timestamp(milliseconds: clock))
        }
        var model = (0..<Int.random(in: 0...20, using: &random)).map {
            Item(id: "b\($0)", entry: entry(), isRead: false)
        }
        var contents = SpoolContents(
            unread: model.count, unreadBytes: model.reduce(0) { $0 + $1.entry.bytes },
            oldest: model.first?.entry.since)
        for step in 0..<300 {
            switch Int.random(in: 0..<3, using: &random) {
            case 0:
                let item = Item(id: "n\(step)", entry: entry(), isRead: true)
                contents.add(item.id, item.entry)
                model.append(item)
            case 1:
                // Read again changes nothing.
                if let index = model.firstIndex(where: { !$0.isRead }) {
                    model[index].isRead = true
                    contents.read(model[index].id, model[index].entry)
                    contents.read(model[index].id, model[index].entry)
                }
            default:
                let removable = model.indices.filter { model[$0].isRead }
                if let index = removable.randomElement(using: &random) {
                    contents.remove(model[index].id)
                    contents.remove(model[index].id)
                    model.remove(at: index)
                }
            }
            #expect(contents.count == model.count)
            #expect(contents.bytes == model.reduce(0) { $0 + $1.entry.bytes })
            let unread = model.contains { !$0.isRead }
            for name in 0..<5 {
                let lane = lane("\(name)")
                #expect(contents.holds(lane) == (unread || model.contains { $0.entry.lane == lane }))
            }
            // Of what is unread only a lower bound is known.
            let oldest = contents.oldest()
            let truth = model.map(\.entry.since).min()
            if unread {
                #expect(oldest.map { $0 <= truth ?? $0 } == true)
            } else {
                #expect(oldest == truth)
            }
        }
    }

    @Test("away after a failure, one trial at a time, up after a success")
    func health() {
        var random = SeededGenerator(seed: 1)
        var health = PrimaryHealth()
        // The macro takes no mutating call.
        func pause() -> Duration? { health.pause(using: &random) }
        func failed(isTrial: Bool) -> Bool { health.failed(isTrial: isTrial) }
        func takeTrial() -> Bool { health.takeTrial() }
        func succeeded() -> Bool { health.succeeded() }
        #expect(pause() == nil)
        #expect(failed(isTrial: false))
        #expect(!failed(isTrial: false))
        #expect(!health.isUp)
        #expect(!takeTrial())
        for failures in 1...20 {
            #expect(health.phase == .away(failures: failures))
            let pause = pause()
            #expect(pause.map { $0 >= .milliseconds(500) && $0 <= .seconds(5) } == true)
            health.openTrial()
            #expect(takeTrial())
            #expect(!takeTrial())
            #expect(!failed(isTrial: false))
            #expect(!failed(isTrial: true))
        }
        health.openTrial()
        #expect(takeTrial())
        #expect(succeeded())
        #expect(health.isUp)
        #expect(!succeeded())
    }

    @Test("pauses are never below half a second, whatever the policy says")
    func floor() {
        var random = SeededGenerator(seed: 2)
        var health = PrimaryHealth(
            policy: RetryPolicy(base: .milliseconds(1), cap: .milliseconds(1), floor: .milliseconds(1)))
        _ = health.failed(isTrial: false)
        for _ in 0..<100 {
            let pause = health.pause(using: &random)
            #expect(pause.map { $0 >= .milliseconds(500) } == true)
        }
    }

    @Test("each change is told once; a spool that fills and empties again and again makes no flood")
    func alarm() {
        var alarm = SpoolAlarm()
        var now = Timestamp(milliseconds: 0)
        // The macro takes no mutating call.
        func stored() -> [SpoolAlarm.Event] { alarm.stored(at: now) }
        func refused() -> [SpoolAlarm.Event] { alarm.refused() }
        func emptied() -> [SpoolAlarm.Event] { alarm.emptied() }
        #expect(stored() == [.began])
        #expect(stored().isEmpty)
        #expect(refused() == [.full])
        #expect(refused().isEmpty)
        #expect(stored() == [.room])
        #expect(emptied() == [.drained])
        var told = 0
        for _ in 0..<100 {
            now = now.advanced(by: .milliseconds(100))
            told += stored().count + emptied().count
        }
        #expect(told == 0)
        now = now.advanced(by: .seconds(60))
        #expect(stored() == [.began])
    }

    @Test("bounds refuse what does not fit and what follows too old a message, and take again afterwards")
    func bounds() {
        let bounds = SpoolBounds(maximumBytes: 100, maximumAge: .seconds(60))
        var contents = SpoolContents()
        let start = Timestamp(milliseconds: 1_000_000)
        func refusal(of bytes: Int, now: Timestamp) -> String? {
            bounds.refusal(of: bytes, into: &contents, now: now)
        }
        #expect(refusal(of: 101, now: start) != nil)
        #expect(refusal(of: 100, now: start) == nil)
        contents.add("a", .init(lane: lane("x"), bytes: 60, since: start))
        #expect(refusal(of: 41, now: start) != nil)
        #expect(refusal(of: 40, now: start) == nil)
        #expect(refusal(of: 1, now: start.advanced(by: .seconds(60))) == nil)
        #expect(refusal(of: 1, now: start.advanced(by: .seconds(61))) != nil)
        contents.remove("a")
        #expect(refusal(of: 100, now: start.advanced(by: .seconds(61))) == nil)
    }
}
