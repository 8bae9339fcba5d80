// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeTestKit
import JSON

/// Makes JSON that looks like conditions, right and wrong.
struct ConditionGenerator {
    private var random: SeededGenerator

    init(_ part: Int) {
        random = SeededGenerator(seed: PropertySeed.part(part))
    }

    mutating func condition(depth: Int) -> JSONValue {
        switch Int.random(in: 0..<(depth > 0 ? 12 : 9), using: &random) {
        case 0: return ["age": number()]
        case 1: return ["ageMonths": number()]
        case 2: return ["sex": words()]
        case 3: return ["province": words()]
        case 4: return ["category": words()]
        case 5, 6: return ["answer": answer()]
        case 7: return .object([pick(["x", "Age", ""]): number()])
        case 8: return pick([.null, [], "all", 3, [:]])
        case 9: return ["not": condition(depth: depth - 1)]
        default:
            let count = Int.random(in: 0...3, using: &random)
            let list = JSONValue.array((0..<count).map { _ in condition(depth: depth - 1) })
            return .object([pick(["all", "any"]): list])
        }
    }

    private mutating func pick<Value>(_ values: [Value]) -> Value {
        values[Int.random(in: values.indices, using: &random)]
    }

    private mutating func number() -> JSONValue {
        .object([
            pick(["equals", "lessThan", "atMost", "greaterThan", "atLeast", "near"]): pick([0, 1, 18, -3, "18", .null])
        ])
    }

    private mutating func words() -> JSONValue {
        pick([
            ["equals": "male"], ["oneOf": ["a", "b"]], ["oneOf": []], ["equals": 3], ["system": "s", "equals": "x"],
        ])
    }

    private mutating func answer() -> JSONValue {
        var value = number()
        if Bool.random(using: &random) { value["linkId"] = pick(["a", "b", "c", ""]) }
        if Bool.random(using: &random) { value["exists"] = pick([true, false]) }
        if Bool.random(using: &random) { value["contains"] = "1" }
        return value
    }
}
