// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import Synchronization

/// The parking lot in memory.
extension ScriptedStore {
    /// What is parked, in order.
    var parked: [ParkedMessage] { state.withLock { $0.parked } }

    func park(_ message: ParkedMessage, nextAttempt: Timestamp) async throws(StoreError) {
        try enter("park")
        state.withLock { state in
            if !state.lanes.contains(where: { $0.lane == message.lane }) {
                state.lanes.append(
                    ParkedLane(
                        lane: message.lane, count: 0, reason: message.reason, parkedAt: message.parkedAt, rounds: 0,
                        nextAttempt: nextAttempt))
            }
            state.append(message)
        }
    }

    func join(_ message: ParkedMessage) async throws(StoreError) -> Bool {
        try enter("join")
        return state.withLock { state in
            guard state.lanes.contains(where: { $0.lane == message.lane }) else { return false }
            state.append(message)
            return true
        }
    }

    func claimDueLane(
        stage: String, holder: String, now: Timestamp, until: Timestamp
    ) async throws(StoreError) -> ParkedLane? {
        try enter("claimDueLane")
        return state.withLock { state in
            let due = state.lanes.filter { lane in
                lane.lane.stage == stage && lane.nextAttempt <= now
                    && state.claims[lane.lane].map { $0.until <= now } ?? true
            }
            guard let first = due.min(by: { $0.nextAttempt < $1.nextAttempt }) else { return nil }
            state.claims[first.lane] = (holder, until)
            return first
        }
    }

    func head(of lane: Lane) async throws(StoreError) -> ParkedMessage? {
        try enter("head")
        return state.withLock { $0.parked.first { $0.lane == lane } }
    }

    func unpark(_ message: ParkedMessage) async throws(StoreError) -> Bool {
        try enter("unpark")
        return state.withLock { state in
            state.parked.removeAll { $0.position == message.position }
            state.count(message.lane)
            return state.lanes.contains { $0.lane == message.lane }
        }
    }

    func postpone(
        _ lane: Lane, holder: String, reason: String, attempts: Int, until nextAttempt: Timestamp
    ) async throws(StoreError) {
        try enter("postpone")
        let isHolder = state.withLock { state -> Bool in
            guard state.claims[lane]?.holder == holder else { return false }
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
            return true
        }
        if !isHolder { throw StoreError(.notHolder, "not the holder") }
    }

    func releaseLane(_ lane: Lane, holder: String) async throws(StoreError) {
        try enter("releaseLane")
        state.withLock { if $0.claims[lane]?.holder == holder { $0.claims[lane] = nil } }
    }

    func wake(_ lane: Lane, now: Timestamp) async throws(StoreError) -> Bool {
        try enter("wake")
        return state.withLock { state in
            guard let index = state.lanes.firstIndex(where: { $0.lane == lane }) else { return false }
            state.lanes[index].nextAttempt = min(state.lanes[index].nextAttempt, now)
            return true
        }
    }

    func parkedLanes(limit: Int) async throws(StoreError) -> [ParkedLane] {
        try enter("parkedLanes")
        return state.withLock { Array($0.lanes.sorted { $0.parkedAt < $1.parkedAt }.prefix(limit)) }
    }

    func parkedCount() async throws(StoreError) -> (lanes: Int, messages: Int) {
        try enter("parkedCount")
        return state.withLock { ($0.lanes.count, $0.parked.count) }
    }
}

extension ScriptedStore.State {
    fileprivate mutating func append(_ message: ParkedMessage) {
        let isKnown = parked.contains {
            $0.lane == message.lane && $0.message.id == message.message.id
                && $0.message.headers["x-replay"] == message.message.headers["x-replay"]
        }
        guard !isKnown else { return }
        lastPosition += 1
        var placed = message
        placed.position = lastPosition
        parked.append(placed)
        count(message.lane)
    }

    fileprivate mutating func count(_ lane: Lane) {
        guard let index = lanes.firstIndex(where: { $0.lane == lane }) else { return }
        lanes[index].count = parked.count { $0.lane == lane }
        if lanes[index].count == 0 {
            lanes.remove(at: index)
            claims[lane] = nil
        }
    }
}
