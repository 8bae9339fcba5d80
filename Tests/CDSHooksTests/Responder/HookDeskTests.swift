// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import CDSHooks
import JSON
import Ocean
import Synchronization
import Testing

@Suite("Answers of a service", .timeLimit(.minutes(1)))
struct HookDeskTests {
    private func desk(_ requests: (any RequestPort)? = nil) -> HookDesk {
        HookDesk(reader: HookSamples.reader, requests: requests)
    }

    private static let hospitalCard: JSONValue = [
        "cards": [["summary": "From the hospital", "indicator": "warning", "source": ["label": "H"]]]
    ]

    @Test("cards of rules and of the bus stand in one answer, in the order of the settings")
    func together() async throws {
        let asked = Mutex<Message?>(nil)
        let requests = ScriptedRequests { message, name in
            asked.withLock { $0 = message }
            #expect(name == "triage")
            return Self.hospitalCard.bytes()
        }
        let rules = [
            ScriptedRule("first") { _ in [ScriptedRule.card("One"), ScriptedRule.card("Two")] },
            ScriptedRule("second") { _ in [] },
        ]
        let service = HookSamples.service(rules: rules, request: "triage")
        let body = try HookSamples.call { $0["fhirAuthorization"] = ["access_token": "secret-canary"] }
        let answer = try await desk(requests).answer(body, for: service, trace: .root())
        #expect(answer.cards.map { $0.json["summary"] } == ["One", "Two", "From the hospital"])
        #expect(Set(answer.cards.map(\.uuid)).count == 3)
        #expect(answer.parts.map(\.outcome) == ["answered", "answered", "answered"])
        #expect(!answer.isOverrun)
        #expect(answer.json["cards"]?[0]?["source"]?["topic"]?["code"] == "first")
        #expect(CardIdentity.part(of: answer.cards[1].uuid, service: "check", parts: service.parts) == "first")
        #expect(CardIdentity.part(of: answer.cards[2].uuid, service: "check", parts: service.parts) == "request")
        let question = try #require(asked.withLock { $0 })
        #expect(question.type == .questionAsked)
        #expect(question.source == "/cds/check")
        #expect(question.subject == answer.referral)
        #expect(question.trace != nil)
        let data = try JSONValue(parsing: question.body)
        #expect(data["hookInstance"]?.stringValue == HookSamples.instance)
        #expect(data["prefetch"]?["v11Bundle"] == (try HookSamples.bundle()))
        #expect(data["extension"]?["ca.ocean-bridge"]?["referral"]?["ref"]?.stringValue == answer.referral)
        #expect(!String(decoding: question.body, as: UTF8.self).contains("secret-canary"))
    }

    @Test("a rule that does not end, not even when cancelled, is an overrun: no cards at all")
    func hangingRule() async throws {
        let stuck = Mutex<CheckedContinuation<Void, Never>?>(nil)
        defer { stuck.withLock { $0 }?.resume() }
        let rules = [
            ScriptedRule("quick") { _ in [ScriptedRule.card("One", .critical)] },
            ScriptedRule("stuck") { (_) async throws(StoreError) in
                await withCheckedContinuation { continuation in stuck.withLock { $0 = continuation } }
                return []
            },
        ]
        let answer = try await desk().answer(
            try HookSamples.call(), for: HookSamples.service(rules: rules, budget: .milliseconds(300)))
        #expect(answer.isOverrun)
        #expect(answer.cards.isEmpty)
        #expect(answer.parts.allSatisfy { $0.outcome == "late" })
        #expect(answer.json == ["cards": []])
    }

    @Test("a responder that does not answer is an overrun too")
    func silentResponder() async throws {
        let requests = ScriptedRequests { (_, _) throws(RequestError) in throw RequestError(.noAnswer, "scripted") }
        let rule = ScriptedRule("quick") { _ in [ScriptedRule.card("One")] }
        let answer = try await desk(requests).answer(
            try HookSamples.call(), for: HookSamples.service(rules: [rule], request: "triage"))
        #expect(answer.isOverrun)
        #expect(answer.cards.isEmpty)
        #expect(answer.parts.map(\.outcome) == ["answered", "late"])
    }

