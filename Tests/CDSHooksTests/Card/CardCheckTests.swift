// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import CDSHooks
import JSON
import Testing

@Suite("Cards against the specification")
struct CardCheckTests {
    private func card(_ indicator: String = "info", _ changes: [(String, JSONValue?)] = []) -> JSONValue {
        var object: JSONObject = [
            "summary": "Consider an ultrasound first.", "indicator": .string(indicator),
            "source": ["label": "Hospital"],
        ]
        for (name, value) in changes { object[name] = value }
        return .object(object)
    }

    private func verdict(_ card: JSONValue) -> CardCheck.Verdict {
        var check = CardCheck(service: "check", part: "request")
        return check.check(card)
    }

    @Test("a card without a uuid gets one that tells who said it")
    func identity() throws {
        guard case .accepted(let checked) = verdict(card()) else {
            Issue.record("must be accepted")
            return
        }
        #expect(checked.json["uuid"]?.stringValue == checked.uuid)
        let parts = ["a-rule", "request"]
        #expect(CardIdentity.part(of: checked.uuid, service: "check", parts: parts) == "request")
        #expect(CardIdentity.part(of: checked.uuid.uppercased(), service: "check", parts: parts) == "request")
        #expect(CardIdentity.part(of: checked.uuid, service: "other", parts: parts) == nil)
        #expect(CardIdentity.part(of: HookSamples.instance, service: "check", parts: parts) == nil)
        #expect(CardIdentity.part(of: "", service: "check", parts: parts) == nil)
    }

    @Test("a complete card passes as it is")
    func complete() {
        let full = card(
            "warning",
            [
                ("uuid", .string(HookSamples.instance)), ("detail", "Some *markdown*"),
                ("source", ["label": "H", "url": "https://h.example/a", "icon": "https://h.example/i.png"]),
                ("links", [["label": "Guide", "url": "https://h.example/g?x=1", "type": "absolute"]]),
                (
                    "suggestions",
                    [
                        [
                            "label": "Do", "uuid": "s-1", "isRecommended": true,
                            "actions": [
                                ["type": "create", "description": "d", "resource": ["resourceType": "Task"]],
                                ["type": "delete", "description": "d", "resourceId": "Task/1"],
                            ],
                        ]
                    ]
                ),
                ("selectionBehavior", "at-most-one"),
                ("overrideReasons", [["code": "c", "system": "https://h.example", "display": "Not needed"]]),
                ("extension", ["a.b": 1]),
            ])
        guard case .accepted(let checked) = verdict(full) else {
            Issue.record("must be accepted: \(verdict(full))")
            return
        }
        #expect(checked.json == full)
        #expect(checked.uuid == HookSamples.instance)
    }

    @Test("of two cards with one uuid the second is dropped")
    func repeated() {
        var check = CardCheck(service: "check", part: "request")
        let one = card("info", [("uuid", .string(HookSamples.instance))])
        guard case .accepted = check.check(one) else {
            Issue.record("the first must be accepted")
            return
        }
        #expect(check.check(one) == .dropped(faults: ["uuid-repeated"]))
    }

    static let faults: [(String, JSONValue?, String)] = [
        ("summary", nil, "summary"), ("summary", "  ", "summary"), ("summary", 7, "summary"),
        ("summary", .string(String(repeating: "x", count: 140)), "summary-length"),
        ("indicator", "hard-stop", "indicator"), ("indicator", nil, "indicator"), ("source", nil, "source"),
        ("source", ["url": "https://h.example"], "source"), ("source", ["label": "H", "url": "/x"], "source-url"),
        ("source", ["label": "H", "icon": "http://h.example/i"], "source-icon"),
        ("source", ["label": "H", "topic": "t"], "source-topic"), ("detail", ["a"], "detail"), ("uuid", "1", "uuid"),
        ("links", "x", "links"), ("links", [["label": "l", "url": "https://h.example"]], "links"),
        ("links", [["label": "l", "url": "http://h.example", "type": "absolute"]], "links"),
        ("links", [["label": "l", "url": "https://", "type": "absolute"]], "links"),
        ("links", [["label": "l", "url": "https://a@h.example", "type": "absolute"]], "links"),
        ("links", [["label": "l", "url": "javascript:alert(1)", "type": "absolute"]], "links"),
        ("links", [["label": "l", "url": "https://h.example", "type": "relative"]], "links"),
        ("links", [["label": "l", "url": "https://h.example", "type": "absolute", "appContext": "x"]], "links"),
        ("suggestions", [["label": "Do"]], "selection-behavior"), ("suggestions", ["x"], "selection-behavior"),
        ("suggestions", 1, "suggestions"), ("selectionBehavior", "all", "selection-behavior"),
        ("overrideReasons", [["code": "c"]], "override-reasons"), ("overrideReasons", "x", "override-reasons"),
    ]

