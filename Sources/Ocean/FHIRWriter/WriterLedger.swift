// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import FHIR
import JSON

/// Accounts for every value of a canonical message in a normalised bundle.
enum WriterLedger {
    /// All that a normalised bundle leaves out: the rest stands in it, in FHIR's elements or in extensions.
    private static let left = "/original/body"
    private static let note = "Ocean's own bytes stand in the canonical message"

    /// - Parameter trail: nil for the losses alone.
    static func ledger(of canonical: CanonicalMessage, trail: [ElementBuilder.Step]?) -> Ledger {
        var ledger = Ledger()
        guard let trail else {
            ledger.add(.dropped, source: left, note: note)
            return ledger
        }
        var targets: [String: String] = [:]
        for step in trail where !step.source.isEmpty && targets[step.source] == nil {
            targets[step.source] = step.target
        }
        walk(canonical.json, at: "", targets, &ledger)
        for step in trail where step.source.isEmpty {
            ledger.add(.defaulted, source: "", target: step.target, note: step.note)
        }
        return ledger
    }

    private static func walk(
        _ value: JSONValue, at place: String, _ targets: [String: String], _ ledger: inout Ledger
    ) {
        if let target = targets[place] {
            ledger.add(.kept, source: place, target: target)
            return
        }
        switch value {
        case .object(let object) where !object.isEmpty:
            for member in object.members {
                walk(member.value, at: JSONLeaves.child(place, member.name), targets, &ledger)
            }
        case .array(let elements) where !elements.isEmpty:
            for (index, element) in elements.enumerated() { walk(element, at: "\(place)/\(index)", targets, &ledger) }
        case .object, .array:
            // A record or list without content: said by the element that stands for it.
            ledger.add(.kept, source: place, target: "/entry", note: "empty")
        default: ledger.add(.dropped, source: place, note: place == left ? note : notes(place))
        }
    }

    private static func notes(_ place: String) -> String {
        place == "/original/base64" ? note : "no place in the bundle"
    }
}
