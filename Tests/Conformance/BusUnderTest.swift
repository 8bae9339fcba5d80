// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import BridgeTestKit
import Embedded
import Logging
import Testing

/// One adapter of the bus, with a way to run a test on a fresh bus of it.
struct BusUnderTest: Sendable, CustomTestStringConvertible {
    let name: String
    /// Runs the test body on a bus that holds nothing yet, and shuts it down afterwards.
    let withBus: @Sendable (_ body: @Sendable (any MessageBus) async throws -> Void) async throws -> Void

    var testDescription: String { name }

    static let all = [embedded] + brokers

    static let embedded = BusUnderTest(name: "embedded") { body in
        try await withTemporaryDirectory { directory in
            let bus = try EmbeddedBus(path: directory + "/bus.sqlite", logger: .quiet)
            try await running(bus, body)
        }
    }

    static func running(
        _ bus: any MessageBus, _ body: @Sendable (any MessageBus) async throws -> Void
    ) async throws {
        do {
            try await body(bus)
        } catch {
            await bus.shutdown()
            throw error
        }
        await bus.shutdown()
    }
}

extension Logger {
    static let quiet = Logger(label: "conformance") { _ in SwiftLogNoOpLogHandler() }
}
