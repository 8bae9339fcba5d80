// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import JSON
import NIOHTTP1
import Ocean
import Testing

@testable import OceanSandbox

@Suite("The pretend Ocean as CDS client", .timeLimit(.minutes(5)))
struct DecisionSupportTests {
    private func client(_ address: String) -> PretendCDSClient {
        PretendCDSClient(endpoint: PretendWebhook(name: "cds", url: address))
    }

    @Test("discovery, a call with an 0.11.1 bundle, the sending under the same reference, feedback")
    func whole() async throws {
        let server = CDSServer()
        server.serve("triage", ["cards": [CDSServer.card("warning", "The wait is long.", uuid: "u-1")]])
        server.serve("other-hook", hook: "patient-view", ["cards": []])
        try await server.run { address in
            try await Bench.run({ $0.decisionSupport = [client(address + "/")] }) { bench in
                let reference = try await bench.ocean.send(.attachments, to: "old-1")
                #expect(
                    server.calls.map(\.path) == [
                        "/cds-services", "/cds-services/triage", "/cds-services/triage/feedback",
                    ])
                let call = server.calls[1].json
                #expect(call["hook"] == "order-sign")
                #expect(call["hookInstance"]?.stringValue?.count == 36)
                #expect(call["context"]?["userId"]?.stringValue?.hasPrefix("Practitioner/") == true)
                let patient = try #require(call["context"]?["patientId"]?.stringValue)
                #expect(call["prefetch"]?["patient"]?["id"]?.stringValue == patient)
                #expect(call["prefetch"]?["patient"]?["resourceType"] == "Patient")
                #expect(call["prefetch"]?["questionnaireResponse"]?["resourceType"] == "QuestionnaireResponse")
                #expect(call["prefetch"]?["userPractitioner"]?["resourceType"] == "Practitioner")
                #expect(call["prefetch"]?["userPractitionerRole"]?["resourceType"] == "PractitionerRole")
                #expect(call["prefetch"]?["other"] == nil)
                let order = call["context"]?["draftOrders"]?["entry"]?[0]?["resource"]
                #expect(order?["resourceType"] == "ServiceRequest")
                #expect(order?["status"] == "draft")

                let bundle = try #require(call["prefetch"]?["v11Bundle"])
                let header = bundle["entry"]?[0]?["resource"]
                #expect(header?["eventCoding"]?["code"] == "add-service-request")
                #expect(
                    header?["destination"]?[0]?["endpoint"]?.stringValue == address + "/cds-services/triage")
                guard
                    case .message(let message) = OceanInboundReader.standard()
                        .read(bundle.bytes(), mediaType: "application/fhir+json")
                else {
                    Issue.record("the bundle is no message")
                    return
                }
                #expect(message.canonical.referral?.ref == reference)
                #expect(message.canonical.referral?.receiver?.externalServiceID == "svc-old")
                #expect(message.canonical.referral?.documents.count == 3)

                // Sent as drafted, in the listing's own dialect.
                #expect(try await bench.next().resource("ServiceRequest")?["id"]?.stringValue == reference)
                let feedback = server.calls[2].json["feedback"]?[0]
                #expect(feedback?["card"] == "u-1")
                #expect(feedback?["outcome"] == "overridden")
                #expect(feedback?["outcomeTimestamp"]?.stringValue.flatMap { Timestamp($0) } != nil)
                let talk = try #require(bench.ocean.conversations().first)
                #expect(talk.reference == reference)
                #expect(talk.cards.map(\.summary) == ["The wait is long."])
                #expect(talk.feedback == 200)
                #expect(!talk.isStopped)
            }
        }
    }

    @Test("a critical card keeps the referral from being sent and is shown")
    func stopped() async throws {
        let server = CDSServer()
        server.serve("triage", ["cards": [CDSServer.card("critical", "Closed.", uuid: "u-1")]])
        try await server.run { address in
            try await Bench.run({ $0.decisionSupport = [client(address)] }) { bench in
                let error = try await #require(throws: RefusedChange.self) {
                    try await bench.ocean.send(.backPain, to: "new-1")
                }
                #expect(error.code == .stopped)
                #expect(error.message.contains("Closed."))
                #expect(await bench.ocean.snapshot().isEmpty)
                #expect(!server.calls.contains { $0.path.hasSuffix("/feedback") })
                let answer = try await bench.call(
                    .POST, "/sandbox/api/referrals", body: Array(#"{"listing":"new-1"}"#.utf8))
                #expect(answer.status == 409)
                let page = try await bench.call(.GET, "/")
                #expect(String(decoding: page.body, as: UTF8.self).contains("critical: Closed. (Test)"))
                server.serve("triage", ["cards": []])
                let sent = try await bench.call(
                    .POST, "/sandbox/api/referrals", body: Array(#"{"listing":"new-1"}"#.utf8))
                #expect(sent.status == 201)
                #expect(sent.json["conversations"]?[0]?["status"] == 200)
                #expect(await bench.ocean.snapshot().count == 1)
            }
        }
    }

    @Test("each prefetch key may be absent, null or an OperationOutcome")
    func prefetch() async throws {
        let server = CDSServer()
        server.serve("triage", ["cards": []])
        try await server.run { address in
            try await Bench.run({ $0.decisionSupport = [client(address)] }) { bench in
                let answer = try await bench.call(
                    .POST, "/sandbox/api/cds/calls",
                    body: Array(
                        #"""
                        {"listing": "new-1", "kind": "sparse", "prefetch":
                         {"patient": "absent", "questionnaireResponse": "none", "v11Bundle": "failed"}}
                        """#.utf8))
                #expect(answer.status == 200)
                #expect(answer.json[0]?["cards"] == nil)
                let prefetch = try #require(server.calls.last?.json["prefetch"])
                #expect(prefetch["patient"] == nil)
                #expect(prefetch["questionnaireResponse"]?.isNull == true)
                #expect(prefetch["v11Bundle"]?["resourceType"] == "OperationOutcome")
                #expect(prefetch["userPractitioner"]?["resourceType"] == "Practitioner")
                #expect(await bench.ocean.snapshot().isEmpty)
            }
        }
    }

    @Test(
        "an answer that is none does not keep a referral back",
        arguments: [(500, "{}"), (412, "{}"), (200, "[]"), (200, #"{"cards": 3}"#), (404, "{}")])
    func failures(status: Int, body: String) async throws {
        let server = CDSServer()
        server.serve("triage", status: status, try JSONValue(parsing: body))
        try await server.run { address in
            try await Bench.run({ $0.decisionSupport = [client(address)] }) { bench in
                try await bench.ocean.send(.backPain, to: "new-1")
                #expect(await bench.ocean.snapshot().count == 1)
                #expect(bench.ocean.conversations().first?.failure != nil)
                #expect(bench.ocean.conversations().first?.status == status)
            }
        }
    }

    @Test("cards without what every card has are counted and not shown")
    func unreadable() async throws {
        let server = CDSServer()
        let long = String(repeating: "x", count: 140)
        server.serve(
            "triage",
            [
                "cards": [
                    CDSServer.card("critical", long), CDSServer.card("red", "Red."), ["summary": "No source."],
                    CDSServer.card("info", "Good."),
                ]
            ])
        try await server.run { address in
            try await Bench.run({ $0.decisionSupport = [client(address)] }) { bench in
                try await bench.ocean.send(.backPain, to: "new-1")
                let talk = try #require(bench.ocean.conversations().first)
                #expect(talk.cards.map(\.summary) == ["Good."])
                #expect(talk.unreadableCards == 3)
                #expect(talk.feedback == nil)
            }
        }
    }

    @Test("a server that is not there, and sites that are not concerned, change nothing")
    func silent() async throws {
        let server = CDSServer()
        server.serve("triage", ["cards": [CDSServer.card("critical", "No.")]])
        try await server.run { address in
            try await Bench.run({ configuration in
                configuration.decisionSupport = [
                    client("http://127.0.0.1:1"),
                    PretendCDSClient(endpoint: PretendWebhook(name: "second", url: address), site: "4600"),
                    PretendCDSClient(endpoint: PretendWebhook(name: "third", url: address), service: "none"),
                    PretendCDSClient(endpoint: PretendWebhook(name: "unset", url: "")),
                ]
            }) { bench in
                try await bench.ocean.send(.backPain, to: "new-1")
                #expect(await bench.ocean.snapshot().count == 1)
                await #expect(throws: RefusedChange.self) {
                    try await bench.ocean.send(.backPain, to: "other-1")
                }
            }
        }
    }

    @Test("the integration's credentials reach the CDS service; switches set it up and discover")
    func credentials() async throws {
        let server = CDSServer()
        server.serve("triage", ["cards": []])
        try await server.run { address in
            try await Bench.run { bench in
                let body: JSONValue = [
                    "url": .string(address), "auth": "oauth2", "tokenUrl": .string(address + "/oauth2/token"),
                    "clientId": "ocean", "clientSecret": "secret",
                ]
                let set = try await bench.call(.PUT, "/sandbox/api/cds/hospital", body: body.bytes())
                #expect(set.status == 200)
                #expect(!String(decoding: set.body, as: UTF8.self).contains("secret"))
                let services = try await bench.call(.POST, "/sandbox/api/cds/hospital/discovery")
                #expect(services.json["services"]?[0]?["id"] == "triage")
                #expect(try await bench.call(.POST, "/sandbox/api/cds/other/discovery").status == 404)
                try await bench.ocean.send(.backPain, to: "new-1")
                #expect(server.calls.last?.path == "/cds-services/triage")
                #expect(server.calls.last?.authorization == "Bearer cds-token")
                #expect(try await bench.call(.GET, "/sandbox/api/cds").json[0]?["name"] == "hospital")
                #expect(try await bench.call(.GET, "/sandbox/api/cds/calls").json[0]?["service"] == "triage")
                let wrong = try await bench.call(
                    .PUT, "/sandbox/api/cds/hospital", body: Array(#"{"url":"x","auth":"basic"}"#.utf8))
                #expect(wrong.status == 400)
            }
        }
    }

    @Test("a configuration that cannot be is refused")
    func configuration() {
        var configuration = PretendOceanConfiguration.demonstration(webhook: "")
        configuration.decisionSupport = [client("x"), client("y")]
        #expect(throws: SandboxConfigurationError.self) { try configuration.check() }
        var late = client("x")
        late.timeout = 0
        configuration.decisionSupport = [late]
        #expect(throws: SandboxConfigurationError.self) { try configuration.check() }
    }
}
