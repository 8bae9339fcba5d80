// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

package import BridgeCore

/// The parking lot in memory.
extension MemoryStore {
    package func park(_ message: ParkedMessage, nextAttempt: Timestamp) async throws(StoreError) {
        try await call("park") { [limits] (state) throws(StoreError) in
            guard try state.append(message, limits) else { return }
            if !state.lanes.contains(where: { $0.lane == message.lane }) {
                state.lanes.append(
                    ParkedLane(
                        lane: message.lane, count: 0, reason: message.reason, parkedAt: message.parkedAt, rounds: 0,
                        nextAttempt: nextAttempt))
            }
            state.count(message.lane)
        }
    }

    package func join(_ message: ParkedMessage) async throws(StoreError) -> Bool {
        try await call("join") { [limits] (state) throws(StoreError) in
            guard state.lanes.contains(where: { $0.lane == message.lane }) else { return false }
            if try state.append(message, limits) { state.count(message.lane) }
            return true
        }
    }

    package func claimDueLane(
        stage: String, holder: String, now: Timestamp, until: Timestamp
    ) async throws(StoreError) -> ParkedLane? {
        try await call("claimDueLane") { state in
            let due = state.lanes.filter { lane in
                lane.lane.stage == stage && lane.nextAttempt <= now
                    && state.claims[lane.lane].map { $0.until <= now } ?? true
            }
            guard let first = due.min(by: { $0.order < $1.order }) else { return nil }
            state.claims[first.lane] = LaneClaim(holder: holder, until: until)
            return first
        }
    }

    package func renewClaim(_ lane: Lane, holder: String, until: Timestamp) async throws(StoreError) {
        try await call("renewClaim") { (state) throws(StoreError) in
            guard state.claims[lane]?.holder == holder else { throw MemoryStore.notLaneHolder }
            state.claims[lane]?.until = until
        }
    }

    package func head(of lane: Lane) async throws(StoreError) -> ParkedMessage? {
        try await call("head") { state in state.parked.first { $0.lane == lane } }
    }

    package func unpark(_ message: ParkedMessage) async throws(StoreError) -> Bool {
        try await call("unpark") { state in
            state.parked.removeAll { $0.position == message.position && $0.lane == message.lane }
            state.count(message.lane)
            return state.lanes.contains { $0.lane == message.lane }
        }
    }

    package func postpone(
        _ lane: Lane, holder: String, reason: String, attempts: Int, until nextAttempt: Timestamp
    ) async throws(StoreError) {
        try await call("postpone") { (state) throws(StoreError) in
            guard state.claims[lane]?.holder == holder else { throw MemoryStore.notLaneHolder }
            state.claims[lane] = nil
            if let index = state.lanes.firstIndex(where: { $0.lane == lane }) {
                state.lanes[index].reason = reason
                state.lanes[index].rounds += 1
                state.lanes[index].nextAttempt = nextAttempt
            }
            if let index = state.parked.firstIndex(where: { $0.lane == lane }) {
                state.parked[index].attempts = attempts
                state.parked[index].reason = reason
            }
        }
    }

    package func releaseLane(_ lane: Lane, holder: String) async throws(StoreError) {
        try await call("releaseLane") { if $0.claims[lane]?.holder == holder { $0.claims[lane] = nil } }
    }

    package func wake(_ lane: Lane, now: Timestamp) async throws(StoreError) -> Bool {
        try await call("wake") { state in
            guard let index = state.lanes.firstIndex(where: { $0.lane == lane }) else { return false }
            state.lanes[index].nextAttempt = min(state.lanes[index].nextAttempt, now)
            return true
        }
    }

    package func parkedLanes(limit: Int) async throws(StoreError) -> [ParkedLane] {
        try await call("parkedLanes") { state in
            let sorted = state.lanes.sorted {
                ($0.parkedAt, $0.lane.stage, $0.lane.key) < ($1.parkedAt, $1.lane.stage, $1.lane.key)
            }
            return Array(sorted.prefix(limit))
        }
    }

    package func parkedCount() async throws(StoreError) -> (lanes: Int, messages: Int) {
        try await call("parkedCount") { ($0.lanes.count, $0.parked.count) }
    }

    static let notLaneHolder = StoreError(.notHolder, "the lane is another's, or free")
}

extension ParkedLane {
    fileprivate var order: (Timestamp, Timestamp, String) { (nextAttempt, parkedAt, lane.key) }
}

extension MemoryStore.State {
    /// - Returns: false when it stands already.
    fileprivate mutating func append(_ message: ParkedMessage, _ limits: ParkingLimits) throws(StoreError) -> Bool {
        let isKnown = parked.contains {
            $0.lane == message.lane && $0.message.id == message.message.id
                && $0.message.headers["x-replay"] == message.message.headers["x-replay"]
        }
        guard !isKnown else { return false }
        let bytes = parked.reduce(0) { $0 + $1.message.body.count + Self.envelope }
        guard parked.count < limits.messages, bytes + message.message.body.count + Self.envelope <= limits.bytes else {
            throw StoreError(.full, "the parking lot takes no more")
        }
        lastPosition += 1
        var placed = message
        placed.position = lastPosition
        parked.append(placed)
        return true
    }

    /// Some bytes for what is not in the body.
    private static let envelope = 200

    fileprivate mutating func count(_ lane: Lane) {
        guard let index = lanes.firstIndex(where: { $0.lane == lane }) else { return }
        lanes[index].count = parked.count { $0.lane == lane }
        if lanes[index].count == 0 {
            lanes.remove(at: index)
            claims[lane] = nil
        }
    }
}
