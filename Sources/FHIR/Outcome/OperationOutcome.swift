// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

package import JSON

/// A FHIR R4 OperationOutcome: what is wrong with a resource, and where.
package struct OperationOutcome: Sendable, Hashable {
    package enum Severity: String, Sendable, Hashable {
        case fatal, error, warning, information
    }

    package struct Issue: Sendable, Hashable {
        package var severity: Severity
        /// A code of `http://hl7.org/fhir/issue-type`: `structure`, `required`, `value`, `invalid`, …
        package var code: String
        /// FHIRPath expressions of the places.
        package var expression: [String]
        /// In words; never a value from the payload.
        package var diagnostics: String?
        /// Of the source, counted from 1, where it is known: written as HL7's extension `operationoutcome-issue-line`.
        package var line: Int?
        /// Byte within the line, counted from 1: written as HL7's extension `operationoutcome-issue-col`.
        package var column: Int?

        package init(
            _ severity: Severity, code: String, expression: [String] = [], diagnostics: String? = nil,
            line: Int? = nil, column: Int? = nil
        ) {
            self.severity = severity
            self.code = code
            self.expression = expression
            self.diagnostics = diagnostics
            self.line = line
            self.column = column
        }

        fileprivate var places: [ElementBuilder] {
            [("line", line), ("col", column)].compactMap { name, number in
                guard let number else { return nil }
                var element = ElementBuilder()
                element.put("url", .string("http://hl7.org/fhir/StructureDefinition/operationoutcome-issue-\(name)"))
                element.put("valueInteger", .number(JSONNumber(number)))
                return element
            }
        }
    }

    package var issues: [Issue]

    package init(_ issues: [Issue] = []) {
        self.issues = issues
    }

    /// Whether no issue is an error or worse.
    package var isSuccess: Bool {
        !issues.contains { $0.severity == .fatal || $0.severity == .error }
    }

    /// The resource. FHIR asks for at least one issue: without any it says that all is well.
    package var json: JSONValue {
        let shown =
            issues.isEmpty ? [Issue(.information, code: "informational", diagnostics: "no issues found")] : issues
        var outcome = ElementBuilder(resourceType: "OperationOutcome")
        outcome.append(
            "issue",
            shown.map { issue in
                var element = ElementBuilder()
                element.append("extension", issue.places)
                element.put("severity", .string(issue.severity.rawValue))
                element.put("code", .string(issue.code))
                element.put("diagnostics", issue.diagnostics.map { .string($0) })
                element.put("expression", .array(issue.expression.map { .string($0) }))
                return element
            })
        return outcome.json
    }
}
