// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import BridgeTestKit
import Embedded
import Testing

/// Runs of the model on the real store: it answers as the one in memory does, or the outside would see something else.
@Suite("Orders tried on SQLite", .timeLimit(.minutes(15)))
struct ModelOnSQLiteTests {
    static let scenarios = [
        InboundModel.duplicates, InboundModel.newEnvelope, InboundModel.echo, InboundModel.late, InboundModel.replay,
        UpdateModel.duplicates, UpdateModel.refusal, UpdateModel.reusedKey, UpdateModel.stale(guarding: true),
    ]

    @Test("end as they end in memory", arguments: scenarios)
    func same(_ scenario: ModelScenario) async throws {
        let samples = await ModelChecker.explore(scenario, bound: 400, samples: 6).samples
        #expect(!samples.isEmpty)
        for choices in samples {
            let inMemory = await ModelWorld(scenario, flaw: nil).run(choices, depth: 60) { _ in true }
            try await withTemporaryDirectory { directory in
                let store = try SQLiteStateStore(path: directory + "/state.sqlite", logger: quiet)
                for record in scenario.initial.records.values { _ = try await store.save(record) }
                for (referral, known) in scenario.initial.fingerprints {
                    for (fingerprint, time) in known {
                        try await store.remember(fingerprint: fingerprint, referral: referral, now: time)
                    }
                }
                let onDisk = await ModelWorld(scenario, flaw: nil, on: store).run(choices, depth: 60) { _ in true }
                await store.shutdown()
                #expect(onDisk.violation == nil)
                #expect(onDisk.seen == inMemory.seen, "\(choices)")
                #expect(onDisk.widths == inMemory.widths)
            }
        }
    }
}
