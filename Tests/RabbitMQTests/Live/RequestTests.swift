// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import BridgeTestKit
import RabbitMQ
import Testing

extension RabbitMQSuite {
    /// What the conformance suite cannot say of both buses.
    @Suite("Questions on RabbitMQ", .serialized, .timeLimit(.minutes(2)))
    struct RequestTests {
        static func ask(
            _ bus: RabbitMQBus, _ id: String, within limit: Duration = .seconds(30)
        ) async -> Result<Message, RequestError> {
            let question = Message(
                id: id, source: "/bridge/responder", type: .questionAsked, subject: nil,
                time: Timestamp(milliseconds: 1_770_000_000_000), body: Array("{}".utf8))
            do throws(RequestError) {
                return .success(try await bus.ask(question, of: "beds", within: limit))
            } catch {
                return .failure(error)
            }
        }

        static func code(_ result: Result<Message, RequestError>?) -> RequestError.Code? {
            guard case .failure(let error)? = result else { return nil }
            return error.code
        }

        @Test("an answer that is longer than the bridge takes ends the wait at once, and the connection goes on")
        func oversize() async throws {
            try await BusFixture.withBus { service, url in
                try await service.declare(BusFixture.queue("ocean.requests.beds"))
                let subscription = try await service.subscribe(to: "ocean.requests.beds", prefetch: 1)
                try await BusFixture.withBus(url, adjust: { $0.maximumMessageBytes = 1000 }) { bus in
                    for (id, bytes) in [("q-1", 1001), ("q-2", 1000)] {
                        try await withThrowingTaskGroup(of: Result<Message, RequestError>.self) { group in
                            group.addTask { await Self.ask(bus, id) }
                            let question = try #require(await BusFixture.take(1, from: subscription).first)
                            var answer = BusFixture.message(1, body: [UInt8](repeating: 0x20, count: bytes))
                            answer.type = .questionAnswered
                            #expect(try await service.answer(question.message, with: answer) == .sent)
                            try await question.ack()
                            let result = try #require(try await group.next())
                            switch result {
                            case .success(let message): #expect(message.body.count == 1000 && id == "q-2")
                            case .failure(let error):
                                #expect(error.code == .noAnswer && id == "q-1")
                                #expect(error.message.contains("1001 bytes"))
                            }
                        }
                    }
                }
            }
        }

        @Test("answers to questions that were never asked are dropped")
        func strangers() async throws {
            try await BusFixture.withBus { bus, _ in
                try await bus.declare(BusFixture.queue("ocean.requests.beds"))
                let subscription = try await bus.subscribe(to: "ocean.requests.beds", prefetch: 1)
                try await withThrowingTaskGroup(of: Result<Message, RequestError>.self) { group in
                    group.addTask { await Self.ask(bus, "q-1") }
                    let question = try #require(await BusFixture.take(1, from: subscription).first)
                    var other = question.message
                    other.id = "never asked"
                    #expect(try await bus.answer(other, with: BusFixture.message(1)) == .sent)
                    #expect(try await bus.answer(question.message, with: BusFixture.message(2)) == .sent)
                    let result = try #require(try await group.next())
                    #expect(try result.get().body == BusFixture.message(2).body)
                    try await question.ack()
                }
            }
        }

        @Test("a broker that dies ends the wait, refuses at once while it is away, and serves again by itself")
        func crash() async throws {
            let broker = try await RabbitMQBroker.start()
            try await BusFixture.withBus("\(broker.address)/%2F") { bus in
                try await bus.declare(BusFixture.queue("ocean.requests.beds"))
                try await broker.settle()
                let subscription = try await bus.subscribe(to: "ocean.requests.beds", prefetch: 1)
                try await withThrowingTaskGroup(of: Result<Message, RequestError>.self) { group in
                    group.addTask { await Self.ask(bus, "q-1") }
                    _ = await BusFixture.take(1, from: subscription)
                    try await broker.kill()
                    #expect(Self.code(try await group.next()) == .unavailable)
                }
                // Once an attempt to connect has failed, nobody waits for the next.
                var number = 2
                while true {
                    let start = ContinuousClock.now
                    #expect(Self.code(await Self.ask(bus, "q-\(number)", within: .seconds(60))) == .unavailable)
                    number += 1
                    if ContinuousClock.now - start < .milliseconds(50) { break }
                }
                try await broker.restart()
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask {
                        for await delivery in subscription.deliveries {
                            // What came over the connection that broke comes again, or nobody waits for it.
                            _ = await BusFixture.code { () async throws(BusError) in
                                _ = try await bus.answer(delivery.message, with: BusFixture.message(1))
                                try await delivery.ack()
                            }
                        }
                    }
                    // Both sides connect again by themselves, one after the other.
                    while Self.code(await Self.ask(bus, "q-\(number)", within: .seconds(2))) != nil {
                        number += 1
                        try await Task.sleep(for: .milliseconds(50))
                    }
                    await subscription.cancel()
                    try await group.waitForAll()
                }
            }
            try await broker.kill()
        }

        @Test("a queue of questions that an operator deleted is declared again for the next question")
        func deletedQueue() async throws {
            let broker = try await RabbitMQBroker.shared()
            try await BusFixture.withBus { bus, url in
                try await bus.declare(BusFixture.queue("ocean.requests.beds"))
                let host = RabbitMQBroker.virtualHost(of: url)
                _ = try await broker.management("DELETE", "/queues/\(host)/ocean.requests.beds")
                #expect(Self.code(await Self.ask(bus, "q-1")) == .noResponder)
                while try await bus.depth(of: "ocean.requests.beds") == nil {
                    try await Task.sleep(for: .milliseconds(20))
                }
            }
        }
    }
}