    @Test("a card with a fault is dropped, by name of the fault", arguments: faults)
    func dropped(_ name: String, _ value: JSONValue?, _ fault: String) {
        #expect(verdict(card("warning", [(name, value)])) == .dropped(faults: [fault]))
    }

    @Test(
        "suggestions keep to the selection behaviour",
        arguments: [
            ([["label": ""]], false), ([["label": "a", "actions": [["type": "move", "description": "d"]]]], false),
            ([["label": "a", "actions": [["type": "create", "description": "d"]]]], false),
            ([["label": "a", "actions": [["type": "create", "resource": ["resourceType": "Task"]]]]], false),
            ([["label": "a", "isRecommended": "yes"]], false), ([["label": "a", "uuid": ""]], false),
            ([["label": "a", "isRecommended": true], ["label": "b", "isRecommended": true]], false),
            ([["label": "a"], ["label": "b", "isRecommended": true]], true), ([], true),
        ] as [(JSONValue, Bool)])
    func suggestions(_ suggestions: JSONValue, _ isGood: Bool) {
        let verdict = verdict(card("info", [("suggestions", suggestions), ("selectionBehavior", "at-most-one")]))
        guard isGood else {
            #expect(verdict == .dropped(faults: ["suggestions"]))
            return
        }
        guard case .accepted(let checked) = verdict else {
            Issue.record("must be accepted: \(verdict)")
            return
        }
        let uuids = (checked.json["suggestions"]?.arrayValue ?? []).compactMap { $0["uuid"]?.stringValue }
        #expect(Set(uuids).count == suggestions.arrayValue?.count)
    }

    @Test("a critical card with a long summary keeps it: short above, in full below")
    func critical() throws {
        let long = String(repeating: "Stop 🩺 ", count: 40)
        let whole = card("critical", [("summary", .string(long)), ("detail", "Because.")])
        guard case .mended(let checked, let faults) = verdict(whole) else {
            Issue.record("must be mended")
            return
        }
        #expect(faults == ["summary-length"])
        let summary = try #require(checked.json["summary"]?.stringValue)
        #expect(summary.utf16.count < 140)
        #expect(summary.utf16.count > 130)
        #expect(long.hasPrefix(summary.dropLast()))
        #expect(summary.hasSuffix("…"))
        #expect(checked.json["detail"]?.stringValue == long + "\n\nBecause.")
        #expect(checked.indicator == .critical)
    }

    @Test("a critical card loses what is wrong beside its word, not the word")
    func criticalOrnaments() {
        let whole = card(
            "critical",
            [
                ("links", [["label": "l", "url": "http://h.example", "type": "absolute"]]), ("uuid", "1"),
                ("suggestions", [["label": "Do"]]), ("overrideReasons", 7),
            ])
        guard case .mended(let checked, let faults) = verdict(whole) else {
            Issue.record("must be mended")
            return
        }
        #expect(Set(faults) == ["links", "uuid", "selection-behavior", "override-reasons"])
        #expect(checked.json["links"] == [])
        #expect(checked.json["suggestions"] == nil)
        #expect(checked.json["overrideReasons"] == nil)
        #expect(checked.json["summary"] == "Consider an ultrasound first.")
    }

    @Test("a critical card without a word to show cannot be kept")
    func mute() {
        #expect(verdict(card("critical", [("summary", nil)])) == .dropped(faults: ["summary"]))
        #expect(verdict("card") == .dropped(faults: ["not-an-object"]))
    }
}
