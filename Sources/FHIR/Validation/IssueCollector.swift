// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import JSON

/// Keeps as many issues as the limit allows and counts the others, so that hostile input cannot grow the report.
struct IssueCollector {
    private let limit: Int
    private var kept: [ValidationIssue] = []
    /// Places in `kept` of what gives way to an error.
    private var lesser: [Int] = []
    private var hidden: [OperationOutcome.Severity: Int] = [:]
    private(set) var errors = 0

    init(limit: Int) { self.limit = max(limit, 1) }

    /// `make` is called only for an issue that is kept.
    mutating func add(_ severity: OperationOutcome.Severity, _ make: () -> ValidationIssue) {
        let isError = severity == .error || severity == .fatal
        if isError { errors += 1 }
        if kept.count < limit {
            if !isError { lesser.append(kept.count) }
            kept.append(make())
        } else if isError, let place = lesser.popLast() {
            hidden[kept[place].severity, default: 0] += 1
            kept[place] = make()
        } else {
            hidden[severity, default: 0] += 1
        }
    }

    /// The report; lines and columns are counted in one pass over `bytes`.
    consuming func report(bytes: [UInt8], root: String) -> ValidationReport {
        // Sorting is stable, so that issues of one place keep the order in which they were found.
        var issues = kept.sorted { $0.offset < $1.offset }
        var line = 1
        var lineStart = 0
        var position = 0
        for index in issues.indices {
            while position < min(issues[index].offset, bytes.count) {
                if bytes[position] == 0x0A {
                    line += 1
                    lineStart = position + 1
                }
                position += 1
            }
            issues[index].line = line
            issues[index].column = issues[index].offset - lineStart + 1
        }
        if let more = moreIssue(root: root) { issues.append(more) }
        return ValidationReport(issues: issues, isValid: errors == 0)
    }

    private func moreIssue(root: String) -> ValidationIssue? {
        let order: [OperationOutcome.Severity] = [.fatal, .error, .warning, .information]
        guard let worst = order.first(where: { hidden[$0] != nil }) else { return nil }
        let counts = order.compactMap { severity in hidden[severity].map { "\($0) of severity \(severity.rawValue)" } }
        return ValidationIssue(
            severity: worst, code: .processing, rule: nil, expression: root, pointer: .root, offset: 0, line: 1,
            column: 1, diagnostics: "more issues than are shown here: " + counts.joined(separator: ", "))
    }
}
