// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import FoundationEssentials

/// Tries every order in which a scenario can go, to a bounded depth. Workers cannot be copied, so each branch is a run
/// from the start along the choices that lead to it; a state that was met before is not gone into again.
enum ModelChecker {
    struct Report: Sendable {
        var states = 0
        var runs = 0
        var longest = 0
        var violation: String?
        /// The choices that lead to it.
        var path: [Int] = []
        /// The choices of some runs that went to their end, for a comparison on another store.
        var samples: [[Int]] = []
        /// Whether the bound on states ended the search before everything was seen.
        var isCut = false
    }

    /// - Parameters:
    ///   - depth: steps in one run.
    ///   - bound: distinct states.
    static func explore(
        _ scenario: ModelScenario, flaw: Flaw? = nil, depth: Int = 60, bound: Int = 100_000, samples: Int = 0
    ) async -> Report {
        var report = Report()
        var known: Set<Int> = []
        var open: [[Int]] = [[]]
        while let choices = open.popLast() {
            if known.count >= bound {
                report.isCut = true
                break
            }
            let world = ModelWorld(scenario, flaw: flaw)
            let result = await world.run(choices, depth: depth) { known.insert($0).inserted }
            report.runs += 1
            report.longest = max(report.longest, result.widths.count)
            let path = choices + [Int](repeating: 0, count: max(0, result.widths.count - choices.count))
            if let violation = result.violation {
                report.violation = violation
                report.path = path
                break
            }
            if !result.isKnown, report.samples.count < samples, report.runs % 7 == 1 { report.samples.append(path) }
            for place in choices.count..<max(choices.count, result.widths.count) where result.widths[place] > 1 {
                for choice in 1..<result.widths[place] { open.append(Array(path.prefix(place)) + [choice]) }
            }
        }
        report.states = known.count
        return report
    }

    /// One set of faults that may befall a scenario together.
    struct Faults: Sendable {
        let crashes: Int
        let unheard: Int
        let handOvers: Int
        /// Distinct states after which the search ends; nil to see them all.
        let bound: Int?
    }

    /// Distinct states for each round that is cut.
    private static let states =
        ProcessInfo.processInfo.environment["OCEAN_BRIDGE_TEST_MODEL_STATES"].flatMap { Int($0) } ?? 800

    /// All orders with a crash and a lost answer; of those with two workers at once, and with everything together, as
    /// many as the environment asks for (`OCEAN_BRIDGE_TEST_MODEL_STATES`).
    static let rounds = [
        Faults(crashes: 1, unheard: 1, handOvers: 0, bound: nil),
        Faults(crashes: 0, unheard: 0, handOvers: 1, bound: states),
        Faults(crashes: 1, unheard: 1, handOvers: 1, bound: states),
    ]

    /// - Returns: the reports of the rounds, up to the first with a violation.
    static func examine(_ scenario: ModelScenario, flaw: Flaw? = nil) async -> [Report] {
        var reports: [Report] = []
        for faults in rounds {
            var scenario = scenario
            scenario.crashes = faults.crashes
            scenario.unheard = faults.unheard
            scenario.handOvers = faults.handOvers
            let report = await explore(scenario, flaw: flaw, bound: faults.bound ?? .max)
            reports.append(report)
            if report.violation != nil { break }
        }
        return reports
    }
}
