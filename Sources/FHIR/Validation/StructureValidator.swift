// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

package import JSON

/// Judges the structure of FHIR R4 resources against the definitions of R4 (4.0.1): element names, types and
/// cardinalities, forms of primitives, choices, required codes, extensions, contained resources, references within a
/// bundle, and the invariants that can be decided from the resource alone.
///
/// Profiles, terminology beyond required bindings, slicing and the markup of narratives are not judged. Time is linear
/// in the input; what is kept besides the input is bounded by its size and by the limits.
package struct StructureValidator: Sendable {
    /// How much is read and reported.
    package struct Limits: Sendable, Hashable {
        /// Issues in a report, before the one that says how many more there are. At least 1.
        package var issues: Int
        /// Elements within elements. What lies deeper is reported and not read.
        package var depth: Int
        /// For input in bytes.
        package var json: JSONLimits

        /// 200 issues, 200 levels, 64 MiB.
        package init(issues: Int = 200, depth: Int = 200, json: JSONLimits = .default) {
            self.issues = issues
            self.depth = depth
            self.json = json
        }
    }

    package let limits: Limits

    package init(limits: Limits = Limits()) { self.limits = limits }

    /// Judges a resource as received. What is no JSON gives one fatal issue with the place.
    package func validate(_ bytes: [UInt8]) -> ValidationReport {
        do throws(JSONError) {
            return validate(try JSONDocument(parsing: bytes, limits: limits.json))
        } catch {
            let isSize = error.code == .tooDeep || error.code == .tooLarge
            let issue = ValidationIssue(
                severity: .fatal, code: isSize ? .tooLong : .invalid, rule: nil, expression: "", pointer: .root,
                offset: error.offset, line: error.line, column: error.column,
                diagnostics: "not JSON that can be read: \(error.code.rawValue)")
            return ValidationReport(issues: [issue], isValid: false)
        }
    }

    /// Judges a resource that is parsed already.
    package func validate(_ document: JSONDocument) -> ValidationReport {
        var walk = StructureWalk(limits: limits)
        walk.root(document.root)
        return walk.report(bytes: document.bytes)
    }

    /// Judges a resource in memory; lines and columns are those of its compact text.
    package func validate(_ value: JSONValue) -> ValidationReport { validate(value.bytes()) }
}
