// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import JSON

extension Invariant {
    static let dataTypes: [Invariant] = [
        Invariant("ext-1", "an extension has either extensions or a value") { node in
            node.has("extension") != node.hasChoice("value")
        },
        Invariant("att-1", "an attachment with data has a contentType") { node in
            !node.has("data") || node.has("contentType")
        },
        Invariant("cpt-2", "a contact point with a value has a system") { node in
            !node.has("value") || node.has("system")
        },
        Invariant("per-1", "a period does not end before it starts") { node in
            guard let start = node.moment("start"), let end = node.moment("end") else { return true }
            return !start.isAfter(end)
        },
        Invariant("qty-3", "a quantity with a code for its unit has a system") { node in
            !node.has("code") || node.has("system")
        },
        Invariant("age-1", "an age has a code of UCUM and is above zero") { node in
            isCoded(node) && node.double("value").map { $0 > 0 } ?? true
        },
        Invariant("cnt-3", "a count is a whole number with the code 1 of UCUM") { node in
            isCoded(node) && node["code"].map { $0.equals("1") } ?? true
                && !(node["value"]?.textBytes.contains(0x2E) ?? false)
        },
        Invariant("dis-1", "a distance has a code of UCUM") { isCoded($0) },
        Invariant("drt-1", "a duration with a code has a value, and UCUM as its system") { node in
            !node.has("code") || node.has("value") && node["system"]?.equals(ucum) == true
        },
        Invariant("drq-1", "a filter has either a path or a searchParam") { $0.has("path") != $0.has("searchParam") },
        Invariant("drq-2", "a filter has either a path or a searchParam") { $0.has("path") != $0.has("searchParam") },
        Invariant("trd-1", "a trigger has a timing or data, not both") { !$0.has("data") || !$0.hasChoice("timing") },
        Invariant("trd-2", "only a trigger with data has a condition") { !$0.has("condition") || $0.has("data") },
        Invariant("trd-3", "a trigger has what its type asks for: a name, a timing or data") { node in
            (!node.isOne("type", of: ["named-event"]) || node.has("name"))
                && (!node.isOne("type", of: ["periodic"]) || node.hasChoice("timing"))
                && (node["type"]?.stringValue?.hasPrefix("data-") != true || node.has("data"))
        },
        Invariant("rat-1", "a ratio has both numerator and denominator, or neither and an extension") { node in
            let (numerator, denominator) = (node["numerator"] != nil, node["denominator"] != nil)
            return numerator == denominator && (numerator || node.has("extension"))
        },
        Invariant("rng-2", "a range's low is not above its high") { node in
            guard let low = node["low"], let high = node["high"], let first = low.double("value"),
                let last = high.double("value"), low["code"]?.stringValue == high["code"]?.stringValue,
                low["unit"]?.stringValue == high["unit"]?.stringValue
            else { return true }
            return first <= last
        },
        Invariant("exp-1", "an expression has an expression or a reference") { node in
            node.has("expression") || node.has("reference")
        },
        Invariant("tim-1", "a duration has a durationUnit") { !$0.has("duration") || $0.has("durationUnit") },
        Invariant("tim-2", "a period has a periodUnit") { !$0.has("period") || $0.has("periodUnit") },
        Invariant("tim-4", "a duration is not negative") { ($0.double("duration") ?? 0) >= 0 },
        Invariant("tim-5", "a period is not negative") { ($0.double("period") ?? 0) >= 0 },
        Invariant("tim-6", "periodMax needs a period") { !$0.has("periodMax") || $0.has("period") },
        Invariant("tim-7", "durationMax needs a duration") { !$0.has("durationMax") || $0.has("duration") },
        Invariant("tim-8", "countMax needs a count") { !$0.has("countMax") || $0.has("count") },
        Invariant("tim-9", "an offset needs a when that is no meal as such") { node in
            guard node.has("offset") else { return true }
            let times = node["when"]?.elements.compactMap(\.stringValue) ?? []
            return node.has("when") && !times.contains { ["C", "CM", "CD", "CV"].contains($0) }
        },
        Invariant("tim-10", "timeOfDay and when exclude each other") { !$0.has("timeOfDay") || !$0.has("when") },
    ]

    private static let ucum = "http://unitsofmeasure.org"

    /// Whether there is a code where there is a value, and no other system than UCUM.
    private static func isCoded(_ node: JSONNode) -> Bool {
        (node.has("code") || !node.has("value")) && node["system"]?.equals(ucum) ?? true
    }
}
