// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import FHIR
import JSON

/// Accounts for every value of a canonical message in a written bundle.
enum WriterLedger {
    static func ledger(of canonical: CanonicalMessage, trail: [ElementBuilder.Step]) -> Ledger {
        var targets: [String: String] = [:]
        for step in trail where targets[step.source] == nil { targets[step.source] = step.target }
        var ledger = Ledger()
        walk(canonical.json, at: "", targets, &ledger)
        return ledger
    }

    private static func walk(
        _ value: JSONValue, at place: String, _ targets: [String: String], _ ledger: inout Ledger
    ) {
        if let target = targets[place] {
            ledger.add(.kept, source: place, target: target)
            return
        }
        if let note = wholes[place] {
            ledger.add(.dropped, source: place, note: note)
            return
        }
        switch value {
        case .object(let object):
            for member in object.members {
                let token = member.name.replacing("~", with: "~0").replacing("/", with: "~1")
                walk(member.value, at: "\(place)/\(token)", targets, &ledger)
            }
        case .array(let elements):
            for (index, element) in elements.enumerated() { walk(element, at: "\(place)/\(index)", targets, &ledger) }
        default: ledger.add(.dropped, source: place, note: note(for: place))
        }
    }

    /// Parts that are never written, told in one line each.
    private static let wholes = [
        "/original": "stands in the canonical message",
        "/referral/unmapped": "stands in original",
        "/engagement/unmapped": "stands in original",
    ]

    private static func note(for place: String) -> String {
        let name = place.split(separator: "/").last.map { String($0) } ?? ""
        return derived[name] ?? "no place in FHIR R4, or not of the form that it asks for"
    }

    private static let derived = [
        "plainText": "derived from text", "licence": "repeats an identifier", "billingNumber": "repeats an identifier",
        "username": "repeats an identifier", "chartNumber": "repeats an identifier",
        "province": "repeats the identifier's system", "versionCode": "repeats the identifier's",
        "externalServiceId": "repeats an identifier", "site": "repeats an identifier",
        "bundleId": "the bundle is a new one", "headerId": "the bundle is a new one",
        "value": "repeats an identifier, or has no place in FHIR R4",
    ]
}
