// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import Testing

@testable import Workers

@Suite("Filed letters")
struct FiledLetterTests {
    private static let start = Timestamp(milliseconds: 1_767_225_600_000)
    private static func later(_ seconds: Int) -> Timestamp { start.advanced(by: .seconds(seconds)) }

    private static func message(
        _ id: String, referral: String = "ref-1", reason: String = "service", stage: String = "publisher",
        first: Int = 0, last: Int = 5, queue: String = "ocean.updates.3", routingKey: String? = "ref-1",
        headers: [String: HeaderValue] = [:], body: [UInt8] = [0x7B, 0x7D]
    ) -> Message {
        var message = Message(
            id: id, source: "/hospital", type: .updateRequested, subject: referral, time: start,
            headers: headers, body: body)
        let letter = DeadLetter(
            reason: reason, detail: "Ocean answered 403", stage: stage, queue: queue, routingKey: routingKey,
            attempts: 2, firstAttempt: later(first), lastAttempt: later(last), status: 403)
        message = letter.applied(to: message, trace: nil)
        return message
    }

    private static func letter(_ message: Message, lane: String = BusNames.deadLetters) -> FiledLetter {
        FiledLetter(message, lane: lane)
    }

    @Test("letters are grouped by lane, reason and stage, the largest group first")
    func grouping() {
        let letters =
            (0..<5).map { Self.letter(Self.message("a-\($0)", first: 10 - $0, last: 20 + $0)) }
            + [
                Self.letter(Self.message("b", reason: "unsupported")),
                Self.letter(Self.message("c", stage: "translator")),
                Self.letter(Self.message("d"), lane: BusNames.invalid),
                Self.letter(Self.message("a-0")),
            ]
        let groups = DeadLetterGroup.grouping(letters)
        #expect(groups.map(\.count) == [6, 1, 1, 1])
        #expect(
            groups.first
                == DeadLetterGroup(
                    cause: DeadLetterCause(lane: BusNames.deadLetters, reason: "service", stage: "publisher"), count: 6,
                    firstAt: Self.later(0), lastAt: Self.later(24), samples: ["a-0", "a-1", "a-2"]))
        #expect(Set(groups.dropFirst().map(\.samples)) == [["b"], ["c"], ["d"]])
        #expect(DeadLetterGroup.grouping([]).isEmpty)
    }

    @Test("a letter shows everything but its body")
    func envelope() {
        let letter = Self.letter(Self.message("m-1", body: Array(canary.utf8)))
        #expect(letter.envelope.body.isEmpty)
        #expect(letter.bytes == canary.utf8.count)
        #expect(letter.reason == "service")
        #expect(letter.stage == "publisher")
        #expect(letter.attempts == 2)
        #expect(letter.status == 403)
        #expect(letter.firstAt == Self.start)
        #expect(letter.lastAt == Self.later(5))
        #expect(!"\(letter)".contains(canary))
        let bare = FiledLetter(
            Message(id: "x", source: "/x", type: .unknown, subject: nil, time: Self.later(9), body: []),
            lane: BusNames.unrouted)
        #expect(bare.reason == "unknown")
        #expect(bare.stage == "routing")
        #expect(bare.firstAt == Self.later(9))
    }

    @Test("a key tells letters of one id apart and does not change with a broker's own headers")
    func keys() {
        let message = Self.message("m-1")
        let key = Self.letter(message).key
        #expect(key.hasPrefix("m-1#"))
        var returned = message
        returned.headers["x-delivery-count"] = .integer(4)
        #expect(Self.letter(returned).key == key)
        #expect(Self.letter(Self.message("m-1", last: 6)).key != key)
        #expect(Self.letter(Self.message("m-1", body: [0x5B, 0x5D])).key != key)
    }

    @Test("a selection narrows by id, key, lane, reason and stage")
    func selection() {
        let letter = Self.letter(Self.message("m-1"))
        #expect(DeadLetterSelection().contains(letter))
        #expect(DeadLetterSelection(ids: ["m-1"]).contains(letter))
        #expect(DeadLetterSelection(ids: [letter.key]).contains(letter))
        #expect(!DeadLetterSelection(ids: ["m-2"]).contains(letter))
        #expect(DeadLetterSelection(lane: BusNames.deadLetters, reason: "service", stage: "publisher").contains(letter))
        #expect(!DeadLetterSelection(ids: ["m-1"], lane: BusNames.invalid).contains(letter))
        #expect(!DeadLetterSelection(reason: "unsupported").contains(letter))
        #expect(!DeadLetterSelection(stage: "translator").contains(letter))
    }

    @Test("a dead letter goes back to the exchange of its queue, under its own routing key")
    func origin() throws {
        let way = try #require(LetterReturn(Self.letter(Self.message("m-1", referral: "ref-1", routingKey: "other"))))
        #expect(way.exchange == BusNames.updates)
        #expect(way.routingKey == "other")
        #expect(
            way.removed == [
                "x-attempts", "x-detail", "x-last-at", "x-queue", "x-reason", "x-routing-key", "x-stage", "x-status",
            ])
        #expect(way.added == ["x-replay"])
        let inbound = LetterReturn(Self.letter(Self.message("m-1", queue: "ocean.inbound.0", routingKey: nil)))
        #expect(inbound?.exchange == BusNames.inbound)
        #expect(inbound?.routingKey == "ref-1")
        let direct = LetterReturn(
            Self.letter(Self.message("m-1", queue: "ocean.inbound.0", routingKey: "ocean.inbound.0")))
        #expect(direct?.routingKey == "ref-1")
    }

    @Test("an unrouted message goes back to its exchange; one of unknown origin nowhere")
    func otherOrigins() {
        var message = Message(id: "m", source: "/x", type: .referralReceived, subject: "r", time: Self.start, body: [])
        message.headers["x-exchange"] = .string("hospital.fhir")
        message.headers["x-routing-key"] = .string("1234.cardiology.x")
        let way = LetterReturn(Self.letter(message, lane: BusNames.unrouted))
        #expect(way?.exchange == "hospital.fhir")
        #expect(way?.routingKey == "1234.cardiology.x")
        for queue in ["", "ocean.updates", "ocean.updates.", "ocean.updates.x", "somebody's.3", "ocean.updates.1.2"] {
            #expect(LetterReturn(Self.letter(Self.message("m", queue: queue))) == nil)
        }
    }

    @Test("letters of one referral go out by their first attempt, others keep their places")
    func order() {
        let letters = [
            Self.message("b3", referral: "b", first: 30), Self.message("a2", referral: "a", first: 20),
            Self.message("c1", referral: "c", first: 99), Self.message("b1", referral: "b", first: 10),
            Self.message("a1", referral: "a", first: 5), Self.message("b2", referral: "b", first: 10),
        ].map { Self.letter($0) }
        #expect(LetterReturn.ordered(letters) { $0 }.map(\.messageID) == ["b1", "a1", "c1", "b2", "a2", "b3"])
    }

    @Test("a replay that fails again keeps the time of its first attempt, and loses its mark")
    func failedAgain() {
        var message = Self.message("m-1", first: 0)
        message.headers["x-replay"] = .string("batch:m-1")
        let letter = DeadLetter(
            reason: "service", stage: "publisher", queue: "ocean.updates.3", attempts: 1, firstAttempt: Self.later(900),
            lastAttempt: Self.later(901))
        let again = letter.applied(to: message, trace: nil)
        #expect(again.headers["x-first-at"] == .string(Self.start.description))
        #expect(again.headers["x-replay"] == nil)
        message.headers["x-replay"] = nil
        // A header of the sender's own says nothing of our attempts.
        #expect(letter.applied(to: message, trace: nil).headers["x-first-at"] == .string(Self.later(900).description))
    }
}
