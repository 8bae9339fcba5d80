// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

package import BridgeCore

extension SQLiteStateStore {
    package func learn(
        _ paths: [String], of partner: String, limit: Int, now: Timestamp
    ) async throws(StoreError) -> LossLesson {
        try await writer.submit(.settlement) { db in
            try LossTable.learn(paths, of: partner, limit: limit, now: now, db)
        }
    }

    package func losses(of partner: String) async throws(StoreError) -> [String] {
        try await writer.submit(.memory) { db in try LossTable.paths(of: partner, db) }
    }

    package func losses(limit: Int) async throws(StoreError) -> [KnownLoss] {
        try await writer.submit(.memory) { db in try LossTable.newest(limit: limit, db) }
    }
}
