// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

package import BridgeCore

/// Known losses in memory.
extension MemoryStore {
    package func learn(
        _ paths: [String], of partner: String, limit: Int, now: Timestamp
    ) async throws(StoreError) -> LossLesson {
        try await call("learn") { state in
            var new: [String] = []
            for path in paths where !state.losses.contains(where: { $0.partner == partner && $0.path == path }) {
                guard state.losses.count(where: { $0.partner == partner }) < limit else {
                    return LossLesson(new: new, isNewlyFull: state.fullPartners.insert(partner).inserted)
                }
                state.losses.append(KnownLoss(partner: partner, path: path, firstSeen: now))
                new.append(path)
            }
            return LossLesson(new: new, isNewlyFull: false)
        }
    }

    package func losses(of partner: String) async throws(StoreError) -> [String] {
        try await call("losses") { state in state.losses.filter { $0.partner == partner }.map(\.path).sorted() }
    }

    package func losses(limit: Int) async throws(StoreError) -> [KnownLoss] {
        try await call("allLosses") { state in Array(state.losses.suffix(limit).reversed()) }
    }
}
