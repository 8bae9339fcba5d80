// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import Ocean
import Testing

@testable import OceanClient

@Suite("Reads of the Open API", .timeLimit(.minutes(15)))
struct ReadTests {
    @Test("a referral is asked for with site number, key and credential, never with a token")
    func referral() async throws {
        let stub = StubOcean { _, _ in .json(#"{"referralRef":"a/b"}"#) }
        let body = try await stub.run { try await $0.referral("a/b é", site: "1234", trace: nil) }
        #expect(String(decoding: body, as: UTF8.self) == #"{"referralRef":"a/b"}"#)
        let call = try #require(stub.calls.first)
        #expect(call.path == "/svc/v1/referrals/a%2Fb%20%C3%A9")
        #expect(call.headers["siteNum"] == "1234")
        #expect(call.headers["siteKey"] == "key")
        #expect(call.headers["siteCredential"] == "credential")
        #expect(call.headers["Authorization"] == nil)
        #expect(stub.tokenRequests.isEmpty)
    }

    @Test("a patient comes with the headers that unwrap it")
    func patient() async throws {
        let stub = StubOcean { _, _ in
            StubOcean.Reply(
                headers: ["oneTimeKey": "K", "iv": "I", "extPatientRef": "chart-1"], body: Array("Q0lQSEVS".utf8))
        }
        let content = try await stub.run { try await $0.patient("pt", site: "1234", trace: nil) }
        #expect(
            content
                == EncryptedContent(
                    oneTimeKey: "K", oneTimeKeyIV: "I", iv: "I", body: Array("Q0lQSEVS".utf8),
                    externalPatientRef: "chart-1"))
    }

    @Test("a note comes with an IV of its own for the key")
    func note() async throws {
        let stub = StubOcean { _, _ in
            StubOcean.Reply(
                headers: [
                    "oneTimeKey": "K", "oneTimeKeyIv": "KI", "iv": "I", "noteId": "n1", "externalPtRef": "chart-2",
                ], body: [0x51])
        }
        let content = try await stub.run { try await $0.note(patient: "pt", session: "s&1", site: "1234", trace: nil) }
        #expect(
            content
                == EncryptedContent(
                    oneTimeKey: "K", oneTimeKeyIV: "KI", iv: "I", body: [0x51], noteID: "n1",
                    externalPatientRef: "chart-2"))
        #expect(stub.calls.first?.path == "/svc/v1/patients/pt/notes")
        #expect(stub.calls.first?.query == "oceanSessionId=s%261")
    }

    @Test("a note that is gone is nil; a patient that is gone is an error", arguments: [404, 410])
    func gone(_ status: Int) async throws {
        let stub = StubOcean { _, _ in .json("{}", status: status) }
        let (note, error) = try await stub.run { client in
            let note = try await client.note(patient: "pt", session: nil, site: "1234", trace: nil)
            let error = await failure { () async throws(OceanServiceError) in
                try await client.patient("pt", site: "1234", trace: nil)
            }
            return (note, error)
        }
        #expect(note == nil)
        #expect(error?.code == .notFound)
        #expect(error?.disposition == .reject)
    }

    @Test("an answer larger than the limit is refused, not cut")
    func tooLarge() async throws {
        let stub = StubOcean { _, _ in
            StubOcean.Reply(body: [UInt8](repeating: 0x20, count: OceanHTTPClient.readLimit + 1))
        }
        let error = try await stub.run { client in
            await failure { () async throws(OceanServiceError) in
                try await client.referral("ref", site: "1234", trace: nil)
            }
        }
        #expect(error?.code == .invalidAnswer)
    }

    @Test("a reference that would climb the path is not sent", arguments: ["", ".", ".."])
    func climbing(_ reference: String) async throws {
        let stub = StubOcean()
        let error = try await stub.run { client in
            await failure { () async throws(OceanServiceError) in
                try await client.referral(reference, site: "1234", trace: nil)
            }
        }
        #expect(error?.code == .refused)
        #expect(stub.calls.isEmpty)
    }

    @Test("the host is https, or this machine, and nothing after the port")
    func hosts() throws {
        #expect(try OceanHost("https://ocean.example/").base == "https://ocean.example")
        #expect(try OceanHost("http://localhost:8080").base == "http://localhost:8080")
        #expect(try OceanHost("http://127.0.0.2:1").base == "http://127.0.0.2:1")
        #expect(try OceanHost("http://ocean.example", allowPlainHTTP: true).base == "http://ocean.example")
        for text in [
            "http://ocean.example", "http://127.evil.example", "http://127.0.0.1.example", "ftp://ocean.example",
            "https://u:p@ocean.example", "https://ocean.example/svc", "https://ocean.example?x=1", "ocean.example", "",
        ] {
            #expect(throws: OceanServiceError.self) { try OceanHost(text) }
        }
    }

    @Test("Retry-After dates count from now")
    func retryAfterDates() throws {
        let now = try #require(Timestamp("1994-11-06T08:49:07Z"))
        #expect(RetryAfter.parse("Sun, 06 Nov 1994 08:49:37 GMT", now: now) == .seconds(30))
        #expect(RetryAfter.parse("Sun Nov  6 08:49:37 1994", now: now) == .seconds(30))
        #expect(RetryAfter.parse("Sunday, 06-Nov-94 08:49:37 GMT", now: now) == .seconds(30))
        #expect(
            RetryAfter.httpDate("Sunday, 06-Nov-94 08:49:37 GMT", now: try #require(Timestamp("2026-01-01T00:00:00Z")))
                == Timestamp("1994-11-06T08:49:37Z"))
        #expect(RetryAfter.parse("Sunday, 06-Nov-1994 08:49:37 GMT", now: now) == nil)
        #expect(RetryAfter.parse("120", now: now) == .seconds(120))
        #expect(RetryAfter.parse("99999999999999999999", now: now) == .seconds(86_400))
        #expect(RetryAfter.parse("-1", now: now) == nil)
        #expect(RetryAfter.parse("", now: now) == nil)
    }

    @Test("the site check is an authorised read")
    func check() async throws {
        let stub = StubOcean()
        try await stub.run { try await $0.check(site: "1234") }
        #expect(stub.calls.first?.path == "/svc/fhir/v1/NamingSystem/id-site-number")
        #expect(stub.calls.first?.headers["Authorization"] == "Bearer token-1")
    }
}
