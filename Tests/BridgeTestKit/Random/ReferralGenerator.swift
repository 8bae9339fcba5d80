// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

package import BridgeCore
import JSON

/// Invents referrals and messages in which every field of the canonical model occurs: absent, empty, long, odd, in
/// lists. It walks the field tables, so a new field is generated without a change here.
///
/// The same seed gives the same values on every machine. All people are invented.
package struct ReferralGenerator {
    var random: SeededGenerator
    private var shapes: [String: [FieldShape]] = [:]
    /// How deep the value stands: lists and optional members get rarer inwards, so that forms end.
    private var depth = 0
    /// Chance of each optional member in this value, in percent: from sparse to full.
    private var fullness = 50
    private let fullnesses: [Int]

    /// - Parameter fullness: chances of each optional member in percent, of which every referral has one. A full
    ///   referral holds some thousand values, so that tests of very many cases take sparse ones mostly.
    package init(seed: UInt64, fullness: [Int] = [10, 30, 50, 70, 95]) {
        random = SeededGenerator(seed: seed)
        fullnesses = fullness.isEmpty ? [50] : fullness
    }

    /// A referral of which any part may be missing but the reference.
    package mutating func referral() -> Referral {
        fullness = pick(fullnesses)
        return record(Referral.self)
    }

    /// A message with a referral, or (one in five) with content of the patient-engagement API.
    package mutating func message() -> CanonicalMessage {
        fullness = pick(fullnesses)
        var message = CanonicalMessage()
        message.event = record(SourceEvent.self)
        message.original = original()
        if chance(20) {
            message.engagement = record(Engagement.self)
        } else {
            message.referral = record(Referral.self)
        }
        return message
    }

    /// Any record of the canonical model.
    package mutating func record<Record: JSONRecord>(_ type: Record.Type) -> Record {
        var unknown: [JSONPointer] = []
        let json = object(type)
        do {
            return try Record(json: json, at: .root, unknown: &unknown)
        } catch {
            preconditionFailure("the generator does not know a field's form: \(error)")
        }
    }

    /// An object of `type` in its JSON form.
    mutating func object(_ type: any JSONRecord.Type) -> JSONValue {
        depth += 1
        defer { depth -= 1 }
        var members: [JSONMember] = []
        for field in fields(of: type) {
            guard field.isRequired || chance(depth > 4 ? fullness / 4 : fullness) else { continue }
            members.append(JSONMember(name: field.name, value: value(field.shape, field: field, of: type)))
        }
        return .object(JSONObject(members))
    }

    private mutating func value(_ shape: FieldShape.Shape, field: FieldShape, of type: any JSONRecord.Type)
        -> JSONValue
    {
        switch shape {
        case .text: .string(text(field.name, in: type.definitionName))
        case .word(let words): .string(pick(words))
        case .flag: .bool(chance(50))
        case .integer: .number(integer())
        case .number: .number(decimal())
        case .record(let record): object(record)
        case .any: anything(field.name, in: type.definitionName)
        case .list(let element):
            .array((0..<length()).map { _ in value(element, field: field, of: type) })
        }
    }

    /// Mostly one to three, sometimes none, sometimes many.
    private mutating func length() -> Int {
        guard depth <= 4 else { return Int.random(in: 0...1, using: &random) }
        return chance(2) ? Int.random(in: 4...9, using: &random) : pick([0, 1, 1, 1, 2, 2, 3])
    }

    private mutating func fields(of type: any JSONRecord.Type) -> [FieldShape] {
        let name = type.definitionName
        if let known = shapes[name] { return known }
        let made = FieldShape.all(of: type)
        shapes[name] = made
        return made
    }

    private mutating func original() -> Original {
        var original = record(Original.self)
        original.dialect = pick(["0.10.0", "0.11.1", "ocean-json", "patient-engagement", "unknown"])
        let digest = (0..<4).map { _ in
            let digits = String(random.next(), radix: 16)
            return String(repeating: "0", count: 16 - digits.utf8.count) + digits
        }
        original.sha256 = digest.joined()
        original.isBase64 = false
        return original
    }

    /// True in `percent` of 100 cases.
    mutating func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &random) < percent }

    /// One of `values`, which must not be empty.
    mutating func pick<Value>(_ values: [Value]) -> Value {
        values[Int.random(in: 0..<values.count, using: &random)]
    }
}
