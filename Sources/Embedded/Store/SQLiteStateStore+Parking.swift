// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

package import BridgeCore

extension SQLiteStateStore {
    package func park(_ message: ParkedMessage, nextAttempt: Timestamp) async throws(StoreError) {
        _ = try await writer.submit(.publish, bytes: message.message.body.count) { [parking] db in
            try ParkingTable.add(message, nextAttempt: nextAttempt, limits: parking, db)
        }
    }

    package func join(_ message: ParkedMessage) async throws(StoreError) -> Bool {
        try await writer.submit(.publish, bytes: message.message.body.count) { [parking] db in
            try ParkingTable.add(message, nextAttempt: nil, limits: parking, db)
        }
    }

    package func claimDueLane(
        stage: String, holder: String, now: Timestamp, until: Timestamp
    ) async throws(StoreError) -> ParkedLane? {
        try await writer.submit(.settlement) { db in
            try ParkedLaneTable.claim(stage: stage, holder: holder, now: now, until: until, db)
        }
    }

    package func renewClaim(_ lane: Lane, holder: String, until: Timestamp) async throws(StoreError) {
        try await writer.submit(.settlement) { db in
            try ParkedLaneTable.renew(lane, holder: holder, until: until, db)
        }
    }

    package func head(of lane: Lane) async throws(StoreError) -> ParkedMessage? {
        try await writer.submit(.memory) { db in try ParkingTable.head(of: lane, db) }
    }

    package func unpark(_ message: ParkedMessage) async throws(StoreError) -> Bool {
        try await writer.submit(.settlement) { db in try ParkingTable.remove(message, db) }
    }

    package func postpone(
        _ lane: Lane, holder: String, reason: String, attempts: Int, until nextAttempt: Timestamp
    ) async throws(StoreError) {
        try await writer.submit(.settlement) { db in
            try ParkedLaneTable.postpone(
                lane, holder: holder, reason: reason, attempts: attempts, until: nextAttempt, db)
        }
    }

    package func releaseLane(_ lane: Lane, holder: String) async throws(StoreError) {
        try await writer.submit(.settlement) { db in try ParkedLaneTable.release(lane, holder: holder, db) }
    }

    package func wake(_ lane: Lane, now: Timestamp) async throws(StoreError) -> Bool {
        try await writer.submit(.settlement) { db in try ParkedLaneTable.wake(lane, now: now, db) }
    }

    package func parkedLanes(limit: Int) async throws(StoreError) -> [ParkedLane] {
        try await writer.submit(.memory) { db in try ParkedLaneTable.list(limit: limit, db) }
    }

    package func parkedCount() async throws(StoreError) -> (lanes: Int, messages: Int) {
        try await writer.submit(.memory) { db in try ParkingTable.counts(db) }
    }
}
