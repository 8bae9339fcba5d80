// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import JSON
import NIOHTTP1
import Testing

@testable import OceanSandbox

@Suite("Scenarios of the pretend Ocean", .timeLimit(.minutes(15)))
struct ScenarioTests {
    private func scenario(_ steps: JSONValue) throws -> Scenario {
        var unknown: [JSONPointer] = []
        let scenario = try Scenario(json: ["title": "A story", "steps": steps], at: .root, unknown: &unknown)
        #expect(unknown.isEmpty)
        try scenario.check()
        return scenario
    }

    @Test("a scenario sends, writes, forwards and cancels, and meets its expectations")
    func story() async throws {
        try await Bench.run { bench in
            let scenario = try scenario([
                ["do": "send", "kind": "back-pain", "listing": "new-1", "as": "knee"],
                ["do": "message", "referral": "knee", "text": "When?"],
                ["do": "expect", "referral": "knee", "expect": ["messages": 1, "receiverFolder": "New"]],
                ["do": "forward", "referral": "knee", "listing": "other-1", "as": "there"],
                ["do": "cancel", "referral": "there"],
                ["do": "expect", "referral": "there", "expect": ["receiverFolder": "Cancelled"]],
                ["do": "expect", "referral": "knee", "expect": ["receiverFolder": "Forwarded (All)"]],
            ])
            let report = await bench.ocean.play(scenario)
            #expect(report.passed)
            #expect(report.steps.count == 7)
            #expect(report.steps.allSatisfy { $0.failure == nil })
            #expect(report.steps[3].references != report.steps[0].references)
        }
    }

    @Test("it stops at the first step that fails, and says what differs")
    func failure() async throws {
        try await Bench.run { bench in
            let scenario = try scenario([
                ["do": "send", "listing": "new-1", "as": "knee"],
                ["do": "expect", "referral": "knee", "seconds": 0, "expect": ["receiverFolder": "Declined"]],
                ["do": "cancel", "referral": "knee"],
            ])
            let report = await bench.ocean.play(scenario)
            #expect(!report.passed)
            #expect(report.steps.count == 2)
            #expect(report.steps.last?.failure?.contains("receiverFolder is New, not Declined") == true)
        }
    }

    @Test("an expectation is met by what happens while it waits")
    func later() async throws {
        try await Bench.run { bench in
            let reference = try await bench.ocean.send(.backPain, to: "new-1")
            let scenario = try scenario([
                ["do": "expect", "referral": .string(reference), "expect": ["receiverFolder": "Cancelled"]]
            ])
            let ocean = bench.ocean
            try await withThrowingTaskGroup(of: Bool.self) { group in
                group.addTask { await ocean.play(scenario).passed }
                try await ocean.cancel(reference)
                #expect(try await group.next() == true)
            }
        }
    }

    @Test(
        "a step without what it needs is refused with its place",
        arguments: [
            (#"{"do":"send"}"#, "send needs listing"), (#"{"do":"cancel"}"#, "cancel needs referral"),
            (#"{"do":"wait"}"#, "wait needs seconds"), (#"{"do":"wait","seconds":99999}"#, "0 to 3600"),
            (#"{"do":"faults","faults":{"token":{"status":42}}}"#, "200 to 599"),
        ])
    func incomplete(step: String, problem: String) throws {
        var unknown: [JSONPointer] = []
        let scenario = try Scenario(
            json: ["steps": [["do": "revokeTokens"], try JSONValue(parsing: Array(step.utf8))]], at: .root,
            unknown: &unknown)
        let error = #expect(throws: RecordError.self) { try scenario.check() }
        #expect(error?.description.contains("/steps/1") == true)
        #expect(error?.description.contains(problem) == true)
    }

    @Test("the parts of a split carry the source, its categories and the same patient, never each other")
    func split() async throws {
        try await Bench.run { bench in
            let references = try await bench.ocean.split([
                ReferralPart(.backPain, listing: "new-1"), ReferralPart(.urgentImaging, listing: "old-1"),
            ])
            #expect(references.count == 2)
            // Listings hear of theirs in any order.
            let calls = [try await bench.next(), try await bench.next()]
            var sources: Set<String> = []
            for (reference, other) in [(references[0], references[1]), (references[1], references[0])] {
                let snapshot = try await bench.snapshot(reference)
                sources.insert(try #require(snapshot.basedOn))
                let call = try #require(
                    calls.first { String(decoding: $0.body, as: UTF8.self).contains(reference) })
                let requests = call.resources.filter { $0["resourceType"] == "ServiceRequest" }
                #expect(requests.count == 2)
                #expect(
                    requests[0]["basedOn"]?[0]?["reference"]?.stringValue?.hasSuffix(snapshot.basedOn ?? "?") == true)
                #expect((requests[1]["category"]?.arrayValue ?? []).count >= 2)
                #expect(!String(decoding: call.body, as: UTF8.self).contains(other))
            }
            #expect(sources.count == 1)
        }
    }

    @Test("a manual resend carries the history, as new or as an update, and changes nothing", arguments: [true, false])
    func resend(asNew: Bool) async throws {
        try await Bench.run { bench in
            let reference = try await bench.ocean.send(.backPain, to: "new-1")
            try await bench.ocean.message(reference, text: "When?")
            _ = try await bench.next { $0.resource("Communication") != nil }
            try await bench.ocean.resend(reference, asNew: asNew)
            let call = try await bench.next()
            #expect(call.event == (asNew ? "add-service-request" : "notify-update-service-request"))
            #expect(call.resource("Communication") != nil)
            let snapshot = try await bench.snapshot(reference)
            #expect(snapshot.receiverFolder == .new)
            #expect(snapshot.history.last?.change == (asNew ? "resent as new" : "resent as update"))
        }
    }

    @Test("the control interface splits, sends again and plays scenarios")
    func control() async throws {
        try await Bench.run { bench in
            let split = try await bench.call(
                .POST, "/sandbox/api/splits",
                body: Array(
                    #"{"parts":[{"kind":"back-pain","listing":"new-1"},{"kind":"sparse","listing":"old-1"}]}"#.utf8))
            #expect(split.status == 201)
            let reference = try #require(split.json["referralRefs"]?[0]?.stringValue)
            let resend = try await bench.call(
                .POST, "/sandbox/api/referrals/\(reference)/resend", body: Array(#"{"asNew":true}"#.utf8))
            #expect(resend.status == 200)
            let play = try await bench.call(
                .POST, "/sandbox/api/scenarios",
                body: Array(#"{"steps":[{"do":"cancel","referral":"\#(reference)"}]}"#.utf8))
            #expect(play.json["passed"]?.boolValue == true)
            let broken = try await bench.call(
                .POST, "/sandbox/api/scenarios", body: Array(#"{"steps":[{"do":"send"}]}"#.utf8))
            #expect(broken.status == 400)
        }
    }
}
