// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import JSON
import Testing

@Suite("Values")
struct ValueTests {
    @Test("members keep their order when set, and nil removes")
    func setsMembers() {
        var value: JSONValue = ["a": 1, "b": 2, "c": 3]
        value["b"] = "two"
        value["d"] = 4
        value["a"] = nil
        value["absent"] = nil
        #expect(value.text() == #"{"b":"two","c":3,"d":4}"#)
        #expect(value.objectValue?.names == ["b", "c", "d"])
    }

    @Test("setting a member of what is no object changes nothing")
    func ignoresOtherKinds() {
        var value: JSONValue = [1]
        value["a"] = 1
        #expect(value == [1])
        #expect(value["a"] == nil)
    }

    @Test("of members given twice the later value stands in the earlier place")
    func mergesDuplicates() {
        let object = JSONObject([
            JSONMember(name: "a", value: 1), JSONMember(name: "b", value: 2), JSONMember(name: "a", value: 3),
        ])
        #expect(JSONValue.object(object).text() == #"{"a":3,"b":2}"#)
        let many = JSONObject((0..<10_000).map { JSONMember(name: "n\($0 % 5_000)", value: .number(JSONNumber($0))) })
        #expect(many.count == 5_000)
        #expect(many["n1"] == 5_001)
    }

    @Test("an optional member is appended only when present, and never twice")
    func appends() {
        var object = JSONObject()
        #expect(object.isEmpty)
        object.append("a", nil)
        object.append("b", 1)
        object.append("b", 2)
        object.append("c", .null)
        #expect(JSONValue.object(object).text() == #"{"b":2,"c":null}"#)
        #expect(object.map(\.name) == ["b", "c"])
    }

    @Test("each accessor answers for its own kind only")
    func accessors() {
        let values: [JSONValue] = [["a": 1], [1], "a", 1, true, .null]
        #expect(values.map(\.kindName) == ["object", "array", "string", "number", "bool", "null"])
        #expect(values.map { $0.objectValue != nil } == [true, false, false, false, false, false])
        #expect(values.map { $0.arrayValue != nil } == [false, true, false, false, false, false])
        #expect(values.map { $0.stringValue != nil } == [false, false, true, false, false, false])
        #expect(values.map { $0.intValue != nil } == [false, false, false, true, false, false])
        #expect(values.map { $0.boolValue != nil } == [false, false, false, false, true, false])
        #expect(values.map(\.isNull) == [false, false, false, false, false, true])
        #expect(values[1][0] == 1)
        #expect(values[1][1] == nil)
        #expect(values[1][-1] == nil)
        #expect(values[0][0] == nil)
    }

    @Test("equality heeds the order of members and the spelling of numbers, and hashes agree")
    func equality() throws {
        let value: JSONValue = ["a": 1, "b": [true, .null, "x"]]
        let same = try JSONValue(parsing: value.text())
        #expect(value == same)
        #expect(value.hashValue == same.hashValue)
        #expect(try JSONValue(parsing: #"{"b":[true,null,"x"],"a":1}"#) != value)
        #expect(try JSONValue(parsing: "1.0") != 1)
    }
}