    @Test("a budget that is spent before anybody was asked is an overrun")
    func spent() async throws {
        let rule = ScriptedRule("never-asked") { _ in
            Issue.record("must not be asked")
            return []
        }
        let answer = try await desk().answer(
            try HookSamples.call(), for: HookSamples.service(rules: [rule], budget: .seconds(1)),
            started: .now - .seconds(2))
        #expect(answer.isOverrun)
    }

    @Test(
        "a part that fails in time leaves the others their cards",
        arguments: [
            ("", "answer-invalid"), ("[]", "answer-invalid"), (#"{"cards":{}}"#, "answer-invalid"),
            (#"{"cards":[],"systemActions":7}"#, "answer-invalid"),
            (#"{"cards":[],"x":""# + String(repeating: "x", count: 1 << 20) + #""}"#, "answer-too-large"),
        ])
    func broken(_ body: String, _ outcome: String) async throws {
        let rules = [
            ScriptedRule("good") { _ in [ScriptedRule.card("One")] },
            ScriptedRule("broken") { (_) throws(StoreError) in throw StoreError(.unavailable, "scripted") },
        ]
        let answer = try await desk(ScriptedRequests { _, _ in Array(body.utf8) }).answer(
            try HookSamples.call(), for: HookSamples.service(rules: rules, request: "triage"))
        #expect(answer.cards.map { $0.json["summary"] } == ["One"])
        #expect(!answer.isOverrun)
        #expect(answer.parts.map(\.outcome) == ["answered", "store-unavailable", outcome])
    }

    @Test("nobody behind the queue, and no bus at all, leave the rules their cards")
    func nobody() async throws {
        let rule = ScriptedRule("good") { _ in [ScriptedRule.card("One")] }
        let service = HookSamples.service(rules: [rule], request: "triage")
        for code in [RequestError.Code.noResponder, .unavailable, .tooMany] {
            let requests = ScriptedRequests { (_, _) throws(RequestError) in throw RequestError(code, "scripted") }
            let answer = try await desk(requests).answer(try HookSamples.call(), for: service)
            #expect(answer.cards.count == 1)
            #expect(answer.parts.last?.outcome == code.rawValue)
        }
        let answer = try await desk().answer(try HookSamples.call(), for: service)
        #expect(answer.parts.last?.outcome == "no-responder")
    }

    @Test("bad cards are dropped and told of, a long critical one is kept")
    func faults() async throws {
        let body: JSONValue = [
            "cards": [
                ["summary": "Good", "indicator": "info", "source": ["label": "H"]],
                [
                    "summary": .string(String(repeating: "n", count: 200)), "indicator": "info",
                    "source": ["label": "H"],
                ],
                [
                    "summary": .string(String(repeating: "c", count: 200)), "indicator": "critical",
                    "source": ["label": "H"],
                ],
                ["indicator": "info"],
            ],
            "systemActions": [
                ["type": "create", "description": "d", "resource": ["resourceType": "Task"]], ["type": "create"],
            ],
        ]
        let answer = try await desk(ScriptedRequests { _, _ in body.bytes() }).answer(
            try HookSamples.call(), for: HookSamples.service(request: "triage"))
        #expect(answer.cards.map(\.indicator) == [.info, .critical])
        #expect(answer.json["systemActions"]?.arrayValue?.count == 1)
        #expect(answer.faults.map(\.fault) == ["summary-length", "summary-length", "summary", "system-action"])
        #expect(answer.faults.map(\.isDropped) == [true, false, true, true])
    }

    @Test("a service that needs no bundle asks the bus without one")
    func noBundle() async throws {
        let rule = ScriptedRule("rule") { _ in [] }
        let service = HookSamples.service(rules: [rule], request: "triage", needs: [.patient])
        let body = try HookSamples.call(prefetch: ["patient": ["resourceType": "Patient"], "v11Bundle": .null])
        let requests = ScriptedRequests { message, _ in
            #expect(message.subject == nil)
            let data = try? JSONValue(parsing: message.body)
            #expect(data?["prefetch"]?["v11Bundle"] == .null)
            #expect(data?["prefetch"]?["userPractitioner"] == nil)
            return Self.hospitalCard.bytes()
        }
        let answer = try await desk(requests).answer(body, for: service)
        #expect(answer.parts.map(\.outcome) == ["no-bundle", "answered"])
        #expect(answer.cards.count == 1)
    }
}
