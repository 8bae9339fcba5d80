// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import HTTPTypes
import Ocean
import Testing

@testable import OceanClient

@Suite("The call that creates forms", .timeLimit(.minutes(5)))
struct FormTests {
    private func call() throws -> FormCall {
        var request = FormRequest()
        request.site = "1234"
        request.forms = ["intake"]
        request.patientRef = "690"
        request.externalPatientRef = "CH-1"
        return try FormCallWriter().write(request, keys: nil, id: "k-1").call
    }

    @Test("it goes out with site number, key, credential and its own headers, never with a token")
    func sent() async throws {
        let stub = StubOcean { _, _ in
            StubOcean.Reply(status: 201, headers: ["Location": "https://ocean.example/f"], body: Array("{}".utf8))
        }
        let call = try call()
        let answer = try await stub.run { try await $0.createForm(call, site: "1234", trace: nil) }
        #expect(answer.status == 201 && answer.headers["location"] == "https://ocean.example/f")
        let asked = try #require(stub.calls.first)
        #expect(asked.method == "POST" && asked.path == "/svc/v1/patients/690/forms")
        #expect(asked.body == #"{"formRefs":["intake"]}"#)
        #expect(asked.headers["siteKey"] == "key" && asked.headers["siteCredential"] == "credential")
        #expect(asked.headers["Idempotency-Key"] == "k-1" && asked.headers["extPatientRef"] == "CH-1")
        #expect(asked.headers["Authorization"] == nil)
        #expect(stub.tokenRequests.isEmpty)
    }

    @Test("a page for people and a busy Ocean are to be tried again, a refusal is not")
    func failures() async throws {
        let call = try call()
        for (reply, code) in [
            (
                StubOcean.Reply(headers: ["Content-Type": "text/html"], body: Array("<html></html>".utf8)),
                OceanServiceError.Code.invalidAnswer
            ), (StubOcean.Reply(status: 503), .unavailable), (StubOcean.Reply(status: 422), .refused),
            (StubOcean.Reply(status: 403), .unauthorized),
        ] {
            let stub = StubOcean { _, _ in reply }
            let error = await #expect(throws: OceanServiceError.self) {
                try await stub.run { try await $0.createForm(call, site: "1234", trace: nil) }
            }
            #expect(error?.code == code)
        }
    }

    @Test("a body that breaks off says nothing, and the call counts as answered")
    func brokenOff() async throws {
        let call = try call()
        let stub = StubOcean { _, _ in
            StubOcean.Reply(body: Array(#"{"link":"https://ocean.example/f/1"}"#.utf8), cutsOffAfter: 12)
        }
        let answer = try await stub.run { try await $0.createForm(call, site: "1234", trace: nil) }
        #expect(answer.status == 200 && answer.body.isEmpty)
    }
}
