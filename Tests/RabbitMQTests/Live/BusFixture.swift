// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import BridgeTestKit
import Logging
import RabbitMQ

/// What the live tests share: a bus on a fresh virtual host, invented messages, and waiting with a bound.
enum BusFixture {
    static let quiet = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })

    /// Gives `body` a bus on a fresh virtual host of the shared broker.
    static func withBus(
        adjust: (inout RabbitMQConfiguration) -> Void = { _ in },
        _ body: (RabbitMQBus, _ url: String) async throws -> Void
    ) async throws {
        let broker = try await RabbitMQBroker.shared()
        try await broker.withVirtualHost { url in
            try await withBus(url, adjust: adjust) { try await body($0, url) }
        }
    }

    static func withBus(
        _ url: String, adjust: (inout RabbitMQConfiguration) -> Void = { _ in },
        _ body: (RabbitMQBus) async throws -> Void
    ) async throws {
        var configuration = try RabbitMQConfiguration(url: url)
        adjust(&configuration)
        let bus = RabbitMQBus(configuration: configuration, logger: quiet)
        do {
            try await body(bus)
            await bus.shutdown()
        } catch {
            await bus.shutdown()
            throw error
        }
    }

    static func message(_ number: Int, body: [UInt8]? = nil) -> Message {
        Message(
            id: "message-\(number)", source: "/ocean/main", type: .referralReceived, subject: "referral-\(number)",
            time: Timestamp(milliseconds: 1_770_000_000_000 + Int64(number)),
            body: body ?? Array("{\"number\":\(number)}".utf8))
    }

    static func queue(_ name: String) -> Topology {
        Topology(queues: [Topology.Queue(name: name)])
    }

    /// The next `count` deliveries, not settled.
    static func take(_ count: Int, from subscription: Subscription) async -> [Delivery] {
        var output: [Delivery] = []
        guard count > 0 else { return output }
        for await delivery in subscription.deliveries {
            output.append(delivery)
            if output.count == count { break }
        }
        return output
    }

    /// The code of the error that `work` throws.
    static func code(_ work: () async throws(BusError) -> Void) async -> BusError.Code? {
        do throws(BusError) {
            try await work()
            return nil
        } catch {
            return error.code
        }
    }
}
