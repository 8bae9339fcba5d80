// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore

/// Known losses are no step of the model: they decide nothing of a message.
extension SteppedStore {
    func learn(
        _ paths: [String], of partner: String, limit: Int, now: Timestamp
    ) async throws(StoreError) -> LossLesson {
        try await base.learn(paths, of: partner, limit: limit, now: now)
    }

    func losses(of partner: String) async throws(StoreError) -> [String] { try await base.losses(of: partner) }

    func losses(limit: Int) async throws(StoreError) -> [KnownLoss] { try await base.losses(limit: limit) }
}
