// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import BridgeTestKit
import FoundationEssentials
import JSON
import OceanBridge
import OceanSandbox
import Testing

@Suite("CDS services before a referral is sent", .timeLimit(.minutes(3)))
struct DecisionSupportTests {
    private static let files = [
        "required.json": #"""
        {"services": [{"service": "IMAGING", "answers": [{"linkId": "interpreter", "label": "Interpreter needed"}]}]}
        """#,
        "state.json": #"""
        {"services": [{"service": "ORTHOPAEDICS", "wait": {"weeks": 30}, "longestWait": {"weeks": 26}}]}
        """#,
        "criteria.json": #"""
        {"services": [{"service": "ORTHOPAEDICS", "criteria": [{"id": "urgent", "text": "No urgent referrals here.",
         "indicator": "critical", "when": {"priority": {"equals": "urgent"}}}]}]}
        """#,
    ]

    /// A bridge whose service `check` has every rule, and a pretend Ocean that asks it.
    private func withRules(
        _ body: @Sendable @escaping (BridgeUnderTest) async throws -> Void
    ) async throws {
        try await withTemporaryDirectory { directory in
            for (name, text) in Self.files {
                try Data(text.utf8).write(to: URL(fileURLWithPath: directory + "/" + name))
            }
            let settings = """
                cds:
                  services:
                    check:
                      description: Everything that the clinics want to know.
                      site: "1234"
                      rules: [required-answers, health-number, open-referral, listing-state, exclusion-criteria]
                      budget: 10s
                      auth: { oauth2: { clientId: ocean-cds, clientSecret: cds-secret } }
                  rules:
                    source: { label: Invented hospital, url: "https://hospital.example" }
                    requiredAnswers: { file: "\(directory)/required.json" }
                    listingState: { file: "\(directory)/state.json" }
                    exclusionCriteria: { file: "\(directory)/criteria.json" }
                """
            try await runBridge(directory: directory, bus: "embedded", extra: settings, body)
        }
    }

    @Test("Ocean discovers, asks with an 0.11.1 bundle, shows the card, sends and reports; the hospital gets both")
    func whole() async throws {
        try await withRules { test in
            try await test.hospital.bind("canonical", to: [BusNames.hospitalCanonical])
            let discovery = try await HospitalSide.call("GET", test.bridge + "/cds-services")
            #expect(discovery.json?["services"]?[0]?["id"] == "check")
            #expect(discovery.json?["services"]?[0]?["hook"] == "order-sign")
            let reference = try await test.ocean.send(.backPain, to: BridgeUnderTest.listing0111)
            let talk = try #require(test.ocean.conversations().first)
            #expect(talk.failure == nil)
            #expect(talk.reference == reference)
            #expect(talk.cards.map(\.summary) == ["The wait for this service is about 30 weeks, above 26 weeks."])
            #expect(talk.cards.map(\.indicator) == ["warning"])
            #expect(talk.cards.map(\.source) == ["Invented hospital"])
            #expect(talk.cards.allSatisfy { $0.uuid?.utf8.count == 36 })
            #expect(talk.unreadableCards == 0)
            #expect(talk.feedback == 200)
            let received = try await test.hospital.receive(2, from: "canonical")
            let referral = try #require(received.first { $0.message.type == .referralReceived })
            #expect(referral.message.subject == reference)
            let feedback = try #require(received.first { $0.message.type != .referralReceived })
            let item = try #require(feedback.data["feedback"]?[0])
            #expect(item["card"]?.stringValue == talk.cards.first?.uuid)
            #expect(item["rule"] == "listing-state")
            #expect(item["outcome"] == "overridden")

            // The store knows the referral now.
            let again = try await test.ocean.ask(about: .backPain, to: BridgeUnderTest.listing0111)
            #expect(
                again.flatMap(\.cards).map(\.summary) == [
                    "The patient already has an open referral to this service.",
                    "The wait for this service is about 30 weeks, above 26 weeks.",
                ])
            let other = try await test.ocean.ask(about: .mentalHealth, to: BridgeUnderTest.listing0111)
            #expect(other.flatMap(\.cards).count == 1)
        }
    }

    @Test("a critical card keeps the referral from being sent; another service has other rules")
    func stopped() async throws {
        try await withRules { test in
            let error = try await #require(throws: RefusedChange.self) {
                try await test.ocean.send(.urgentImaging, to: BridgeUnderTest.listing0111)
            }
            #expect(error.code == .stopped)
            #expect(error.message.contains("No urgent referrals here."))
            #expect(await test.ocean.snapshot().isEmpty)
            try await test.ocean.send(.urgentImaging, to: BridgeUnderTest.listing0100)
            let talk = try #require(test.ocean.conversations().last)
            #expect(talk.cards.map(\.summary) == ["1 required answer is missing on the form."])
            #expect(talk.cards.first?.detail == "- Interpreter needed")
            #expect(await test.ocean.snapshot().count == 1)
        }
    }

    @Test("prefetch that is absent, null or failed: 412 without the bundle, an answer without the rest")
    func prefetch() async throws {
        try await withRules { test in
            for state in [PrefetchState.absent, .none, .failed] {
                var plan = PrefetchPlan()
                plan.v11Bundle = state
                let talk = try await test.ocean.ask(
                    about: .backPain, to: BridgeUnderTest.listing0111, prefetch: plan)
                #expect(talk.map(\.status) == [412])
                var rest = PrefetchPlan()
                rest.patient = state
                rest.questionnaireResponse = state
                rest.userPractitioner = state
                rest.userPractitionerRole = state
                let answered = try await test.ocean.ask(
                    about: .backPain, to: BridgeUnderTest.listing0111, prefetch: rest)
                #expect(answered.map(\.status) == [200])
                #expect(answered.flatMap(\.cards).count == 1)
            }
        }
    }

    @Test("a rule without its file, and a file that cannot be, are told before the start")
    func refusedSettings() throws {
        func problems(_ rules: String) -> [String] {
            let text = """
                sites: { "1234": {} }
                cds:
                  services:
                    check: { description: d, rules: [listing-state], auth: { none: true } }
                \(rules)
                """
            do throws(SettingsError) {
                _ = try Settings(SettingsValues(yaml: (text, "test.yaml"), environment: [:]))
                return []
            } catch {
                return error.problems.map(\.description)
            }
        }
        #expect(problems("").contains { $0.contains("listing-state needs cds.rules.listingState.file") })
        let missing = problems("  rules: { listingState: { file: /no/such/file.json } }")
        #expect(missing.count == 1)
        #expect(missing.first?.contains("/no/such/file.json cannot be read") == true)
        #expect(problems("  rules: { source: { url: \"http://x\" } }").contains { $0.contains("https://") })
    }
}
