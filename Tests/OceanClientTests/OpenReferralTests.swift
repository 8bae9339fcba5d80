// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import Ocean
import Testing

@testable import OceanClient

@Suite("The Open eReferral API on the wire", .timeLimit(.minutes(5)))
struct OpenReferralTests {
    private let block = EncryptedBlock(data: "QUJD", iv: "SVY=")

    private func refusal(_ body: () async throws(DocumentError) -> [UInt8]) async -> DocumentError? {
        do throws(DocumentError) {
            _ = try await body()
            return nil
        } catch {
            return error
        }
    }

    @Test("files, keys, messages and uploads go with site key and credential, never with a token")
    func calls() async throws {
        let stub = StubOcean { asked, _ in
            asked.path.hasSuffix("privateKey")
                ? StubOcean.Reply(headers: ["iv": "SVY="], body: Array("\"QUJD\"".utf8))
                : .json(#"{"contentType":"text/plain"}"#)
        }
        try await stub.run { client in
            _ = try await client.attachment("f/1", of: "ref", site: "1234", limit: 100, trace: nil)
            let keys = try await client.privateKeys(site: "1234", trace: nil)
            #expect(keys == SealedPrivateKeys(body: Array("\"QUJD\"".utf8), iv: "SVY="))
            _ = try await client.post(message: Array("{}".utf8), to: "ref", site: "1234", trace: nil)
            _ = try await client.post(file: block, ref: "file-1", to: "ref", site: "1234", trace: nil)
        }
        let calls = stub.calls
        #expect(
            calls.map { "\($0.method) \($0.path)" } == [
                "GET /svc/v1/referrals/ref/attachments/f%2F1", "GET /svc/v1/site/privateKey",
                "POST /svc/v1/referrals/ref/messages", "POST /svc/v1/referrals/ref/attachments",
            ])
        for call in calls {
            #expect(call.headers["siteNum"] == "1234" && call.headers["siteKey"] == "key")
            #expect(call.headers["siteCredential"] == "credential" && call.headers["Authorization"] == nil)
            #expect(call.headers["Content-Type"] == "application/json")
        }
        #expect(calls.last?.body == "QUJD" && calls.last?.headers["ivBase64"] == "SVY=")
        #expect(calls.last?.headers["fileRef"] == "file-1")
        #expect(stub.tokenRequests.isEmpty)
    }

    @Test("a redirect to another host is not followed: no credential leaves")
    func redirected() async throws {
        let elsewhere = StubOcean()
        try await elsewhere.run { other in
            let stub = StubOcean { _, _ in StubOcean.Reply(status: 302, headers: ["Location": other + "/stolen"]) }
            try await stub.run { client in
                let posted = await failure { () async throws(OceanServiceError) in
                    try await client.post(message: [], to: "ref", site: "1234", trace: nil)
                }
                let uploaded = await failure { () async throws(OceanServiceError) in
                    try await client.post(file: block, ref: "f", to: "ref", site: "1234", trace: nil)
                }
                let keys = await failure { () async throws(OceanServiceError) in
                    try await client.privateKeys(site: "1234", trace: nil)
                }
                let file = await refusal { () async throws(DocumentError) in
                    try await client.attachment("f", of: "ref", site: "1234", limit: 100, trace: nil)
                }
                #expect(
                    [posted?.code, uploaded?.code, keys?.code] == [.invalidAnswer, .invalidAnswer, .invalidAnswer])
                #expect(file?.code == .invalidAnswer)
            }
        }
        #expect(elsewhere.calls.isEmpty && elsewhere.tokenRequests.isEmpty)
    }

    @Test("a reference that would climb the path is not sent", arguments: ["", ".", ".."])
    func climbing(_ reference: String) async throws {
        let stub = StubOcean()
        try await stub.run { client in
            #expect(
                await refusal { () async throws(DocumentError) in
                    try await client.attachment(reference, of: "ref", site: "1234", limit: 100, trace: nil)
                }?.code == .refused)
            #expect(
                await failure { () async throws(OceanServiceError) in
                    try await client.post(message: [], to: reference, site: "1234", trace: nil)
                }?.code == .refused)
        }
        #expect(stub.calls.isEmpty)
    }

    @Test("a file that is too large, broken off or gone is told apart")
    func files() async throws {
        let large = StubOcean { _, _ in StubOcean.Reply(body: [UInt8](repeating: 0x20, count: 100_000)) }
        let cut = StubOcean { _, _ in StubOcean.Reply(body: [UInt8](repeating: 0x20, count: 5000), cutsOffAfter: 100) }
        let gone = StubOcean { _, _ in .json("{}", status: 404) }
        for (stub, code) in [(large, DocumentError.Code.tooLarge), (cut, .truncated), (gone, .notFound)] {
            let error = try await stub.run { client in
                await refusal { () async throws(DocumentError) in
                    try await client.attachment("f", of: "ref", site: "1234", limit: 10, trace: nil)
                }
            }
            #expect(error?.code == code)
        }
    }

    @Test("a 2xx is done whatever its body is, unless it is a page or says that it failed")
    func answers() async throws {
        let cases: [(StubOcean.Reply, OceanServiceError.Code?)] = [
            (StubOcean.Reply(headers: ["Content-Type": "text/plain"], body: Array("message-1".utf8)), nil),
            (.json("{\"half\":"), nil), (StubOcean.Reply(status: 204, body: []), nil),
            (
                StubOcean.Reply(headers: ["Content-Type": "text/html"], body: Array("<html>Sign in</html>".utf8)),
                .invalidAnswer
            ),
            (
                .json(#"{"resourceType":"OperationOutcome","issue":[{"severity":"error","code":"exception"}]}"#),
                .refused
            ),
            (.json("no", status: 401), .unauthorized), (.json("no", status: 403), .unauthorized),
            (.json("no", status: 503), .unavailable), (.json("no", status: 422), .refused),
        ]
        for (reply, code) in cases {
            let stub = StubOcean { _, _ in reply }
            let error = try await stub.run { client in
                await failure { () async throws(OceanServiceError) in
                    try await client.post(message: [], to: "ref", site: "1234", trace: nil)
                }
            }
            #expect(error?.code == code)
            if error?.status == 401 { #expect(error?.message.contains("openApi.siteKey") == true) }
        }
    }

    @Test("private keys without their IV are no answer")
    func keysWithoutIV() async throws {
        let stub = StubOcean { _, _ in .json("\"QUJD\"") }
        let error = try await stub.run { client in
            await failure { () async throws(OceanServiceError) in try await client.privateKeys(site: "1234", trace: nil)
            }
        }
        #expect(error?.code == .invalidAnswer)
    }

    @Test("a site without OAuth is proved by the Open API, and gets no token", arguments: [404, 401])
    func openOnly(_ status: Int) async throws {
        let stub = StubOcean { _, _ in .json("{}", status: status) }
        let (check, process) = try await stub.run { base in
            let site = SiteCredentials(openAPI: .init(siteKey: "key", siteCredential: "credential"))
            let client = OceanHTTPClient(
                OceanClientConfiguration(host: try OceanHost(base), sites: ["1234": site], version: "9.9"))
            let check = await failure { () async throws(OceanServiceError) in try await client.check(site: "1234") }
            let process = await failure { () async throws(OceanServiceError) in
                try await client.process([], site: "1234", trace: nil)
            }
            await client.shutdown()
            return (check, process)
        }
        #expect(check?.code == (status == 404 ? nil : .unauthorized))
        #expect(process?.code == .notConfigured)
        #expect(stub.tokenRequests.isEmpty && stub.calls.count == 1)
    }
}
