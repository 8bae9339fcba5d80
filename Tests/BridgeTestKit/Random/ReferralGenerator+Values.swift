// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import JSON

extension ReferralGenerator {
    /// Any JSON: what the model takes over as it is. Never null, which says that an optional member is absent.
    mutating func anything(_ field: String, in record: String) -> JSONValue {
        if record == "FormItem" { return answer() }
        if record == "Unmapped", chance(10) { return .null }
        return json(depth: 0)
    }

    private mutating func json(depth: Int) -> JSONValue {
        switch Int.random(in: 0..<(depth < 2 ? 7 : 4), using: &random) {
        case 0, 1: return .string(text("display", in: "JSON"))
        case 2: return .number(chance(50) ? integer() : decimal())
        case 3: return .bool(chance(50))
        case 4: return .array((0..<Int.random(in: 0...2, using: &random)).map { _ in json(depth: depth + 1) })
        default:
            return .object(
                JSONObject(
                    (0..<Int.random(in: 0...3, using: &random)).map { index in
                        JSONMember(
                            name: pick(["a", "b/c", "d~e", "", "é", "url", "extension"]) + String(index),
                            value: chance(10) ? .null : json(depth: depth + 1))
                    }))
        }
    }

    /// Answers of the kinds that FHIR has, and of kinds that it has not.
    private mutating func answer() -> JSONValue {
        switch Int.random(in: 0..<10, using: &random) {
        case 0...3: .string(text("text", in: "Answer"))
        case 4: .bool(chance(50))
        case 5: .number(integer())
        case 6: .number(decimal())
        case 7: ["system": "http://loinc.org", "code": "LA33-6", "display": .string(text("display", in: "Answer"))]
        case 8: ["value": .number(decimal()), "unit": "kg"]
        default: json(depth: 1)
        }
    }

    /// Mostly the small numbers that the fields hold.
    mutating func integer() -> JSONNumber {
        chance(80)
            ? JSONNumber(Int.random(in: 1...600, using: &random))
            : JSONNumber(pick([0, -1, Int(Int32.max), Int(Int32.max) + 1, 1_234_567_890_123, Int(Int32.min) - 1]))
    }

    /// Spellings that must survive: trailing zeros, exponents, many digits.
    mutating func decimal() -> JSONNumber {
        let spellings = ["-79.380", "43.65107", "0.0", "1.50", "1e2", "-0", "12.3456789012345678901", "7E-3", "0.1"]
        return JSONNumber(text: pick(spellings)) ?? 0
    }
}
