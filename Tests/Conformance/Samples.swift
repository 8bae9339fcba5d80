// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import Testing

/// Messages about invented referrals.
enum Samples {
    /// A small message whose id tells its place.
    static func message(_ id: String, referral: String = "ref-1", body: [UInt8] = [0x7B, 0x7D]) -> Message {
        Message(
            id: id, source: "/ocean/conformance", type: .referralReceived, subject: referral,
            time: Timestamp(milliseconds: 1_767_225_600_123), body: body)
    }

    static func messages(_ count: Int, referral: String = "ref-1") -> [Message] {
        (0..<count).map { message("m-\($0)", referral: referral) }
    }

    /// Every attribute set, headers of every kind.
    static func complete(body: [UInt8]) -> Message {
        Message(
            id: "0199a5a0-0000-7000-8000-000000000001", source: "/ocean/main", type: .appointmentChanged,
            subject: "ref-é-日本", time: Timestamp(milliseconds: 1_767_225_600_789),
            dataSchema: "https://example.org/schemas/referral.json",
            contentType: "application/fhir+json; charset=utf-8",
            attributes: MessageAttributes(
                site: "1234", listing: "listing-1", service: "cardiology", event: "add-appointment", dialect: "0.11.1",
                test: true, echo: true, late: true, sequence: "0000000042", causationID: "cause-1",
                integration: "main"),
            trace: TraceContext(
                traceID: "0af7651916cd43dd8448eb211c80319c", spanID: "b7ad6b7169203331", sampled: true,
                state: "vendor=opaque"),
            headers: [
                "x-reason": .string("why — with ünïcödé"), "x-attempts": .integer(.max), "x-negative": .integer(-1),
                "x-final": .bool(true), "x-open": .bool(false),
            ],
            body: body)
    }
}

/// Takes `count` deliveries.
func take(_ count: Int, from subscription: Subscription) async throws -> [Delivery] {
    var taken: [Delivery] = []
    var deliveries = subscription.deliveries.makeAsyncIterator()
    while taken.count < count {
        taken.append(try #require(await deliveries.next(), "the stream ended after \(taken.count) deliveries"))
    }
    return taken
}

/// Takes and acknowledges `count` deliveries one after the other; returns the messages.
func drain(_ count: Int, from subscription: Subscription) async throws -> [Message] {
    var messages: [Message] = []
    var deliveries = subscription.deliveries.makeAsyncIterator()
    while messages.count < count {
        let delivery = try #require(await deliveries.next(), "the stream ended after \(messages.count) deliveries")
        try await delivery.ack()
        messages.append(delivery.message)
    }
    return messages
}

/// Asks again until the depth is as wanted: a broker reports it with a delay. The test's time limit ends a vain wait.
func awaitDepth(
    of queue: String, on bus: any MessageBus, _ isWanted: @Sendable (QueueDepth) -> Bool
) async throws -> QueueDepth {
    while true {
        let depth = try #require(try await bus.depth(of: queue))
        if isWanted(depth) { return depth }
        try await Task.sleep(for: .milliseconds(20))
    }
}

extension MessageBus {
    /// A queue of its own, without bindings.
    func declareQueue(_ name: String, singleActiveConsumer: Bool = false) async throws {
        try await declare(
            Topology(queues: [Topology.Queue(name: name, singleActiveConsumer: singleActiveConsumer)]))
    }

    func publishAll(_ messages: [Message], to destination: Destination) async throws {
        for message in messages { try await publish(message, to: destination) }
    }
}
