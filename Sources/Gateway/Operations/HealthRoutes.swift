// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

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
        var reasons: [String: String] = [:]
        await withTaskGroup(of: (String, String?).self) { group in
            for check in checks {
                group.addTask {
                    let answer = await Deadline.value(within: Self.checkTime, cancelling: true) {
                        Verdict(reason: await check.reason())
                    }
                    guard let answer else { return (check.name, "no answer within 2 s") }
                    return (check.name, answer.reason)
                }
            }
            for await (name, reason) in group { reasons[name] = reason }
        }
        guard !reasons.isEmpty else { return .json(["status": "ready"]) }
        let list = reasons.sorted { $0.key < $1.key }.map { entry -> JSONValue in
            ["name": .string(entry.key), "reason": .string(entry.value)]
        }
        return .json(["status": "not-ready", "reasons": .array(list)], status: .serviceUnavailable)
    }

    private struct Verdict: Sendable {
        let reason: String?
    }
}
