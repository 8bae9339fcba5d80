// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import BridgeTestKit
import Testing

@testable import RabbitMQ

/// A question's limit holds whatever the broker does.
@Suite("A broker that brings no answers", .serialized, .timeLimit(.minutes(1)))
struct SilentResponderTests {
    private static let limit = Duration.milliseconds(700)

    private static func code(_ bus: RabbitMQBus, bytes: Int = 2) async -> RequestError.Code? {
        var question = BusFixture.message(1, body: [UInt8](repeating: 0x20, count: bytes))
        question.type = .questionAsked
        do throws(RequestError) {
            _ = try await bus.ask(question, of: "beds", within: limit)
            return nil
        } catch {
            return error.code
        }
    }

    /// Opens the channel and the consumer of answers, and answers nothing else.
    private static func openOnly(_ peer: FakePeer) throws {
        try peer.handshake()
        while true {
            switch try peer.readFrame().method {
            case (20, 10)?: try peer.write(AMQPBytes.method(1, 20, 11, AMQPBytes().long("")))
            case (60, 20)?:
                try peer.write(AMQPBytes.method(1, 60, 21, AMQPBytes().short("consumer")))
                return
            default: break
            }
        }
    }

    private func measure(_ broker: FakeBroker, bytes: Int = 2, _ expected: RequestError.Code) async throws {
        try await BusFixture.withBus(broker.address) { bus in
            let reading = try await Stopwatch.measure { #expect(await Self.code(bus, bytes: bytes) == expected) }
            #expect(reading.time < Self.limit + .milliseconds(250) + reading.machineDelay)
        }
    }

    @Test("a broker that takes the question and says nothing costs the limit")
    func silent() async throws {
        let broker = try FakeBroker { peer in
            try Self.openOnly(peer)
            try peer.listenOnly()
        }
        defer { broker.stop() }
        try await measure(broker, .noAnswer)
    }

    @Test("a broker that stops reading in the middle of a question costs the limit")
    func stopsReading() async throws {
        let broker = try FakeBroker { peer in
            try Self.openOnly(peer)
            peer.fallSilent()
        }
        defer { broker.stop() }
        try await measure(broker, bytes: 12 << 20, .noAnswer)
    }

    @Test("a broker that never lets in costs the limit, and nothing was asked")
    func noLogin() async throws {
        let broker = try FakeBroker { peer in peer.fallSilent() }
        defer { broker.stop() }
        try await measure(broker, .unavailable)
    }

    @Test("an answer in frames out of order ends the connection, not the process")
    func hostile() async throws {
        let broker = try FakeBroker { peer in
            try Self.openOnly(peer)
            _ = try peer.readPublish()
            // A content body that no method announced.
            try peer.write([3, 0, 1, 0, 0, 0, 1, 0x20, 0xCE])
            try peer.listenOnly()
        }
        defer { broker.stop() }
        try await BusFixture.withBus(broker.address) { bus in #expect(await Self.code(bus) == .unavailable) }
    }
}
