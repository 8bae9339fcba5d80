// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

/// One issue of an OperationOutcome that Ocean answered (HL7 FHIR R4, OperationOutcome.issue).
package struct AnswerIssue: JSONRecord {
    /// `fatal`, `error`, `warning`, `information`.
    package var severity = ""
    /// A code of FHIR's value set issue-type, such as `forbidden`.
    package var code = ""
    /// Ocean's own words; they may speak of the patient.
    package var diagnostics: String?
    /// FHIRPath of the elements at fault.
    package var expression: [String] = []

    package init() {}

    package init(severity: String, code: String, diagnostics: String? = nil, expression: [String] = []) {
        self.severity = severity
        self.code = code
        self.diagnostics = diagnostics
        self.expression = expression
    }

    package static let fields: [Field<AnswerIssue>] = [
        .required("severity", \.severity, "fatal, error, warning or information"),
        .required("code", \.code, "a code of FHIR's value set issue-type"),
        .optional("diagnostics", \.diagnostics, "Ocean's own words; they may speak of the patient"),
        .list("expression", \.expression, "FHIRPath of the elements at fault"),
    ]

    /// Whether Ocean did not do what it was asked.
    package var isError: Bool { severity == "fatal" || severity == "error" }

    /// Severity, code and places without any word of Ocean's: fit for headers and logs.
    package var summary: String {
        let words = [severity, code].map { Self.plain($0) }
        let places = expression.prefix(3).map { Self.path($0) }.filter { !$0.isEmpty }
        return (words + places).joined(separator: " ")
    }

    /// Words of FHIR's value sets are lower-case letters and hyphens; anything else could be text.
    private static func plain(_ text: String) -> String {
        let isWord =
            !text.isEmpty && text.utf8.count <= 20 && text.utf8.allSatisfy { (0x61...0x7A).contains($0) || $0 == 0x2D }
        return isWord ? text : "unknown"
    }

    /// A plain element path such as `Task.status` or `Bundle.entry[2].resource`; one with a value in it is left out.
    private static func path(_ text: String) -> String {
        let isPath =
            text.utf8.count <= 80
            && text.utf8.allSatisfy {
                (0x61...0x7A).contains($0) || (0x41...0x5A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2E
                    || $0 == 0x5B || $0 == 0x5D
            }
        return isPath ? text : ""
    }
}
