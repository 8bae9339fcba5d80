// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import FHIR
import JSON

/// What `ocean-bridge validate` does with one resource: pure, without bus, store or network.
package struct Validation: Sendable {
    /// The form of the result.
    package enum Format: String, Sendable, CaseIterable {
        /// A FHIR R4 OperationOutcome.
        case json
        /// One line for each issue.
        case text
    }

    package var format: Format

    package init(format: Format) { self.format = format }

    /// The result to print, and whether the input has no error.
    package func validate(_ input: [UInt8]) -> (output: [UInt8], isValid: Bool) {
        let report = StructureValidator().validate(input)
        switch format {
        case .json: return (report.outcome.json.bytes(.pretty) + [0x0A], report.isValid)
        case .text:
            let lines = report.issues.isEmpty ? ["no issues found"] : report.issues.map(\.description)
            return (Array((lines.joined(separator: "\n") + "\n").utf8), report.isValid)
        }
    }
}
