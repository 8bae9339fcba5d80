// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import Embedded
import JSON
import Synchronization

/// The embedded bus with a hospital service behind every question that always answers the same.
final class AnsweringBus: MessageBus, RequestPort {
    private let bus: EmbeddedBus
    private let answer: JSONValue
    private let questions = Mutex<[(name: String, question: Message)]>([])

    init(_ bus: EmbeddedBus, answer: JSONValue) {
        self.bus = bus
        self.answer = answer
    }

    var asked: [(name: String, question: Message)] { questions.withLock { $0 } }

    func ask(_ question: Message, of name: String, within limit: Duration) async throws(RequestError) -> Message {
        questions.withLock { $0.append((name, question)) }
        var message = question
        message.type = .questionAnswered
        message.body = answer.bytes()
        return message
    }

    func declare(_ topology: Topology) async throws(BusError) { try await bus.declare(topology) }

    func publish(_ message: Message, to destination: Destination) async throws(BusError) {
        try await bus.publish(message, to: destination)
    }

    func subscribe(to queue: String, prefetch: Int) async throws(BusError) -> Subscription {
        try await bus.subscribe(to: queue, prefetch: prefetch)
    }

    func bind(queue: String, to exchange: String, routingKey: String) async throws(BusError) {
        try await bus.bind(queue: queue, to: exchange, routingKey: routingKey)
    }

    func depth(of queue: String) async throws(BusError) -> QueueDepth? { try await bus.depth(of: queue) }
    func health() async -> BusHealth { await bus.health() }
    func shutdown() async { await bus.shutdown() }
}
