// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import JSON

/// Where a walk stands, as a stack that is put into words only for an issue.
struct ElementPath {
    struct Step {
        /// Name of the element in FHIRPath; empty for a name of the payload that may not be repeated.
        var name: String
        /// Name of the member in JSON, where it differs (`valueString`, `_birthDate`).
        var member: String?
        /// Number in a list; -1 outside one.
        var index: Int
    }

    /// Type of the outermost resource.
    var root = "Resource"
    private(set) var steps: [Step] = []

    mutating func push(_ name: String, member: String? = nil, index: Int = -1) {
        steps.append(Step(name: name, member: member, index: index))
    }

    mutating func pop() { steps.removeLast() }

    /// Sets the number in the list of the innermost step.
    mutating func setIndex(_ index: Int) {
        guard !steps.isEmpty else { return }
        steps[steps.count - 1].index = index
    }

    /// FHIRPath, with the name of a missing element appended.
    func expression(missing: String? = nil) -> String {
        var text = root
        for step in steps {
            // What the payload names with other characters is no element, and could be anything.
            if step.name.isEmpty { return text }
            text += "." + step.name
            if step.index >= 0 { text += "[\(step.index)]" }
        }
        if let missing { text += "." + missing }
        return text
    }

    var pointer: JSONPointer {
        var tokens: [String] = []
        for step in steps {
            if step.name.isEmpty { break }
            tokens.append(step.member ?? step.name)
            if step.index >= 0 { tokens.append(String(step.index)) }
        }
        return JSONPointer(tokens: tokens)
    }

    /// A member name that may be shown: it looks like an element's, and is short.
    static func shown(_ name: String) -> String {
        let body = name.utf8.first == 0x5F ? name.utf8.dropFirst() : name.utf8[...]
        let isName =
            (1...64).contains(body.count)
            && body.allSatisfy { PrimitiveScan.isLetter($0) || PrimitiveScan.isDigit($0) }
            && body.first.map(PrimitiveScan.isLetter) == true
        return isName ? name : ""
    }
}
