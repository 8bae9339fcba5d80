// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import BridgeTestKit
import Gateway
import JSON
import Synchronization
import Testing

/// One parked lane, and what is written down.
private final class OneLane: ParkingLot, AuditTrail {
    private struct State {
        var lane: ParkedLane
        var events: [AuditEvent] = []
        var isAway = false
    }

    private let state: Mutex<State>

    init(_ lane: ParkedLane) {
        state = Mutex(State(lane: lane))
    }

    var events: [AuditEvent] { state.withLock { $0.events } }
    var nextAttempt: Timestamp { state.withLock { $0.lane.nextAttempt } }
    func goAway() { state.withLock { $0.isAway = true } }

    private func check() throws(StoreError) {
        if state.withLock({ $0.isAway }) { throw StoreError(.unavailable, "away") }
    }

    func wake(_ lane: Lane, now: Timestamp) async throws(StoreError) -> Bool {
        try check()
        return state.withLock { state in
            guard state.lane.lane == lane else { return false }
            state.lane.nextAttempt = now
            return true
        }
    }

    func parkedLanes(limit: Int) async throws(StoreError) -> [ParkedLane] {
        try check()
        return [state.withLock { $0.lane }]
    }

    func parkedCount() async throws(StoreError) -> (lanes: Int, messages: Int) {
        (1, state.withLock { $0.lane.count })
    }

    func record(_ event: AuditEvent) async throws(StoreError) {
        try check()
        state.withLock { $0.events.append(event) }
    }

    func auditEvents(limit: Int) async throws(StoreError) -> [AuditEvent] { events }

    // No route asks for these.
    private let unasked = StoreError(.incompatible, "not asked for")
    func park(_ message: ParkedMessage, nextAttempt: Timestamp) async throws(StoreError) { throw unasked }
    func renewClaim(_ lane: Lane, holder: String, until: Timestamp) async throws(StoreError) { throw unasked }
    func join(_ message: ParkedMessage) async throws(StoreError) -> Bool { throw unasked }
    func claimDueLane(
        stage: String, holder: String, now: Timestamp, until: Timestamp
    ) async throws(StoreError) -> ParkedLane? { throw unasked }
    func head(of lane: Lane) async throws(StoreError) -> ParkedMessage? { throw unasked }
    func unpark(_ message: ParkedMessage) async throws(StoreError) -> Bool { throw unasked }
    func postpone(
        _ lane: Lane, holder: String, reason: String, attempts: Int, until nextAttempt: Timestamp
    ) async throws(StoreError) { throw unasked }
    func releaseLane(_ lane: Lane, holder: String) async throws(StoreError) { throw unasked }
}

@Suite("Parked referrals over HTTP", .timeLimit(.minutes(15)))
struct ParkingRouteTests {
    private let lot = OneLane(
        ParkedLane(
            lane: Lane(stage: "publisher", key: "ref 1"), count: 3, reason: "unavailable",
            parkedAt: Timestamp(milliseconds: 1_767_225_600_000), rounds: 2,
            nextAttempt: Timestamp(milliseconds: 1_767_229_200_000)))

    private func bench(token: Secret? = nil) -> OperationsBench {
        var bench = OperationsBench()
        bench.configuration.token = token
        bench.routes = ParkingRoutes(lot: lot, audit: lot, clock: bench.clock).routes
        return bench
    }

    @Test("what is parked is listed with its reason and its next attempt")
    func list() async throws {
        try await bench().run { (caller: Caller) async throws in
            let reply = try await caller.send("GET", "/api/v1/parked", type: nil)
            #expect(reply.status == 200)
            #expect(
                reply.json == [
                    "lanes": 1, "messages": 3,
                    "parked": [
                        [
                            "stage": "publisher", "referral": "ref 1", "messages": 3, "reason": "unavailable",
                            "parkedAt": "2026-01-01T00:00:00.000Z", "rounds": 2,
                            "nextAttempt": "2026-01-01T01:00:00.000Z",
                        ]
                    ],
                ])
            #expect(try await caller.send("GET", "/api/v1/parked?max=0", type: nil).status == 400)
        }
    }

    @Test("a retry wakes the referral and is written to the audit, with who and why")
    func retry() async throws {
        let bench = bench()
        try await bench.run { (caller: Caller) async throws in
            let path = "/api/v1/parked/publisher/ref%201/retry"
            #expect(try await caller.send("POST", path, type: nil).status == 202)
            #expect(lot.nextAttempt == bench.clock.now())
            let reply = try await caller.post(path, #"{"actor":"night shift","reason":"Ocean fixed it"}"#)
            #expect(reply.json == ["status": "woken"])
            #expect(lot.events.map(\.actor) == ["operator", "night shift"])
            #expect(lot.events.map(\.action) == ["parking.wake", "parking.wake"])
            #expect(lot.events.map(\.referral) == ["ref 1", "ref 1"])
            #expect(lot.events.last?.reason == "Ocean fixed it")
            #expect(try await caller.send("POST", "/api/v1/parked/translator/ref%201/retry").status == 404)
            #expect(try await caller.post(path, "[]").status == 422)
            #expect(try await caller.post(path, "{").status == 400)
        }
    }

    @Test("what cannot be written to the audit is not done")
    func unaudited() async throws {
        let before = lot.nextAttempt
        lot.goAway()
        try await bench().run { (caller: Caller) async throws in
            #expect(try await caller.send("POST", "/api/v1/parked/publisher/ref%201/retry").status == 503)
            #expect(try await caller.send("GET", "/api/v1/parked", type: nil).status == 503)
        }
        #expect(lot.nextAttempt == before)
    }

    @Test("both stand behind the token")
    func token() async throws {
        try await bench(token: Secret("t")).run { (caller: Caller) async throws in
            #expect(try await caller.send("GET", "/api/v1/parked", type: nil).status == 401)
            #expect(try await caller.send("POST", "/api/v1/parked/publisher/r/retry").status == 401)
        }
        #expect(lot.events.isEmpty)
    }
}
