// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import JSON
import Ocean
import Testing

@Suite("Published schemas")
struct SchemaTests {
    private func check(_ schema: JSONValue) throws -> SchemaCheck { try #require(SchemaCheck(schema: schema)) }

    @Test("the files under docs/schemas are up to date", arguments: Schemas.documents.map(\.name))
    func files(name: String) throws {
        let document = try #require(Schemas.documents.first { $0.name == name })
        let text = Array((document.json.text(.pretty) + "\n").utf8)
        #expect(try GoldenFile.content("docs/schemas/\(name)", replacedBy: text) == text)
        #expect(document.json["$id"]?.stringValue == document.id)
        #expect(document.json["$schema"] == "https://json-schema.org/draft/2020-12/schema")
    }

    @Test("every action's sample is on file, reads back, and validates", arguments: UpdateAction.allCases)
    func samples(action: UpdateAction) throws {
        let update = UpdateSamples.update(action)
        let text = Array((update.json.text(.pretty) + "\n").utf8)
        let path = "Tests/Fixtures/updates/canonical/\(action.rawValue).json"
        let json = try JSONValue(parsing: try GoldenFile.content(path, replacedBy: text))
        #expect(try check(Schemas.update()).faults(in: json) == [])
        var unknown: [JSONPointer] = []
        #expect(try ReferralUpdate.read(json, unknown: &unknown) == update)
        #expect(unknown.isEmpty)
    }

    @Test("an update that the reader refuses does not validate either")
    func invalidUpdates() throws {
        let schema = try check(Schemas.update())
        let cases: [(String, String)] = [
            (#"{"site":"1","action":"accept"}"#, "/referral"), (#"{"referral":"r","action":"accept"}"#, "/site"),
            (#"{"referral":"r","site":"1"}"#, "/action"),
            (#"{"referral":"","site":"1","action":"accept"}"#, "/referral"),
            (#"{"referral":"r","site":"1","action":"explode"}"#, "/action"),
            (#"{"referral":"r","site":1,"action":"accept"}"#, "/site"),
            (#"{"referral":"r","site":"1","action":"book","appointment":{"minutes":"9"}}"#, "/appointment/minutes"),
            (#"{"referral":"r","site":"1","action":"message","documents":[{}]}"#, "/documents/0/kind"),
        ]
        for (text, place) in cases {
            let json = try JSONValue(parsing: text)
            #expect(schema.faults(in: json).map(\.pointer.description) == [place])
            var unknown: [JSONPointer] = []
            #expect(throws: RecordError.self) { try ReferralUpdate.read(json, unknown: &unknown) }
        }
    }

    @Test("a canonical message validates, nested form items included")
    func canonicalMessage() throws {
        var item = FormItem()
        item.linkID = "outer"
        var inner = FormItem()
        inner.linkID = "inner"
        inner.answers = ["Y"]
        item.items = [inner]
        var form = Form()
        form.items = [item]
        var message = CanonicalMessage()
        message.referral = UpdateSamples.stored
        message.referral?.forms = [form]
        let schema = try check(Schemas.canonicalMessage())
        #expect(schema.faults(in: message.json) == [])
        var json = message.json
        let place = try JSONPointer("/referral/forms/0/items/0/items/0/linkId")
        let isSet = json.set(7, at: place)
        #expect(isSet)
        #expect(schema.faults(in: json).map(\.pointer) == [place])
    }

    @Test("a result validates")
    func result() throws {
        var result = UpdateResult()
        result.referral = "r"
        result.site = "1"
        result.action = .book
        result.outcome = .refused
        result.updateID = "u"
        result.status = 409
        result.answer = ["resourceType": "OperationOutcome"]
        result.finishedAt = Timestamp(milliseconds: 0)
        #expect(try check(Schemas.updateResult()).faults(in: result.json) == [])
        result.updateID = ""
        var json = result.json
        json["outcome"] = "lost"
        #expect(try check(Schemas.updateResult()).faults(in: json).map(\.pointer.description) == ["/outcome"])
    }

    @Test("definitions can be placed elsewhere, with their references")
    func components() throws {
        let definitions = Schemas.definitions(of: [ReferralUpdate.self], prefix: "#/components/schemas/")
        #expect(definitions["Patient"] != nil && definitions["HealthNumber"] != nil)
        #expect(!JSONValue.object(definitions).text().contains("#/$defs/"))
        #expect(
            definitions["ReferralUpdate"]?["properties"]?["patient"]?["$ref"] == "#/components/schemas/Patient")
    }

    @Test("a schema with a keyword that is not checked, or a dangling reference, is refused")
    func refusedSchemas() throws {
        #expect(SchemaCheck(schema: ["type": "string", "pattern": "a"]) == nil)
        #expect(SchemaCheck(schema: ["properties": ["a": ["oneOf": []]]]) == nil)
        #expect(SchemaCheck(schema: ["$ref": "#/$defs/none"]) == nil)
        #expect(SchemaCheck(schema: ["$ref": "https://example.org/x"]) == nil)
        #expect(SchemaCheck(schema: ["items": ["$ref": "#"]]) != nil)
        let open: JSONValue = ["properties": ["a": ["type": "integer"]], "additionalProperties": ["type": "string"]]
        #expect(try check(open).faults(in: ["a": 1, "b": "x"]) == [])
        #expect(try check(open).faults(in: ["a": 1, "b": 2]).map(\.pointer.description) == ["/b"])
    }

    @Test("each keyword finds its fault, and a reference to itself ends")
    func keywords() throws {
        func faults(_ schema: JSONValue, _ value: JSONValue) throws -> Int {
            try #require(SchemaCheck(schema: schema)).faults(in: value).count
        }
        #expect(try faults(["type": "integer"], .number(try #require(JSONNumber(text: "1.0")))) == 0)
        #expect(try faults(["type": "integer"], .number(try #require(JSONNumber(text: "1.5")))) == 1)
        #expect(try faults(["type": "integer"], .number(try #require(JSONNumber(text: "12345678901234567890")))) == 0)
        #expect(try faults(["type": ["string", "null"]], .null) == 0)
        #expect(try faults(["type": "boolean"], true) == 0)
        #expect(try faults(["const": "a"], "b") == 1)
        #expect(try faults(["enum": ["a", 1]], 1) == 0)
        #expect(try faults(["minLength": 2], "é") == 1)
        #expect(try faults(["items": ["type": "string"]], ["a", 1, 2]) == 2)
        #expect(try faults(["$ref": "#"], 1) == 1)
    }
}
