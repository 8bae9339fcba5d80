// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

package import BridgeCore
import HTTPTypes
import JSON

/// What is parked, and an operator's "try it now".
package struct ParkingRoutes: Sendable {
    private static let most = 1000
    private static let bodyBytes = 1 << 16
    private static let bodyTime = Duration.seconds(10)

    private let lot: any ParkingLot
    private let audit: any AuditTrail
    private let clock: any WallClock

    package init(lot: any ParkingLot, audit: any AuditTrail, clock: any WallClock = SystemClock()) {
        self.lot = lot
        self.audit = audit
        self.clock = clock
    }

    /// For the operations listener, behind its token.
    package var routes: [Route] {
        [
            Route(.get, "/api/v1/parked") { await list($0) },
            Route(.post, "/api/v1/parked/{stage}/{referral}/retry") { try await retry($0) },
        ]
    }

    private func list(_ request: RouteRequest) async -> Answer {
        let query = FormText(request.query)?.unique ?? [:]
        let limit = query["max"].map { Int($0) ?? 0 } ?? 100
        guard (1...Self.most).contains(limit) else {
            return .problem(.badRequest, "max is 1 to \(Self.most)")
        }
        do throws(StoreError) {
            let (lanes, messages) = try await lot.parkedCount()
            let list = try await lot.parkedLanes(limit: limit)
            return .json([
                "lanes": .number(JSONNumber(lanes)), "messages": .number(JSONNumber(messages)),
                "parked": .array(list.map(Self.json)),
            ])
        } catch {
            return Self.answer(error)
        }
    }

    private static func json(_ lane: ParkedLane) -> JSONValue {
        [
            "stage": .string(lane.lane.stage), "referral": .string(lane.lane.key),
            "messages": .number(JSONNumber(lane.count)), "reason": .string(lane.reason),
            "parkedAt": .string(lane.parkedAt.description), "rounds": .number(JSONNumber(lane.rounds)),
            "nextAttempt": .string(lane.nextAttempt.description),
        ]
    }

    /// Written to the audit before it is done: what cannot be written down is not done.
    private func retry(_ request: RouteRequest) async throws -> Answer {
        guard let stage = request.parameters["stage"], let referral = request.parameters["referral"],
            stage.utf8.count <= 64, referral.utf8.count <= 255
        else { return .problem(.badRequest, "name the stage and the referral") }
        var object = JSONObject()
        switch try await JSONBody.bytes(request, upTo: Self.bodyBytes, within: Self.bodyTime) {
        case .failure(let refusal): return refusal.answer
        case .success(let body):
            if !body.bytes.isEmpty {
                switch JSONBody.value(body.bytes) {
                case .failure(let refusal): return refusal.answer
                case .success(.object(let given)): object = given
                case .success(let other):
                    return .problem(.unprocessableContent, "expected an object, found \(other.kindName)")
                }
            }
        }
        let event = AuditEvent(
            at: clock.now(), actor: Self.words(object["actor"]) ?? "operator", action: "parking.wake",
            referral: referral, messageID: nil, reason: Self.words(object["reason"]) ?? "")
        do throws(StoreError) {
            try await audit.record(event)
            guard try await lot.wake(Lane(stage: stage, key: referral), now: event.at) else {
                return .problem(.notFound, "nothing of this referral is parked at this stage")
            }
        } catch {
            return Self.answer(error)
        }
        return .json(["status": "woken"], status: .accepted)
    }

    private static func words(_ value: JSONValue?) -> String? {
        guard let text = value?.stringValue, !text.isEmpty else { return nil }
        return String(text.prefix(200))
    }

    private static func answer(_ error: StoreError) -> Answer {
        .retryLater("the store does not serve now: \(error.code.rawValue)")
    }
}
