// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import Testing

@testable import RabbitMQ

@Suite("Small parts of the adapter")
struct SmallPartsTests {
    @Test("waiting times double from 0.2 s to 4 s, to 10 s when refused, each at least half of its step")
    func backoff() {
        var backoff = Backoff()
        #expect((0..<7).map { _ in backoff.next(random: 1) } == [200, 400, 800, 1600, 3200, 4000, 4000])
        #expect(backoff.next(isRefused: true, random: 1) == 10_000)
        backoff.reset()
        #expect(backoff.next(random: 0) == 100)
        for _ in 0..<1000 { _ = backoff.next() }
        #expect((2000...4000).contains(backoff.next()))
    }

    @Test("the same body gets the same fallback id, another body or length another")
    func fallbackID() {
        #expect(FallbackID.make([]) == "amqp-cbf29ce484222325-0")
        #expect(FallbackID.make(Array("foobar".utf8)) == "amqp-85944171f73967e8-6")
        #expect(FallbackID.make([0]) != FallbackID.make([0, 0]))
    }

    @Test("a queue gives back in the order of arrival, also after putting back")
    func firstInFirstOut() {
        var queue = FirstInFirstOut<Int>()
        for number in 0..<1000 { queue.append(number) }
        var output = (0..<700).compactMap { _ in queue.popFirst() }
        queue.prepend(output.suffix(50))
        output.removeLast(50)
        #expect(queue.count == 350)
        while let number = queue.popFirst() { output.append(number) }
        #expect(output == Array(0..<1000))
        #expect(queue.isEmpty)
        queue.prepend([1, 2])
        #expect(queue.first == 1)
        #expect(queue.removeAll() == [1, 2])
        #expect(queue.popFirst() == nil)
    }

    @Test(
        "the missing exchange is read from the broker's text",
        arguments: [
            ("NOT_FOUND - no exchange 'hospital.fhir' in vhost '/'", "hospital.fhir"),
            ("NOT_FOUND - no queue 'x' in vhost '/'", nil), ("", nil), ("no exchange '", nil),
            ("no exchange 'a", nil),
        ] as [(String, String?)])
    func missingExchange(text: String, name: String?) {
        #expect(PublisherSession.exchange(namedIn: text) == name)
    }

    @Test("durations convert to nanoseconds without overflow")
    func durations() {
        #expect(Duration.milliseconds(1500).nanoseconds == 1_500_000_000)
        #expect(Duration.seconds(Int64.max).nanoseconds == .max)
        #expect(MonotonicTime.after(.seconds(Int64.max)) == MonotonicTime.never)
        #expect(MonotonicTime.pollTimeout(until: .max, limit: 1000, now: -1) == 1000)
        #expect(MonotonicTime.pollTimeout(until: 5, limit: 1000, now: 6) == 0)
        #expect(MonotonicTime.pollTimeout(until: 1_500_000, limit: 1000, now: 0) == 2)
    }
}
