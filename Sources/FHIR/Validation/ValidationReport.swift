// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

package import JSON

/// What a validation found. Holds places, codes and rules, never a value of the payload, so that it may be logged.
package struct ValidationReport: Sendable, Hashable {
    /// In the order of their places. When there were more than the limit, errors come before anything lesser, and the
    /// last issue says how many are not shown.
    package let issues: [ValidationIssue]

    /// Whether there is no error, shown or not.
    package let isValid: Bool

    /// The report as a FHIR R4 resource.
    package var outcome: OperationOutcome { OperationOutcome(issues.map(\.outcomeIssue)) }
}

/// One finding.
package struct ValidationIssue: Sendable, Hashable, CustomStringConvertible {
    /// The codes of `http://hl7.org/fhir/issue-type` that validation uses.
    package enum Code: String, Sendable, Hashable, CaseIterable {
        /// The text is no JSON.
        case invalid
        /// An element that does not exist, or has another shape.
        case structure
        /// An element that must be there is missing.
        case required
        /// The form of a value.
        case value
        /// A code outside a required value set.
        case codeInvalid = "code-invalid"
        /// A rule between elements.
        case invariant
        /// A reference that leads nowhere.
        case notFound = "not-found"
        /// Two of what must be one.
        case duplicate
        /// Larger or deeper than what is read.
        case tooLong = "too-long"
        /// No finding, but what was left unjudged.
        case informational
        /// Findings that are not shown.
        case processing
    }

    package var severity: OperationOutcome.Severity
    package var code: Code
    /// The key of the rule in R4, such as `ele-1`; nil where R4 has none.
    package var rule: String?
    /// FHIRPath of the place, such as `Bundle.entry[2].resource.status`; of a missing element, where it would stand.
    package var expression: String
    /// The place in the JSON; of a missing element, its parent.
    package var pointer: JSONPointer
    /// The first byte of the place, counted from 0.
    package var offset: Int
    /// The line of `offset`, counted from 1.
    package var line: Int
    /// The byte within the line, counted from 1.
    package var column: Int
    /// In words, without any value from the payload.
    package var diagnostics: String

    /// One line for people.
    package var description: String {
        "\(severity.rawValue) \(line):\(column) \(expression): \(fullDiagnostics) [\(code.rawValue)]"
    }

    private var fullDiagnostics: String { rule.map { "\($0): \(diagnostics)" } ?? diagnostics }

    var outcomeIssue: OperationOutcome.Issue {
        let place = pointer.tokens.isEmpty ? "" : " (at \(pointer))"
        return OperationOutcome.Issue(
            severity, code: code.rawValue, expression: expression.isEmpty ? [] : [expression],
            diagnostics: fullDiagnostics + place, line: line, column: column)
    }
}
