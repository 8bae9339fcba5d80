// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import Ocean
import OceanClient
import Testing

@Suite("What an answer of Ocean's means", .timeLimit(.minutes(15)))
struct ClassificationTests {
    static let bundle = Array(#"{"resourceType":"Bundle"}"#.utf8)

    private func process(answering reply: StubOcean.Reply) async throws -> OceanServiceError? {
        let stub = StubOcean { _, _ in reply }
        return try await stub.run { client in
            await failure { () async throws(OceanServiceError) in
                try await client.process(Self.bundle, site: "1234", trace: nil)
            }
        }
    }

    @Test("any 2xx is taken, with its body", arguments: [200, 201, 202])
    func accepted(_ status: Int) async throws {
        let stub = StubOcean { _, _ in .json(#"{"resourceType":"OperationOutcome"}"#, status: status) }
        let answer = try await stub.run { try await $0.process(Self.bundle, site: "1234", trace: nil) }
        #expect(answer.status == status)
        #expect(String(decoding: answer.body, as: UTF8.self) == #"{"resourceType":"OperationOutcome"}"#)
    }

    @Test("a bundle goes out with token, media type, trace and product name")
    func headers() async throws {
        let stub = StubOcean()
        let trace = TraceContext.root()
        _ = try await stub.run { try await $0.process(Self.bundle, site: "1234", trace: trace) }
        let call = try #require(stub.calls.first)
        #expect(call.method == "POST")
        #expect(call.path == "/svc/fhir/v1/$process-messages")
        #expect(call.headers["Authorization"] == "Bearer token-1")
        #expect(call.headers["Content-Type"] == "application/fhir+json")
        #expect(call.headers["traceparent"] == trace.traceparent)
        #expect(call.headers["User-Agent"] == "ocean-bridge/9.9")
        #expect(call.body == #"{"resourceType":"Bundle"}"#)
    }

    @Test("what Ocean cannot take now is to be tried again", arguments: [408, 425, 429, 500, 502, 503, 504])
    func unavailable(_ status: Int) async throws {
        let error = try #require(try await process(answering: .json("{}", status: status)))
        #expect(error.code == .unavailable)
        #expect(error.status == status)
        #expect(error.disposition == .retry(after: nil))
    }

    @Test("what Ocean understood and refused is final, its answer kept", arguments: [400, 404, 409, 410, 422])
    func refused(_ status: Int) async throws {
        let error = try #require(try await process(answering: .json(#"{"issue":[]}"#, status: status)))
        #expect(error.code == .refused)
        #expect(error.status == status)
        #expect(error.disposition == .reject)
        #expect(String(decoding: error.body, as: UTF8.self) == #"{"issue":[]}"#)
    }

    @Test("403 is final at once and costs no token")
    func forbidden() async throws {
        let stub = StubOcean { _, _ in .json("{}", status: 403) }
        let error = try await stub.run { client in
            await failure { () async throws(OceanServiceError) in
                try await client.process(Self.bundle, site: "1234", trace: nil)
            }
        }
        #expect(error?.code == .unauthorized)
        #expect(stub.tokenRequests.count == 1)
        #expect(stub.calls.count == 1)
    }

    @Test("a redirect is not followed and is no success")
    func redirect() async throws {
        let target = StubOcean()
        let (error, seen) = try await target.run { (base: String) in
            let stub = StubOcean { _, _ in
                StubOcean.Reply(status: 307, headers: ["Location": base + "/svc/fhir/v1/$process-messages"])
            }
            let error = try await stub.run { client in
                await failure { () async throws(OceanServiceError) in
                    try await client.process(Self.bundle, site: "1234", trace: nil)
                }
            }
            return (error, target.calls.count)
        }
        #expect(error?.code == .invalidAnswer)
        #expect(error?.status == 307)
        #expect(seen == 0)
    }

    @Test("a web page with status 200 is no success")
    func webPage() async throws {
        let page = StubOcean.Reply(headers: ["Content-Type": "text/html"], body: Array("<html>Sign in</html>".utf8))
        #expect(try await process(answering: page)?.code == .invalidAnswer)
    }

    @Test("of a refusal at most 64 KiB are kept")
    func oversizedRefusal() async throws {
        let reply = StubOcean.Reply(status: 400, body: [UInt8](repeating: 0x20, count: 200_000))
        #expect(try await process(answering: reply)?.body.count == 64 << 10)
    }

    @Test("an oversized body does not turn a success into a failure")
    func oversizedSuccess() async throws {
        let stub = StubOcean { _, _ in StubOcean.Reply(body: [UInt8](repeating: 0x20, count: 200_000)) }
        let answer = try await stub.run { try await $0.process(Self.bundle, site: "1234", trace: nil) }
        #expect(answer.status == 200)
        #expect(answer.body.count == 64 << 10)
    }

    @Test("no answer in time is a network failure")
    func slow() async throws {
        let stub = StubOcean { _, _ in StubOcean.Reply(stalls: true) }
        let error = try await stub.run(timeout: .milliseconds(300)) { client in
            await failure { () async throws(OceanServiceError) in
                try await client.process(Self.bundle, site: "1234", trace: nil)
            }
        }
        #expect(error?.code == .network)
        #expect(error?.disposition == .retry(after: nil))
    }

    @Test("a body that stalls after status 200 is a success: Ocean has taken the bundle")
    func stalledBody() async throws {
        let stub = StubOcean { _, _ in StubOcean.Reply(stallsInBody: true) }
        let answer = try await stub.run(timeout: .milliseconds(500)) {
            try await $0.process(Self.bundle, site: "1234", trace: nil)
        }
        #expect(answer.status == 200)
    }

    @Test("a read whose body stalls is to be tried again")
    func stalledRead() async throws {
        let stub = StubOcean { _, _ in StubOcean.Reply(stallsInBody: true) }
        let error = try await stub.run(timeout: .milliseconds(500)) { client in
            await failure { () async throws(OceanServiceError) in
                try await client.referral("ref-1", site: "1234", trace: nil)
            }
        }
        #expect(error?.disposition == .retry(after: nil))
    }

    @Test("nobody listening is a network failure that names no path")
    func nobody() async throws {
        let base = try await StubOcean().run { (base: String) in base }
        let client = OceanHTTPClient(
            OceanClientConfiguration(
                host: try OceanHost(base), sites: ["1234": SiteCredentials(clientID: "c", clientSecret: "s")],
                timeouts: .init(connect: .seconds(1), call: .seconds(2), token: .seconds(2)), version: "1"))
        let error = await failure { () async throws(OceanServiceError) in
            try await client.process(Self.bundle, site: "1234", trace: nil)
        }
        await client.shutdown()
        #expect(error?.code == .network)
        #expect(error?.message.contains("/svc") == false)
    }

    @Test("Retry-After is read as seconds and as a date")
    func retryAfter() async throws {
        var reply = StubOcean.Reply.json("{}", status: 503)
        reply.headers["Retry-After"] = "7"
        #expect(try await process(answering: reply)?.retryAfter == .seconds(7))
        reply.headers["Retry-After"] = "Fri, 31 Dec 1999 23:59:59 GMT"
        #expect(try await process(answering: reply)?.retryAfter == .zero)
        reply.headers["Retry-After"] = "soon"
        #expect(try await process(answering: reply)?.retryAfter == nil)
    }

    @Test("a site without credentials is the installation's fault")
    func unknownSite() async throws {
        let error = try await StubOcean().run { client in
            await failure { () async throws(OceanServiceError) in
                try await client.process(Self.bundle, site: "9999", trace: nil)
            }
        }
        #expect(error?.code == .notConfigured)
        #expect(error?.disposition == .fatal)
    }

    @Test("a failure inside a 200 is no success: fatal or error issues are final", arguments: ["fatal", "error"])
    func failureInside(_ severity: String) async throws {
        let body =
            #"{"resourceType":"OperationOutcome","issue":[{"severity":"\#(severity)","code":"exception","diagnostics":"d"}]}"#
        let error = try #require(try await process(answering: .json(body)))
        #expect(error.code == .refused)
        #expect(error.status == 200)
        #expect(error.disposition == .reject)
        #expect(String(decoding: error.body, as: UTF8.self) == body)
    }

    @Test("a response message that says transient-error is tried again, one that says fatal-error is final")
    func responseMessage() async throws {
        func reply(_ code: String) -> StubOcean.Reply {
            .json(
                """
                {"resourceType":"Bundle","type":"message","entry":[{"resource":{"resourceType":"MessageHeader",
                "response":{"identifier":"h","code":"\(code)"}}}]}
                """)
        }
        #expect(try await process(answering: reply("transient-error"))?.disposition == .retry(after: nil))
        #expect(try await process(answering: reply("fatal-error"))?.disposition == .reject)
        #expect(try await process(answering: reply("ok")) == nil)
    }

    @Test(
        "a 2xx whose body is broken, empty or no JSON is a success: the status line says so",
        arguments: [#"{"resourceType":"OperationOutcome","issue":[{"seve"#, "", "thanks", "[]", "null"])
    func brokenBody(_ body: String) async throws {
        let stub = StubOcean { _, _ in .json(body) }
        let answer = try await stub.run { try await $0.process(Self.bundle, site: "1234", trace: nil) }
        #expect(answer.status == 200)
        #expect(String(decoding: answer.body, as: UTF8.self) == body)
    }
}
