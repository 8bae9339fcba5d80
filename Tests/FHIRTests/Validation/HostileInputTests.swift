// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeTestKit
import FHIR
import JSON
import Testing

@Suite struct HostileInputTests {
    private static let secret = "Qzxw Vjkq"

    private static func seeds() throws -> [JSONValue] {
        let folders = [
            "r4", "ocean-fhir/0.10.0", "ocean-fhir/0.11.1", "golden/normalised-fhir", "golden/updates/0.11.1",
        ]
        return try folders.flatMap { try Fixture.names(in: $0) }.map { try JSONValue(parsing: Fixture.bytes($0)) }
    }

    @Test("thousands of mutated resources end in a bounded report that holds no value of theirs", arguments: 0..<8)
    func mutated(_ seed: Int) throws {
        var random = SeededGenerator(seed: UInt64(seed) &+ 0x0CEA)
        let seeds = try Self.seeds()
        let validator = StructureValidator(limits: .init(issues: 20))
        var invalid = 0
        for round in 0..<500 {
            var mutation = Mutation(random: random, secret: Self.secret)
            let source = seeds[(round + seed) % seeds.count]
            var value = source
            for _ in 0...Int.random(in: 0..<6, using: &mutation.random) { value = mutation.mutated(value) }
            random = mutation.random
            let report = validator.validate(value)
            #expect(report.issues.count <= 21)
            if !report.isValid { invalid += 1 }
            #expect(report.isValid != report.issues.contains { $0.severity == .error || $0.severity == .fatal })
            for issue in report.issues where issue.description.contains("Qzxw") || "\(issue.pointer)".contains("Qzxw") {
                Issue.record("a value in \(issue)")
            }
        }
        #expect(invalid > 250)
    }

