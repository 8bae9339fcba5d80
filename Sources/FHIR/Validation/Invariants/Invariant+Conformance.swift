// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import JSON

extension Invariant {
    static let conformance: [Invariant] = [
        Invariant("cpb-1", "a statement has rest, messaging or document") { node in
            node.has("rest") || node.has("messaging") || node.has("document")
        },
        Invariant("cpb-2", "a statement has a description, software or implementation") { node in
            node.has("description") || node.has("software") || node.has("implementation")
        },
        Invariant("cpb-3", "messaging endpoints are those of an instance") { node in
            node.isOne("kind", of: ["instance"])
                || node["messaging"]?.elements.contains(where: { $0["endpoint"] != nil }) != true
        },
        Invariant("cpb-14", "an instance has an implementation") { node in
            !node.isOne("kind", of: ["instance"]) || node.has("implementation")
        },
        Invariant("cpb-15", "a capability has software and no implementation") { node in
            !node.isOne("kind", of: ["capability"]) || node.has("software") && !node.has("implementation")
        },
        Invariant("cpb-16", "requirements have neither software nor implementation") { node in
            !node.isOne("kind", of: ["requirements"]) || !node.has("software") && !node.has("implementation")
        },
        Invariant("cpb-0", "a name is usable as an identifier by programs", severity: .warning) { node in
            guard let name = node["name"]?.stringValue else { return true }
            return (1...255).contains(name.utf8.count) && name.utf8.first.map { (0x41...0x5A).contains($0) } == true
                && name.utf8.allSatisfy { PrimitiveScan.isLetter($0) || PrimitiveScan.isDigit($0) || $0 == 0x5F }
        },
        Invariant("cpb-7", "documents differ in profile or mode") { node in
            var seen: Set<String> = []
            return node["document"]?.elements.allSatisfy { document in
                let parts = [document["profile"]?.stringValue, document["mode"]?.stringValue].compactMap { $0 }
                return parts.isEmpty || seen.insert(parts.joined(separator: "\u{0}")).inserted
            } ?? true
        },
        Invariant("cpb-9", "a resource type stands once") { areUnique($0["resource"], "type") },
        Invariant("cpb-12", "a search parameter stands once") { areUnique($0["searchParam"], "name") },
    ]

    private static func areUnique(_ list: JSONNode?, _ name: String) -> Bool {
        var seen: Set<String> = []
        guard let list else { return true }
        for node in list.elements {
            if let text = node[name]?.stringValue, !seen.insert(text).inserted { return false }
        }
        return true
    }
}
