// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import JSON
import NIOHTTP1
import Ocean
import OceanSandbox
import Testing

@Suite("Forms in the sandbox", .timeLimit(.minutes(5)))
struct FormTests {
    private let credentials = [
        ("siteNum", "4500"), ("siteKey", "hospital-key"), ("siteCredential", "hospital-credential"),
    ]
    private let keys = SharedEncryptionKeys(current: SharedEncryptionKey(text: Bench.key))

    private func call(_ key: String = "k-1") throws -> FormCall {
        var request = FormRequest()
        request.site = "4500"
        request.forms = ["intake"]
        request.externalPatientRef = "CH-1"
        request.patient = Patient()
        request.patient?.birthDate = "1980-02-29"
        return try FormCallWriter().write(request, keys: keys, id: key).call
    }

    private func create(_ call: FormCall, _ bench: Bench) async throws -> Bench.Answer {
        try await bench.call(
            .POST, call.path,
            headers: credentials + call.headers.map { ($0.name, $0.value) } + [("Content-Type", call.contentType)],
            body: call.body)
    }

    @Test("the call of the assumed template gives a link, once per key")
    func created() async throws {
        try await Bench.run { bench in
            let first = try await create(call(), bench)
            #expect(first.status == 201)
            let reading = try FormAnswerReading(
                FormAnswer(status: 201, body: first.body), template: .assumed)
            #expect(reading.link.hasPrefix(bench.address))
            #expect(try await create(call(), bench).json == first.json)
            #expect(try await create(call("k-2"), bench).json != first.json)
            #expect(await bench.ocean.requestedForms().count == 2)
            try await bench.ocean.completeForm(of: try #require(reading.patientRef))
            let event = try await bench.next()
            #expect(event.json["ref"]?.stringValue == reading.patientRef)
        }
    }

    @Test("a request under another key is refused, as is one without forms")
    func refused() async throws {
        try await Bench.run { bench in
            var request = FormRequest()
            request.site = "4500"
            request.forms = ["intake"]
            request.patient = Patient()
            request.patient?.birthDate = "1980-02-29"
            let other = SharedEncryptionKeys(current: SharedEncryptionKey(text: "Other#2025aBcD!!"))
            let foreign = try FormCallWriter().write(request, keys: other, id: "k").call
            #expect(try await create(foreign, bench).status == 400)
            let plain = try await bench.call(.POST, "/svc/v1/patients", headers: credentials, body: Array("{}".utf8))
            #expect(plain.status == 400)
            #expect(try await bench.call(.POST, "/svc/v1/patients", body: call().body).status == 401)
        }
    }

    @Test("spelling of headers and form of bodies can be changed, and faults make content that does not open")
    func variants() async throws {
        try await Bench.run({ configuration in
            configuration.sites[0].swapsPatientHeaders = true
            configuration.sites[0].encryptedBodyForm = .signedBytes
        }) { bench in
            let ref = try await bench.ocean.completeForm(site: "4500")
            func read() async throws -> JSONValue? {
                let answer = try await bench.call(.GET, "/svc/v1/patients/\(ref)", headers: credentials)
                let header = { (name: String) in answer.headers.first(name: name) ?? "" }
                let key = try? keys.unwrap(EncryptedBlock(data: header("oneTimeKey"), iv: header("iv")), at: "")
                return try? key?.decryptJSON(body: answer.body, iv: header("iv"), at: "")
            }
            #expect(try await read()?["cpp"]?["prob"] != nil)
            let plain = try await bench.call(.GET, "/svc/v1/patients/\(ref)", headers: credentials)
            #expect(plain.headers.first(name: "externalPtRef") != nil && plain.body.first == 0x5B)
            for kind in OpenAPIFault.Kind.allCases where kind != .redirect {
                var plan = FaultPlan()
                plan.openAPI = OpenAPIFault(kind, on: .patient)
                bench.ocean.arm(plan)
                #expect(try await read() == nil, "\(kind)")
                #expect(try await read() != nil)
            }
        }
    }
}
