// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeTestKit
import RabbitMQ
import Testing

/// A way in which the active consumer of a partition can leave.
enum Departure: String, CaseIterable, Sendable, CustomTestStringConvertible {
    case socketShutdown = "socket shut down without AMQP close"
    case connectionClose = "connection.close"
    case channelClose = "channel.close"
    case nackThenCancel = "basic.nack (multiple), then basic.cancel"
    case cancelAlone = "basic.cancel alone"

    var testDescription: String { rawValue }

    /// Measured on RabbitMQ 3.10.8, twelve runs each: whether the next consumer receives what was held first and in
    /// order. Client libraries that cancel before they close have the disorder of the cancel.
    var keepsOrder: Bool {
        switch self {
        case .socketShutdown, .connectionClose, .channelClose: true
        case .nackThenCancel, .cancelAlone: false
        }
    }

    /// Takes twenty of the messages in `queue`, acknowledges five, leaves, and lets the one that stood by take over.
    /// Blocks: for a thread of its own.
    ///
    /// - Returns: the bodies in the order in which the next consumer receives them.
    func run(_ configuration: RabbitMQConfiguration, queue: String, expecting count: Int) throws -> [String] {
        let first = try RawConsumer(configuration, queue, prefetch: 20)
        defer { first.end() }
        var held: [UInt64] = []
        while held.count < 20 {
            guard let delivery = first.next(within: 20) else { throw RabbitMQBroker.Failure("no delivery") }
            held.append(delivery.tag)
        }
        let second = try RawConsumer(configuration, queue, prefetch: 20)
        defer { second.end() }
        for tag in held.prefix(5) { first.acknowledge(tag) }
        // Any answer proves that the broker has read the acknowledgements.
        try first.limit(20)
        switch self {
        case .socketShutdown: first.end()
        case .connectionClose: try first.closeConnection()
        case .channelClose: try first.closeChannel()
        case .nackThenCancel:
            first.returnAll(upTo: held[held.count - 1])
            try first.cancel()
        case .cancelAlone: try first.cancel()
        }
        var bodies: [String] = []
        while bodies.count < count {
            guard let delivery = second.next(within: 3) else {
                // What is missing is with the one that cancelled; its end gives it back.
                guard !first.hasEnded else { break }
                first.end()
                continue
            }
            bodies.append(delivery.body)
            second.acknowledge(delivery.tag)
        }
        return bodies
    }
}
