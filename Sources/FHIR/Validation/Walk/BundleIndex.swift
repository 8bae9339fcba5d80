// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import JSON

/// Which resource of a bundle an address names, without copies of the resources.
struct BundleIndex {
    /// Bundle.type.
    let type: String?
    /// Number of the resource type (-1: none of R4) by address.
    private var types: [String: Int] = [:]

    init(_ bundle: JSONNode, _ definitions: Definitions) {
        type = bundle["type"]?.stringValue
        guard let entries = bundle["entry"], entries.kind == .array else { return }
        for entry in entries.elements {
            guard let resource = entry["resource"], resource.kind == .object else { continue }
            let name = resource["resourceType"]?.stringValue
            let number = name.flatMap { definitions.resourceNumber($0) } ?? -1
            if let address = entry["fullUrl"]?.stringValue {
                let key = ReferenceIndex.key(address)
                add(key, number)
                if number >= 0, ReferenceIndex.isUUID(key) {
                    add("\(definitions.resourceNames[number])/\(key)", number)
                }
                if key == address, let pair = ReferenceIndex.typeAndID(address) { add(pair, number) }
            }
            if number >= 0, let id = resource["id"]?.stringValue {
                add("\(definitions.resourceNames[number])/\(ReferenceIndex.key(id))", number)
            }
        }
    }

    /// Of two resources with one address the first counts; the second is reported elsewhere.
    private mutating func add(_ key: String, _ number: Int) {
        if types[key] == nil { types[key] = number }
    }

    /// The number of the type of the resource that a reference names; nil when none does. More is accepted than R4's
    /// rule for relative references asks: `Type/id` also finds the resource with that id in an entry whose fullUrl is
    /// a UUID, or which has none, since both of Ocean's dialects write so.
    func typeNumber(of reference: String) -> Int? {
        if let number = types[ReferenceIndex.key(reference)] { return number }
        return ReferenceIndex.typeAndID(reference).flatMap { types[$0] }
    }
}
