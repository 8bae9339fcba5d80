// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import FHIR
import JSON

/// The rules that a normalised bundle keeps: R4's required elements and empty values, and resolvable references.
enum NormalRules {
    private static let required: [String: [String]] = [
        "MessageHeader": ["source", "focus"], "ServiceRequest": ["status", "intent", "subject"],
        "Task": ["status", "intent"], "QuestionnaireResponse": ["status"], "DocumentReference": ["status", "content"],
        "Appointment": ["status", "participant"], "Communication": ["status"],
    ]

    static func faults(in json: JSONValue) -> [String] {
        var faults: [String] = []
        guard let bundle = FHIRBundle(json) else { return ["not a bundle"] }
        if bundle.entries.first?.type != "MessageHeader" { faults.append("MessageHeader is not first") }
        if bundle.type != "message" { faults.append("type") }
        if bundle.timestamp.map({ Primitive.isInstant($0) }) != true { faults.append("timestamp") }
        var seen: Set<String> = []
        for entry in bundle.entries {
            let place = "entry[\(entry.position)] \(entry.type)"
            if entry.fullURL?.hasPrefix("urn:uuid:") != true || entry.fullURLID == nil {
                faults.append("\(place) fullUrl")
            }
            if !seen.insert(entry.fullURL ?? "").inserted { faults.append("\(place) fullUrl twice") }
            if entry.id.map({ Primitive.isID($0) }) != true { faults.append("\(place) id") }
            for name in required[entry.type] ?? [] where entry.resource[name] == nil {
                faults.append("\(place).\(name)")
            }
            if entry.type == "Appointment", entry.resource["start"] == nil,
                !["proposed", "cancelled"].contains(entry.resource["status"]?.stringValue ?? "")
            {
                faults.append("\(place) app-3")
            }
            if entry.resource["orderDetail"] != nil, entry.resource["code"] == nil { faults.append("\(place) prr-1") }
        }
        walk(json, "Bundle", bundle, &faults)
        return faults
    }

    private static func walk(_ value: JSONValue, _ place: String, _ bundle: FHIRBundle, _ faults: inout [String]) {
        if value.isEmptyElement { faults.append("\(place) is empty") }
        if let reference = value["reference"]?.stringValue, bundle.resolve(["reference": .string(reference)]) == nil {
            faults.append("\(place) dangles")
        }
        for member in value.objectValue?.members ?? [] {
            walk(member.value, "\(place).\(member.name)", bundle, &faults)
        }
        for (index, element) in (value.arrayValue ?? []).enumerated() {
            walk(element, "\(place)[\(index)]", bundle, &faults)
        }
    }
}
