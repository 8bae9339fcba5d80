// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import BridgeTestKit
import CDSHooks
import JSON
import Ocean

/// Calls as Ocean makes them, about invented people.
enum HookSamples {
    static let instance = "0d6d6e0a-4c1d-4d5c-9f0e-2f6c1d3b7a11"

    static func bundle() throws -> JSONValue {
        try JSONValue(parsing: try Fixture.bytes("ocean-fhir/0.11.1/add-service-request.json"))
    }

    /// - Parameter change: what makes the call another one.
    static func call(
        prefetch: JSONValue? = nil, _ change: (inout JSONObject) -> Void = { _ in }
    ) throws -> [UInt8] {
        var object: JSONObject = [
            "hook": "order-sign", "hookInstance": .string(instance),
            "context": ["userId": "Practitioner/pr-1", "patientId": "pt-1", "encounterId": "enc-1"],
        ]
        object["prefetch"] = try prefetch ?? ["v11Bundle": bundle()]
        change(&object)
        return JSONValue.object(object).bytes()
    }

    static func service(
        rules: [any CardRule] = [], request: String? = nil, budget: Duration = .seconds(30),
        needs: Set<PrefetchKey> = [.v11Bundle], site: String? = nil
    ) -> HookService {
        HookService(
            id: "check", title: "Check", description: "Checks referrals.", site: site, rules: rules, request: request,
            budget: budget, needs: needs)
    }

    static let reader = SubjectReader(reader: OceanInboundReader.standard(), patientKey: { _ in "key" })
}

/// Says what the test says.
struct ScriptedRule: CardRule {
    let name: String
    let say: @Sendable (HookSubject) async throws(StoreError) -> [Card]

    init(_ name: String, _ say: @escaping @Sendable (HookSubject) async throws(StoreError) -> [Card]) {
        self.name = name
        self.say = say
    }

    func cards(for subject: HookSubject, now: Timestamp) async throws(StoreError) -> [Card] { try await say(subject) }

    static func card(_ summary: String, _ indicator: Card.Indicator = .info) -> Card {
        Card(summary: summary, indicator: indicator, source: Card.Source(label: "Hospital"))
    }
}

/// Answers questions as the test says.
struct ScriptedRequests: RequestPort {
    let answer: @Sendable (Message, String) async throws(RequestError) -> [UInt8]

    func ask(_ question: Message, of name: String, within limit: Duration) async throws(RequestError) -> Message {
        var message = question
        message.type = .questionAnswered
        message.body = try await answer(question, name)
        return message
    }
}
