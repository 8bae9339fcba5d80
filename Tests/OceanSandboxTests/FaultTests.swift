// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import JSON
import NIOHTTP1
import OceanSandbox
import Testing

@Suite("Faults and the control interface", .timeLimit(.minutes(15)))
struct FaultTests {
    private func arm(_ json: JSONValue, _ bench: Bench) async throws -> Int {
        try await bench.call(.PUT, "/sandbox/api/faults", body: json.bytes()).status
    }

    @Test("an armed status is answered as often as asked for, and nothing is done")
    func status() async throws {
        try await Bench.run { bench in
            let reference = try await bench.ocean.send(.backPain, to: "new-1")
            let body = UpdateBundle(dialect: .fhir0111, reference: reference).task("accepted")
            #expect(try await arm(["processMessages": ["status": 503, "times": 2]], bench) == 200)
            #expect(try await bench.process(body).status == 503)
            #expect(try await bench.process(body).status == 503)
            #expect(try await bench.snapshot(reference).receiverFolder == .new)
            #expect(try await bench.process(body).status == 200)
        }
    }

    @Test("a dropped call gets no answer and does nothing; a dropped answer comes after the work")
    func drops() async throws {
        try await Bench.run { bench in
            let reference = try await bench.ocean.send(.backPain, to: "new-1")
            let body = UpdateBundle(dialect: .fhir0111, reference: reference).task("accepted")
            #expect(try await arm(["processMessages": ["drop": true]], bench) == 200)
            await #expect(throws: (any Error).self) { try await bench.process(body) }
            #expect(try await bench.snapshot(reference).receiverFolder == .new)
            #expect(try await arm(["processMessages": ["dropAnswer": true]], bench) == 200)
            await #expect(throws: (any Error).self) { try await bench.process(body) }
            #expect(try await bench.snapshot(reference).receiverFolder == .pendingBooking)
        }
    }

    @Test("a lost answer of a webhook makes Ocean deliver twice")
    func duplicate() async throws {
        try await Bench.run { bench in
            #expect(try await arm(["webhook": ["dropAnswer": true]], bench) == 200)
            try await bench.ocean.send(.backPain, to: "new-1")
            let first = try await bench.next()
            #expect(try await bench.next().body == first.body)
        }
    }

    @Test("the token endpoint and reads can fail too")
    func others() async throws {
        try await Bench.run { bench async throws in
            let plan: JSONValue = ["token": ["status": 500], "reads": ["status": 429]]
            #expect(try await arm(plan, bench) == 200)
            #expect(try await bench.call(.POST, "/svc/oauth2/token", body: []).status == 500)
            #expect(try await bench.call(.POST, "/svc/oauth2/token", body: []).status == 400)
            #expect(try await bench.call(.GET, "/svc/v1/patients/1").status == 429)
            #expect(try await bench.call(.GET, "/svc/v1/patients/1").status == 401)
        }
    }

    @Test(
        "a fault plan with a typing error is refused",
        arguments: [
            #"{"processMessage":{"status":503}}"#, #"{"token":{"status":"503"}}"#, #"{"token":{"status":99}}"#,
            "nonsense",
        ])
    func typingErrors(body: String) async throws {
        try await Bench.run { bench in
            let answer = try await bench.call(.PUT, "/sandbox/api/faults", body: Array(body.utf8))
            #expect(answer.status == 400)
            #expect(try await bench.call(.GET, "/sandbox/api/faults").json == [:])
        }
    }

    @Test("the control interface sends, cancels, forwards and lists referrals")
    func control() async throws {
        try await Bench.run { bench in
            let order: JSONValue = ["listing": "new-1", "kind": "urgent-imaging"]
            let sent = try await bench.call(.POST, "/sandbox/api/referrals", body: order.bytes())
            #expect(sent.status == 201)
            let reference = try #require(sent.json["referralRef"]?.stringValue)
            let target: JSONValue = ["listing": "other-1"]
            let forwarded = try await bench.call(
                .POST, "/sandbox/api/referrals/\(reference)/forward", body: target.bytes())
            let new = try #require(forwarded.json["referralRef"]?.stringValue)
            let text: JSONValue = ["text": "Hello"]
            let path = "/sandbox/api/referrals/\(new)"
            #expect(try await bench.call(.POST, path + "/message", body: text.bytes()).status == 200)
            #expect(try await bench.call(.POST, path + "/cancel", body: []).status == 200)
            #expect(try await bench.call(.POST, path + "/cancel", body: []).status == 409)
            let shown = try await bench.call(.GET, path).json
            #expect(shown["receiverFolder"]?.stringValue == "Cancelled")
            #expect(shown["history"]?.arrayValue?.count == 3)
            #expect(try await bench.call(.GET, "/sandbox/api/referrals").json.arrayValue?.count == 2)
            let wrong: JSONValue = ["listing": "nowhere"]
            #expect(try await bench.call(.POST, "/sandbox/api/referrals", body: wrong.bytes()).status == 404)
            #expect(try await bench.call(.GET, "/sandbox/api/deliveries").json.arrayValue?.isEmpty == false)
            let page = try await bench.call(.GET, "/")
            #expect(String(decoding: page.body, as: UTF8.self).contains(new))
        }
    }
}
