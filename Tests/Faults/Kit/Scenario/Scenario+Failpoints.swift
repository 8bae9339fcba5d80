// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore

extension Scenario {
    /// Whose process passes a failpoint.
    private static func targets(_ point: Failpoint) -> [FaultTarget] {
        switch point {
        case .ingressPublish, .ingressAnswer: [.ingress]
        case .publishBefore, .publishAfter, .confirmBefore, .confirmAfter: [.ingress, .worker]
        case .ackBefore, .ackAfter, .storeBefore, .storeAfter, .translate, .write, .oceanBefore, .oceanAfter: [.worker]
        }
    }

    /// SIGKILL at each failpoint in each process that passes it, at the first and at the seventh hit; a batch each.
    static func failpoints(_ options: FaultOptions) async throws -> Verdict {
        guard Failpoint.areCompiled else { throw FaultFailure("this build has no failpoints; use a debug build") }
        let rounds = Failpoint.allCases.flatMap { point in
            targets(point).flatMap { target in
                (options.isShort ? [3] : [1, 7]).map { (point: point, target: target, hit: $0) }
            }
        }
        // One that is killed hands its partitions over; the next point is then passed by the other.
        var options = options
        options.workers = 1
        let silent = Shared<[String]>([])
        // Enough that a referral's messages are under way on both sides at the seventh hit.
        let batch = Traffic.Plan(webhooks: 24, updates: 12, longest: 6)
        let none = Traffic.Plan(webhooks: 0, updates: 0)
        return try await play(.failpoints, options, none) { bench, traffic in
            for round in rounds {
                let process = round.target == .ingress ? bench.ingress : bench.workers[0]
                let name = "\(round.point.rawValue)=kill@\(round.hit)"
                bench.events.write("\(process.name): \(name)")
                process.set(variables: ["OCEAN_BRIDGE_FAILPOINTS=\(name)"])
                let deaths = process.ownKills
                try await Killer(bench).strike(round.target)
                // Only this one start is to die.
                process.set(variables: [])
                try await traffic.send(batch)
                do {
                    try await bench.until("\(process.name) dies at \(name)", within: .seconds(10)) {
                        process.ownKills > deaths
                    }
                } catch let error as FaultFailure {
                    silent.value += [error.description]
                }
            }
        } judge: { bench, verdict in
            verdict.add("rounds", rounds.count)
            verdict.forbid("failpoints that were never passed", silent.value)
        }
    }
}
