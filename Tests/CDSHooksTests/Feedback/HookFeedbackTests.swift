// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import BridgeTestKit
import CDSHooks
import JSON
import Testing

@Suite("Feedback")
struct HookFeedbackTests {
    private let service = HookSamples.service(
        rules: [ScriptedRule("health-number") { _ in [] }], request: "triage", site: "1234")

    private func body(_ items: JSONValue) -> [UInt8] { JSONValue.object(["feedback": items]).bytes() }

    @Test("the schema under docs/schemas is up to date")
    func published() throws {
        let name = "../../docs/schemas/" + HookFeedback.schemaName
        let expected = Array((HookFeedback.schema.text(.pretty) + "\n").utf8)
        if Fixture.isUpdatingGolden { try Fixture.write(expected, to: name) }
        #expect(try Fixture.bytes(name) == expected)
    }

    @Test("outcomes become one message that names the rule behind each card")
    func message() throws {
        let card = CardIdentity.make(service: "check", part: "health-number")
        let items: JSONValue = [
            [
                "card": .string(card), "outcome": "accepted", "acceptedSuggestions": [["id": "s-1"]],
                "outcomeTimestamp": "2026-01-02T03:04:05Z",
            ],
            [
                "card": "their-own", "outcome": "overridden", "outcomeTimestamp": "2026-01-02T03:04:05.6-05:00",
                "overrideReason": ["reason": ["code": "c"], "userComment": "no"], "rule": "forged",
            ],
        ]
        let feedback = try HookFeedback(body(items), for: service)
        #expect(feedback.outcomes == [.accepted, .overridden])
        #expect(feedback.routingKey == "1234.check.cds-feedback")
        let now = Timestamp(milliseconds: 7)
        let message = feedback.message(now: now, trace: nil)
        #expect(message.type == .hookFeedback)
        #expect(message.source == "/cds/check")
        #expect(message.attributes.site == "1234")
        #expect(message.id == (try HookFeedback(body(items), for: service).message(now: now, trace: nil).id))
        let data = try JSONValue(parsing: message.body)
        let schema = try #require(SchemaCheck(schema: HookFeedback.schema))
        #expect(schema.faults(in: data) == [])
        #expect(message.dataSchema == HookFeedback.schema["$id"]?.stringValue)
        #expect(data["service"] == "check")
        #expect(data["feedback"]?[0]?["rule"] == "health-number")
        #expect(data["feedback"]?[0]?["card"]?.stringValue == card)
        #expect(data["feedback"]?[1]?["rule"] == nil)
        #expect(data["feedback"]?[1]?["overrideReason"]?["userComment"] == "no")
        let other = try HookFeedback(body([items[0] ?? .null]), for: service)
        #expect(other.message(now: now, trace: nil).id != message.id)
    }

    @Test(
        "what is wrong is named by its place",
        arguments: [
            (.null, "/feedback"), ([], "/feedback"), (["x"], "/feedback/0"),
            ([["outcome": "accepted", "outcomeTimestamp": "2026-01-02T03:04:05Z"]], "/feedback/0/card"),
            ([["card": "c", "outcomeTimestamp": "2026-01-02T03:04:05Z"]], "/feedback/0/outcome"),
            (
                [["card": "c", "outcome": "ignored", "outcomeTimestamp": "2026-01-02T03:04:05Z"]],
                "/feedback/0/outcome"
            ),
            ([["card": "c", "outcome": "accepted"]], "/feedback/0/outcomeTimestamp"),
            (
                [["card": "c", "outcome": "accepted", "outcomeTimestamp": "yesterday"]],
                "/feedback/0/outcomeTimestamp"
            ),
            (
                [
                    [
                        "card": "c", "outcome": "accepted", "outcomeTimestamp": "2026-01-02T03:04:05Z",
                        "acceptedSuggestions": [["uuid": "s"]],
                    ]
                ], "/feedback/0/acceptedSuggestions"
            ),
        ] as [(JSONValue, String)])
    func malformed(_ items: JSONValue, _ pointer: String) {
        do throws(HookError) {
            _ = try HookFeedback(body(items), for: service)
            Issue.record("must be refused")
        } catch {
            #expect(error.code == .invalid)
            #expect(error.pointer == pointer)
        }
    }
}
