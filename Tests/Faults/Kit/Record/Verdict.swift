// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

/// The figures of a run and everything that is wrong with them.
package struct Verdict: Sendable {
    package let scenario: String
    /// For the table, in its order.
    package private(set) var figures: [(name: String, value: Int, mustBeZero: Bool)] = []
    /// The first cases behind each figure that is not 0.
    package private(set) var problems: [String] = []
    package var seconds = 0

    init(_ scenario: String) {
        self.scenario = scenario
    }

    package var isGood: Bool { problems.isEmpty && figures.allSatisfy { !$0.mustBeZero || $0.value == 0 } }

    mutating func add(_ name: String, _ value: Int) { figures.append((name, value, false)) }

    /// A figure that must be 0, with its cases.
    mutating func forbid(_ name: String, _ cases: [String]) {
        figures.append((name, cases.count, true))
        problems += cases.prefix(10).map { "\(name): \($0)" }
        if cases.count > 10 { problems.append("\(name): … and \(cases.count - 10) more") }
    }

    package var table: String {
        let width = figures.map(\.name.count).max() ?? 0
        var lines = ["", "\(scenario): \(isGood ? "ok" : "NOT OK"), \(seconds) s"]
        for figure in figures {
            let name = figure.name + String(repeating: " ", count: width - figure.name.count)
            let wrong = figure.mustBeZero && figure.value != 0
            lines.append("  \(name)  \(figure.value)\(figure.mustBeZero ? (wrong ? "  must be 0" : "") : "")")
        }
        return (lines + problems.map { "  ! \($0)" }).joined(separator: "\n")
    }
}
