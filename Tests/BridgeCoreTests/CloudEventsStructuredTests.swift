// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import JSON
import Testing

@Suite("CloudEvents in structured mode")
struct CloudEventsStructuredTests {
    private func sample(contentType: String = "application/json", body: String = #"{"a":1.50}"#) -> Message {
        Message(
            id: "0190b5a4-0000-7000-8000-000000000001", source: "/ocean/ereferral", type: .referralReceived,
            subject: "ref-1", time: Timestamp(milliseconds: 1_700_000_000_123),
            dataSchema: "https://ocean-bridge.ca/schemas/canonical-message.schema.json", contentType: contentType,
            attributes: MessageAttributes(
                site: "1234", listing: "clinic-1", service: "xray", event: "add-service-request", dialect: "0.11.1",
                test: true, echo: true, late: true, sequence: "00000007", causationID: "cause",
                integration: "ereferral"),
            trace: TraceContext(
                traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", tracestate: "a=b"),
            headers: ["reason": .string("timeout"), "attempts": .integer(3), "final": .bool(false)],
            body: Array(body.utf8))
    }

    @Test("a message comes back as it was")
    func roundTrip() throws {
        let message = sample()
        #expect(try Message(structured: message.structured()) == message)
    }

    @Test("a message with nothing optional comes back as it was")
    func smallest() throws {
        let message = Message(
            id: "1", source: "/hospital", type: .updateRequested, subject: nil, time: Timestamp(milliseconds: 0),
            body: [])
        let json = message.structured()
        #expect(json["data"] == nil && json["data_base64"] == nil && json["headers"] == nil)
        #expect(try Message(structured: json) == message)
    }

    @Test("a JSON body stands as data and keeps the spelling of its numbers")
    func dataMember() {
        #expect(sample().structured()["data"]?["a"]?.numberValue?.text == "1.50")
        #expect(sample(contentType: "application/fhir+json; charset=utf-8").structured()["data"] != nil)
    }

    @Test("a body that is not JSON stands as base64 and comes back byte for byte")
    func binary() throws {
        var message = sample(contentType: "application/pdf")
        message.body = [0, 255, 10, 37]
        #expect(message.structured()["data_base64"]?.stringValue == "AP8KJQ==")
        #expect(try Message(structured: message.structured()).body == [0, 255, 10, 37])
    }

    @Test("a body that breaks the promise of its content type is kept byte for byte")
    func notTheJSONItSays() throws {
        let message = sample(body: "{oops")
        #expect(message.structured()["data"] == nil)
        #expect(try Message(structured: message.structured()) == message)
    }

    @Test("exactBody keeps whitespace that data would lose")
    func exact() throws {
        let message = sample(body: "{ \"a\" : 1 }\n")
        #expect(try Message(structured: message.structured()).body == Array(#"{"a":1}"#.utf8))
        #expect(try Message(structured: message.structured(exactBody: true)) == message)
        #expect(sample().structured(exactBody: true)["data"] != nil)
    }

    @Test("headers beyond CloudEvents travel as JSON text in one string extension")
    func headers() {
        #expect(
            sample().structured()["headers"]?.stringValue == #"{"attempts":3,"final":false,"reason":"timeout"}"#)
    }

    @Test("every attribute but the body is a string, a number or a boolean, under a name that CloudEvents allows")
    func simpleAttributes() throws {
        let object = try #require(sample().structured().objectValue)
        for member in object where member.name != "data" {
            #expect(member.value.kind != .object && member.value.kind != .array && member.value.kind != .null)
            #expect(member.name.utf8.allSatisfy { (0x61...0x7A).contains($0) })
        }
    }

    @Test("an extension of another product stays an attribute, as in binary mode")
    func foreignExtension() throws {
        var message = sample()
        message.headers["cloudEvents_partitionkey"] = .string("k")
        message.headers["cloudEvents_big"] = .integer(1 << 40)
        let json = message.structured()
        #expect(json["partitionkey"] == "k")
        #expect(json["big"] == nil)
        #expect(try Message(structured: json) == message)
    }

    @Test("a missing time is the time of receipt when the caller gives one")
    func missingTime() throws {
        let json: JSONValue = ["specversion": "1.0", "id": "1", "source": "/h", "type": "t", "data": ["x": 1]]
        let now = Timestamp(milliseconds: 5)
        #expect(try Message(structured: json, receivedAt: now).time == now)
        #expect(throws: RecordError.self) { try Message(structured: json) }
    }

    @Test(
        "what is missing or of the wrong kind is named",
        arguments: [
            (#"{"id":"1","source":"/h","type":"t"}"#, "/specversion"),
            (#"{"specversion":"0.3","id":"1","source":"/h","type":"t"}"#, "/specversion"),
            (#"{"specversion":"1.0","source":"/h","type":"t"}"#, "/id"),
            (#"{"specversion":"1.0","id":"","source":"/h","type":"t"}"#, "/id"),
            (#"{"specversion":"1.0","id":"1","type":"t"}"#, "/source"),
            (#"{"specversion":"1.0","id":"1","source":"/h"}"#, "/type"),
            (#"{"specversion":"1.0","id":"1","source":"/h","type":"t","time":"yesterday"}"#, "/time"),
            (#"{"specversion":"1.0","id":"1","source":"/h","type":"t","site":{}}"#, "/site"),
            (#"{"specversion":"1.0","id":"1","source":"/h","type":"t","headers":"[]"}"#, "/headers"),
            (#"{"specversion":"1.0","id":"1","source":"/h","type":"t","headers":"{"}"#, "/headers"),
            (#"{"specversion":"1.0","id":"1","source":"/h","type":"t","data_base64":"*"}"#, "/data_base64"),
            (#"{"specversion":"1.0","id":"1","source":"/h","type":"t","data":1,"data_base64":"AA=="}"#, "/data_base64"),
            (
                #"{"specversion":"1.0","id":"1","source":"/h","type":"t","datacontenttype":"text/plain","data":1}"#,
                "/data"
            ),
            ("[]", ""),
        ])
    func refusals(text: String, place: String) throws {
        let json = try JSONValue(parsing: text)
        do throws(RecordError) {
            _ = try Message(structured: json, receivedAt: Timestamp(milliseconds: 0))
            Issue.record("accepted \(text)")
        } catch {
            #expect(error.pointer == place)
        }
    }

    @Test("null attributes and null data_base64 count as absent")
    func nulls() throws {
        let json: JSONValue = [
            "specversion": "1.0", "id": "1", "source": "/h", "type": "t", "time": "2026-01-02T03:04:05Z",
            "subject": nil, "site": nil, "data_base64": nil, "data": ["a": 1],
        ]
        let message = try Message(structured: json)
        #expect(message.subject == nil && message.attributes.site == nil)
        #expect(message.body == Array(#"{"a":1}"#.utf8))
    }

    @Test("a text body given as a string is taken as its UTF-8 bytes")
    func textData() throws {
        let json: JSONValue = [
            "specversion": "1.0", "id": "1", "source": "/h", "type": "t", "time": "2026-01-02T03:04:05Z",
            "datacontenttype": "text/plain", "data": "é",
        ]
        #expect(try Message(structured: json).body == [0xC3, 0xA9])
    }
}
