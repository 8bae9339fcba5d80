// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import Logging
import Testing

@testable import Embedded

extension Logger {
    static let quiet = Logger(label: "embedded-tests") { _ in SwiftLogNoOpLogHandler() }
}

/// A message about an invented referral.
func sample(_ id: String, referral: String = "ref-1", bytes: Int = 2) -> Message {
    Message(
        id: id, source: "/ocean/test", type: .referralReceived, subject: referral,
        time: Timestamp(milliseconds: 1_767_225_600_123), body: [UInt8](repeating: 0x20, count: bytes))
}

/// Runs `body` on the bus file at `path` and shuts the bus down.
func withBus<Value: Sendable>(
    _ path: String, limits: EmbeddedBusLimits = EmbeddedBusLimits(), clock: any WallClock = SystemClock(),
    _ body: @Sendable (EmbeddedBus) async throws -> Value
) async throws -> Value {
    let bus = try EmbeddedBus(path: path, limits: limits, logger: .quiet, clock: clock)
    do {
        let value = try await body(bus)
        await bus.shutdown()
        return value
    } catch {
        await bus.shutdown()
        throw error
    }
}

func take(_ count: Int, from subscription: Subscription) async throws -> [Delivery] {
    var taken: [Delivery] = []
    var deliveries = subscription.deliveries.makeAsyncIterator()
    while taken.count < count {
        taken.append(try #require(await deliveries.next(), "the stream ended after \(taken.count) deliveries"))
    }
    return taken
}
