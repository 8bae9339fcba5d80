// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import FaultKit
import Testing

/// Short forms of what `make faults` plays in full.
@Suite("Faults")
struct FaultTests {
    private func check(_ scenario: Scenario, _ adjust: (inout FaultOptions) -> Void) async throws {
        var options = FaultOptions()
        options.isShort = true
        adjust(&options)
        let verdict = try await scenario.run(options)
        #expect(verdict.isGood, "\(verdict.table)")
    }

    @Test("nothing is lost, reordered or doubled when any process is killed at any instant", .timeLimit(.minutes(12)))
    func kills() async throws {
        try await check(.kills) { options in
            options.messages = 400
            options.kills = 12
            options.pause = 3000
            options.lanes = 16
        }
    }

    @Test("a process may die at any failpoint", .timeLimit(.minutes(12)))
    func failpoints() async throws {
        try #require(Failpoint.areCompiled, "test a debug build: a release build has no failpoints")
        try await check(.failpoints) { $0.lanes = 8 }
    }

    @Test("two minutes without Ocean keep the order and no delivery too long", .timeLimit(.minutes(12)))
    func consumerTimeout() async throws {
        try await check(.consumerTimeout) { options in
            options.messages = 300
            options.lanes = 8
        }
    }

    @Test("a message that kills the worker costs no healthy one", .timeLimit(.minutes(12)))
    func poison() async throws {
        try await check(.poison) { options in
            options.messages = 400
            options.lanes = 8
        }
    }
}
