// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeTestKit
import Testing

@testable import RabbitMQ

@Suite("Confirm tracker")
struct ConfirmTrackerTests {
    typealias Tracker = ConfirmTracker<Int>

    private func identity(_ id: String?, key: String = "key") -> Tracker.Identity {
        .init(messageID: id, exchange: "exchange", routingKey: key)
    }

    private func tracker(_ count: Int) -> Tracker {
        var tracker = Tracker()
        for number in 1...count {
            tracker.add(number, identity: identity("id-\(number)"), bytes: 10, deadline: Int64(100 + number))
        }
        return tracker
    }

    private func settle(
        _ tracker: inout Tracker, _ tag: UInt64, multiple: Bool = false, positive: Bool = true
    ) -> [String] {
        var output: [String] = []
        tracker.settle(tag, multiple: multiple, positive: positive) { output.append("\($0) \($1)") }
        return output
    }

    private func mark(_ tracker: inout Tracker, _ identity: Tracker.Identity) -> Bool {
        tracker.markReturned(identity)
    }

    @Test("a single ack resolves its own tag only, in any order")
    func single() {
        var tracker = tracker(3)
        #expect(settle(&tracker, 2) == ["2 confirmed"])
        #expect(settle(&tracker, 2) == [])
        #expect(settle(&tracker, 1) == ["1 confirmed"])
        #expect(settle(&tracker, 3) == ["3 confirmed"])
        #expect(tracker.count == 0)
        #expect(tracker.bytes == 0)
    }

    @Test("a multiple ack resolves everything up to its tag in the order of publishing")
    func multiple() {
        var tracker = tracker(5)
        #expect(settle(&tracker, 3) == ["3 confirmed"])
        #expect(settle(&tracker, 4, multiple: true) == ["1 confirmed", "2 confirmed", "4 confirmed"])
        #expect(tracker.count == 1)
        #expect(settle(&tracker, 0, multiple: true) == ["5 confirmed"])
    }

    @Test("a tag that was never given out changes nothing, however large")
    func foreignTag() {
        var tracker = tracker(2)
        #expect(settle(&tracker, 99) == [])
        #expect(settle(&tracker, .max, multiple: true) == ["1 confirmed", "2 confirmed"])
        #expect(tracker.add(3, identity: identity("id-3"), bytes: 1, deadline: 1) == 3)
        #expect(settle(&tracker, 3) == ["3 confirmed"])
    }

    @Test("a nack refuses, also when it is multiple")
    func nack() {
        var tracker = tracker(3)
        #expect(settle(&tracker, 1, positive: false) == ["1 refused"])
        #expect(settle(&tracker, 3, multiple: true, positive: false) == ["2 refused", "3 refused"])
    }

    @Test("a returned message is unroutable when its ack comes, its neighbours are not")
    func returned() {
        var tracker = tracker(3)
        #expect(mark(&tracker, identity("id-2")))
        #expect(settle(&tracker, 3, multiple: true) == ["1 confirmed", "2 unroutable", "3 confirmed"])
    }

    @Test("equal identities are returned in the order of publishing")
    func equalIdentities() {
        var tracker = Tracker()
        for number in 1...3 { tracker.add(number, identity: identity("same"), bytes: 1, deadline: 1) }
        #expect(mark(&tracker, identity("same")))
        #expect(mark(&tracker, identity("same")))
        #expect(settle(&tracker, 3, multiple: true) == ["1 unroutable", "2 unroutable", "3 confirmed"])
    }

    @Test("a return for another exchange, key or id matches nothing")
    func foreignReturn() {
        var tracker = tracker(1)
        #expect(!mark(&tracker, identity("id-1", key: "other")))
        #expect(!mark(&tracker, identity("id-9")))
        #expect(!mark(&tracker, identity(nil)))
        #expect(settle(&tracker, 1) == ["1 confirmed"])
    }

    @Test("a deadline ends the wait once; the late confirm resolves nobody but frees the window")
    func expiry() {
        var tracker = tracker(3)
        #expect(tracker.earliestDeadline == 101)
        #expect(tracker.expire(now: 100) == [])
        #expect(tracker.expire(now: 102) == [1, 2])
        #expect(tracker.earliestDeadline == 103)
        #expect(tracker.count == 3)
        #expect(tracker.hasTokens)
        #expect(settle(&tracker, 3, multiple: true) == ["3 confirmed"])
        #expect(tracker.count == 0)
        #expect(!tracker.hasTokens)
    }

    @Test("cutting deadlines shortens them and lengthens none")
    func cutting() {
        var tracker = tracker(3)
        tracker.cutDeadlines(to: 102)
        #expect(tracker.expire(now: 101) == [1])
        #expect(tracker.expire(now: 102) == [2, 3])
    }

    @Test("draining gives everything back in order and numbers from one again")
    func draining() {
        var tracker = tracker(3)
        _ = settle(&tracker, 2)
        #expect(tracker.drain().map(\.1) == [1, 3])
        #expect(tracker.add(9, identity: identity("id-9"), bytes: 1, deadline: 1) == 1)
    }

    @Test("whatever the broker says in whatever order, each publish ends exactly once", arguments: 0..<50)
    func exactlyOnce(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var tracker = Tracker()
        var ended: [Int: Int] = [:]
        var published = 0
        for step in 0..<600 {
            switch Int.random(in: 0..<10, using: &random) {
            case 0..<5:
                published += 1
                tracker.add(
                    published, identity: identity("id-\(published % 7)"), bytes: published % 13,
                    deadline: Int64(step + Int.random(in: 1..<60, using: &random)))
            case 5:
                _ = tracker.markReturned(identity("id-\(Int.random(in: 0..<7, using: &random))"))
            case 6:
                for token in tracker.expire(now: Int64(step)) { ended[token, default: 0] += 1 }
            default:
                tracker.settle(
                    UInt64.random(in: 0...UInt64(published + 2), using: &random),
                    multiple: Bool.random(using: &random), positive: Bool.random(using: &random)
                ) { token, _ in ended[token, default: 0] += 1 }
            }
        }
        for (_, token) in tracker.drain() { ended[token, default: 0] += 1 }
        #expect(ended.count == published)
        #expect(ended.values.allSatisfy { $0 == 1 })
        #expect(tracker.bytes == 0)
    }
}
