// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

package import BridgeCore
import FoundationEssentials
import GRDB

extension SQLiteStateStore: LaunchBook {
    package func keep(_ ticket: LaunchTicket, limit: Int, now: Timestamp) async throws(StoreError) {
        try await writer.submit(.publish) { db in try LaunchTable.keep(ticket, limit: limit, now: now, db) }
    }

    package func redeem(
        _ key: String, application: String, now: Timestamp
    ) async throws(StoreError) -> LaunchRedemption {
        try await writer.submit(.publish) { db in
            try LaunchTable.redeem(key, application: application, now: now, db)
        }
    }

    /// The secret of this file that signs launch handles: 32 random bytes.
    package func launchSecret() async throws(StoreError) -> [UInt8] {
        try await writer.submit(.memory) { db in
            let found = try Data.fetchOne(db, sql: "SELECT bytes FROM secret WHERE name = 'launch'")
            guard let found, found.count == 32 else {
                throw StoreError(.incompatible, "the state store has lost its launch secret: restore the file")
            }
            return [UInt8](found)
        }
    }
}
