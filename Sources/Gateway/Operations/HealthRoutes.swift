// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import HTTPTypes
import JSON

/// `/livez` says that the process answers; `/readyz` says whether it can do its work.
struct HealthRoutes: Sendable {
    private static let checkTime = Duration.seconds(2)

    let checks: [ReadinessCheck]

    var routes: [Route] {
        [
            Route(.get, "/livez") { _ in .json(["status": "alive"]) },
            Route(.get, "/readyz") { _ in await readiness() },
        ]
    }

    private func readiness() async -> Answer {
        var degraded: [String: String] = [:]
        var failed: [String: String] = [:]
        await withTaskGroup(of: (String, ReadinessCheck.Verdict).self) { group in
            for check in checks {
                group.addTask {
                    let verdict = await Deadline.value(within: Self.checkTime, cancelling: true) {
                        await check.verdict()
                    }
                    return (check.name, verdict ?? .notReady(reason: "no answer within 2 s"))
                }
            }
            for await (name, verdict) in group {
                switch verdict {
                case .ready: break
                case .degraded(let reason): degraded[name] = reason
                case .notReady(let reason): failed[name] = reason
                }
            }
        }
        guard failed.isEmpty else {
            let all = failed.merging(degraded) { first, _ in first }
            return .json(["status": "not-ready", "reasons": Self.list(all)], status: .serviceUnavailable)
        }
        guard degraded.isEmpty else { return .json(["status": "ready", "reasons": Self.list(degraded)]) }
        return .json(["status": "ready"])
    }

    private static func list(_ reasons: [String: String]) -> JSONValue {
        .array(
            reasons.sorted { $0.key < $1.key }.map { entry -> JSONValue in
                ["name": .string(entry.key), "reason": .string(entry.value)]
            })
    }
}
