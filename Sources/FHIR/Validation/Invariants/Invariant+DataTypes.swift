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
        Invariant("tim-10", "timeOfDay and when exclude each other") { !$0.has("timeOfDay") || !$0.has("when") },
    ]
}
