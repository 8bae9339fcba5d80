// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import JSON

/// A rule of R4 between the elements of one type, decided from that element alone.
struct Invariant: Sendable {
    /// Key in R4.
    let rule: String
    let severity: OperationOutcome.Severity
    /// In words.
    let text: String
    /// False where it is broken. Elements of another shape than R4 asks for count as missing, which is reported apart.
    let holds: @Sendable (JSONNode) -> Bool

    init(
        _ rule: String, _ text: String, severity: OperationOutcome.Severity = .error,
        _ holds: @escaping @Sendable (JSONNode) -> Bool
    ) {
        self.rule = rule
        self.severity = severity
        self.text = text
        self.holds = holds
    }

    /// By the names that the tables use: the rule, but for the two types that both call theirs `inv-1`.
    static let all: [String: Invariant] = {
        var all: [String: Invariant] = [:]
        for invariant in dataTypes + workflow + records + clinical + conformance { all[invariant.rule] = invariant }
        all["par-1"] = parameter
        return all
    }()

    private static let parameter = Invariant("inv-1", "a parameter has one of value, resource and part") { node in
        let count = [node.hasChoice("value"), node["resource"] != nil, node["part"] != nil].count { $0 }
        return count == 1
    }
}

extension JSONNode {
    /// Whether a member or its `_` sibling is there.
    func has(_ name: String) -> Bool { self[name] != nil || self["_" + name] != nil }

    /// Whether a choice such as `value[x]` or its `_` sibling is there.
    func hasChoice(_ name: String) -> Bool {
        for member in members {
            var rest = member.name[...].utf8
            if rest.first == 0x5F { rest = rest.dropFirst() }
            guard rest.starts(with: name.utf8) else { continue }
            if rest.dropFirst(name.utf8.count).first.map({ (0x41...0x5A).contains($0) }) == true { return true }
        }
        return false
    }

    /// The dateTime of a member; nil when there is none or it is no dateTime.
    func moment(_ name: String) -> DateScan? {
        guard let node = self[name], node.kind == .string else { return nil }
        return DateScan(dateTime: node.textBytes)
    }

    /// Whether a CodeableConcept member has a coding with one of these codes.
    func hasCoding(_ name: String, _ codes: Set<String>) -> Bool {
        self[name]?["coding"]?.elements.contains(where: { coding in
            (coding["code"]?.stringValue).map { codes.contains($0) } ?? false
        }) ?? false
    }

    /// Whether a string member is one of these.
    func isOne(_ name: String, of codes: Set<String>) -> Bool {
        (self[name]?.stringValue).map { codes.contains($0) } ?? false
    }

    /// The number of a member; nil when there is none.
    func double(_ name: String) -> Double? { self[name]?.numberValue?.doubleValue }
}