    @Test("damaged bytes end in a bounded report", arguments: 0..<4)
    func damaged(_ seed: Int) throws {
        var random = SeededGenerator(seed: UInt64(seed) &+ 0xB17E)
        let names = try Fixture.names(in: "r4")
        let validator = StructureValidator(limits: .init(issues: 20))
        for round in 0..<400 {
            var bytes = try Fixture.bytes(names[round % names.count])
            for _ in 0...Int.random(in: 0..<3, using: &random) {
                bytes[Int.random(in: bytes.indices, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            #expect(validator.validate(bytes).issues.count <= 21)
        }
    }

    @Test("20,000 entries whose references form a circle are judged in one pass")
    func manyEntries() throws {
        var text = "{\"resourceType\":\"Bundle\",\"type\":\"collection\",\"entry\":["
        let count = 20_000
        for number in 0..<count {
            let next = (number + 1) % count
            text += number == 0 ? "" : ","
            text += "{\"fullUrl\":\"http://a.example/Task/\(number)\",\"resource\":{\"resourceType\":\"Task\","
            text += "\"id\":\"\(number)\",\"status\":\"draft\",\"intent\":\"order\",\"partOf\":"
            text += "[{\"reference\":\"Task/\(next)\"}]}}"
        }
        text += "]}"
        #expect(StructureValidator().validate(Array(text.utf8)).issues == [])
    }

    @Test(
        "large input of any shape gives as many issues as the limit allows and one more",
        arguments: [
            ("{},", 120_000), ("null,", 120_000), ("[],", 120_000),
            ("{\"resource\":{\"resourceType\":\"Task\"}},", 20_000),
            ("{\"resource\":{\"resourceType\":3}},", 40_000), ("{\"fullUrl\":\"a\",\"resource\":{}},", 40_000),
            ("{\"resource\":{\"resourceType\":\"Goal\",\"a\":{\"b\":[null,[]]}}},", 20_000),
        ])
    func large(_ entry: String, _ count: Int) {
        let text =
            "{\"resourceType\":\"Bundle\",\"type\":\"message\",\"entry\":["
            + String(repeating: entry, count: count) + "0]}"
        let report = StructureValidator().validate(Array(text.utf8))
        #expect(!report.isValid)
        #expect(report.issues.count == 201)
        #expect(report.issues.last?.code == .processing)
    }

    @Test("an object of 50,000 unknown members, a list of 100,000 names and 20,000 contained resources end in a report")
    func wide() {
        let members = (0..<50_000).map { "\"m\($0)\":{}" }.joined(separator: ",")
        let unknown = StructureValidator().validate(Array("{\"resourceType\":\"Patient\",\(members)}".utf8))
        #expect(unknown.issues.count == 201)
        let names = String(repeating: "null,", count: 100_000)
        let given = StructureValidator().validate(
            Array("{\"resourceType\":\"Patient\",\"name\":[{\"given\":[\(names)null],\"_given\":[{}]}]}".utf8))
        #expect(given.issues.count == 201)
        let contained = (0..<20_000).map { "{\"resourceType\":\"Patient\",\"id\":\"\($0)\",\"active\":true}" }
        let unused = StructureValidator().validate(
            Array("{\"resourceType\":\"Patient\",\"contained\":[\(contained.joined(separator: ","))]}".utf8))
        #expect(unused.issues.count == 201)
        #expect(unused.issues.dropLast().allSatisfy { $0.rule == "dom-3" })
    }

    @Test("bundles within bundles, items within items and extensions within extensions end at the depth limit")
    func deep() {
        for (open, close, count) in [
            ("{\"resourceType\":\"Bundle\",\"type\":\"collection\",\"entry\":[{\"resource\":", "}]}", 84),
            ("{\"resourceType\":\"Parameters\",\"parameter\":[{\"name\":\"a\",\"resource\":", "}]}", 84),
            ("{\"resourceType\":\"Goal\",\"a\":", "}", 254),
            ("{\"resourceType\":\"Patient\",\"contained\":[", "]}", 127),
        ] {
            let text =
                String(repeating: open, count: count) + "{\"resourceType\":\"Patient\",\"active\":true}"
                + String(repeating: close, count: count)
            let report = StructureValidator(limits: .init(depth: 60)).validate(Array(text.utf8))
            #expect(report.issues.contains { $0.code == .tooLong }, "\(open)")
        }
    }
}

/// Random changes to a JSON value.
private struct Mutation {
    var random: SeededGenerator
    let secret: String

    private mutating func below(_ limit: Int) -> Int { Int.random(in: 0..<max(limit, 1), using: &random) }

    mutating func mutated(_ value: JSONValue) -> JSONValue {
        switch value {
        case .object(let object) where !object.isEmpty && below(12) > 0:
            var members = object.members
            let place = below(members.count)
            switch below(14) {
            case 0: members.remove(at: place)
            case 1: members[place].name = ["id", "extension", "_value", "valueString", "reference", "x"][below(6)]
            case 2: members[place].name = "_" + members[place].name
            case 3: members.append(JSONMember(name: "extension", value: junk(2)))
            case 4: members.append(JSONMember(name: "contained", value: [value]))
            default: members[place].value = mutated(members[place].value)
            }
            return .object(JSONObject(members))
        case .array(var list) where !list.isEmpty && below(10) > 0:
            let place = below(list.count)
            switch below(8) {
            case 0: list.remove(at: place)
            case 1: list.append(list[place])
            case 2: list.insert(.null, at: place)
            default: list[place] = mutated(list[place])
            }
            return .array(list)
        default: return junk(3)
        }
    }

    private mutating func junk(_ depth: Int) -> JSONValue {
        switch below(depth > 0 ? 12 : 8) {
        case 0: return .null
        case 1: return .bool(below(2) == 0)
        case 2: return .number(JSONNumber(below(1_000) - 500))
        case 3: return ""
        case 4: return .string("#" + secret)
        case 5: return .string("urn:uuid:" + secret)
        case 6, 7: return .string(secret)
        case 8: return .object(JSONObject())
        case 9: return .array([])
        case 10: return .array([junk(depth - 1), junk(depth - 1)])
        default: return ["resourceType": "Patient", "id": junk(depth - 1), "name": junk(depth - 1)]
        }
    }
}
