// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import HTTPTypes
import JSON
import NIOHTTP1
import OceanSandbox
import Testing

@Suite("Webhooks", .timeLimit(.minutes(15)))
struct WebhookTests {
    @Test("a call is repeated by the schedule until a 20x comes, with the same body")
    func retry() async throws {
        try await Bench.run(script: [503, 500, 404, 302]) { bench in
            let events = bench.ocean.events()
            try await bench.ocean.send(.backPain, to: "new-1")
            var bodies: Set<[UInt8]> = []
            for _ in 0..<5 { bodies.insert(try await bench.next().body) }
            #expect(bodies.count == 1)
            for await case .webhookAttempt(let attempt) in events where attempt.isLast {
                #expect(attempt.number == 5)
                #expect(attempt.isDelivered)
                break
            }
            let record = try #require(bench.ocean.deliveries().first)
            #expect(record.state == .delivered)
            #expect(record.attempts.map(\.status) == [503, 500, 404, 302, 200])
        }
    }

    @Test("a webhook that never answers is given up when the schedule ends")
    func abandoned() async throws {
        try await Bench.run({ $0.webhooks[0].url = "http://127.0.0.1:1/none" }) { bench in
            let events = bench.ocean.events()
            try await bench.ocean.send(.backPain, to: "new-1")
            for await case .webhookAttempt(let attempt) in events where attempt.isLast {
                #expect(!attempt.isDelivered)
                #expect(attempt.status == nil)
                break
            }
            #expect(bench.ocean.deliveries().first?.state == .abandoned)
        }
    }

    @Test("OAuth2 fetches one token by form body and uses it for later calls; a refused one is fetched anew")
    func oauth2() async throws {
        try await Bench.run(script: [200, 401]) { bench in
            let origin = await bench.ocean.webhookOrigin()
            var webhook = PretendWebhook(name: "bridge", url: origin + "/ocean/hospital", authentication: .oauth2)
            webhook.tokenURL = origin + "/oauth2/token"
            webhook.clientID = "ocean & co"
            webhook.clientSecret = "s=1"
            try bench.ocean.set(webhook)
            try await bench.ocean.send(.backPain, to: "new-1")
            #expect(try await bench.next().headers[.authorization] == "Bearer token-1")
            try await bench.ocean.send(.sparse, to: "old-1")
            #expect(try await bench.next().headers[.authorization] == "Bearer token-1")
            #expect(try await bench.next().headers[.authorization] == "Bearer token-2")
            let form = "grant_type=client_credentials&client_id=ocean+%26+co&client_secret=s%3D1"
            #expect(bench.receiver.tokenBodies == [form, form])
        }
    }

    @Test("Basic, bearer and header authentication reach the receiver")
    func otherSchemes() async throws {
        try await Bench.run { bench in
            let origin = await bench.ocean.webhookOrigin()
            var webhook = PretendWebhook(name: "bridge", url: origin + "/x", authentication: .basic)
            webhook.username = "ocean"
            webhook.password = "p:w"
            try bench.ocean.set(webhook)
            try await bench.ocean.send(.backPain, to: "new-1")
            let basic = "Basic " + Data("ocean:p:w".utf8).base64EncodedString()
            #expect(try await bench.next().headers[.authorization] == basic)
            webhook.authentication = .bearer
            webhook.token = "fixed"
            try bench.ocean.set(webhook)
            try await bench.ocean.send(.backPain, to: "new-1")
            #expect(try await bench.next().headers[.authorization] == "Bearer fixed")
            webhook.authentication = .header
            webhook.headerName = "X-Ocean"
            webhook.headerValue = "value"
            try bench.ocean.set(webhook)
            try await bench.ocean.send(.backPain, to: "new-1")
            let name = try #require(HTTPField.Name("X-Ocean"))
            #expect(try await bench.next().headers[name] == "value")
            webhook.headerName = nil
            #expect(throws: SandboxConfigurationError.self) { try bench.ocean.set(webhook) }
        }
    }

    @Test("a change by the receiver comes back as an update with Task, Appointment and Communication inside")
    func echo() async throws {
        try await Bench.run { bench in
            let reference = try await bench.ocean.send(.backPain, to: "new-1")
            let bundle = UpdateBundle(dialect: .fhir0111, reference: reference)
            #expect(try await bench.process(bundle.task("accepted")).status == 200)
            #expect(try await bench.process(bundle.appointment()).status == 200)
            #expect(try await bench.process(bundle.communication("Bring images")).status == 200)
            let first = try await bench.next()
            #expect(first.event == "add-service-request")
            #expect(first.resource("Task") == nil)
            let accepted = try await bench.next()
            #expect(accepted.event == "notify-update-service-request")
            #expect(accepted.resource("Task")?["status"]?.stringValue == "accepted")
            _ = try await bench.next()
            let last = try await bench.next()
            #expect(last.resource("Appointment")?["start"]?.stringValue == "2026-03-01T10:00:00-05:00")
            let text = last.resource("Communication")?["payload"]?[0]?["contentString"]
            #expect(text?.stringValue == "Bring images")
            #expect(last.resource("MessageHeader")?["focus"]?.arrayValue?.count == 2)
        }
    }

    @Test("a removed appointment is reported as proposed without times")
    func removal() async throws {
        try await Bench.run { bench in
            let reference = try await bench.ocean.send(.backPain, to: "new-1")
            let bundle = UpdateBundle(dialect: .fhir0111, reference: reference)
            #expect(try await bench.process(bundle.appointment()).status == 200)
            let cancelled = bundle.appointment(start: nil, status: "cancelled")
            #expect(try await bench.process(cancelled).status == 200)
            let call = try await bench.next { $0.resource("Appointment")?["status"] == "proposed" }
            #expect(call.resource("Appointment")?["start"] == nil)
        }
    }

    @Test("the sender's cancellation and message are told to the receiver by their own events")
    func senderEvents() async throws {
        try await Bench.run { bench in
            let reference = try await bench.ocean.send(.backPain, to: "old-1")
            try await bench.ocean.message(reference, text: "Any news?", senderName: "Dr. Farfield")
            try await bench.ocean.cancel(reference)
            _ = try await bench.next()
            let message = try await bench.next()
            #expect(message.event == "send-communication-from-requester")
            #expect(message.resource("Communication")?["payload"]?[0]?["contentString"]?.stringValue == "Any news?")
            let revoked = try await bench.next()
            #expect(revoked.event == "revoke-service-request")
            #expect(revoked.resource("ServiceRequest")?["status"]?.stringValue == "revoked")
        }
    }

    @Test("a webhook that echoes the challenge passes, another does not")
    func challenge() async throws {
        try await Bench.run { bench in
            #expect(await bench.ocean.challenge("bridge")?.isPassed == true)
            let answer = try await bench.call(.POST, "/sandbox/api/webhooks/bridge/challenge", body: [])
            #expect(answer.json["passed"]?.boolValue == true)
            let itself = PretendWebhook(name: "bridge", url: bench.address)
            try bench.ocean.set(itself)
            #expect(await bench.ocean.challenge("bridge")?.isPassed == false)
        }
    }
}
