// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import BridgeTestKit
import JSON
import Ocean
import Testing

@testable import Workers

@Suite("Thin events and files of the Open API", .timeLimit(.minutes(2)))
struct OpenReferralReadingTests {
    private let right = SharedEncryptionKeys(current: OpenOcean.shared)
    private let changed = SharedEncryptionKeys(current: OpenOcean.other, previous: OpenOcean.shared)
    private let wrong = SharedEncryptionKeys(current: OpenOcean.other)

    // MARK: Thin events

    private func read(
        _ ocean: OpenOcean, _ keys: SharedEncryptionKeys, usesPrivateKeys: Bool = false
    ) async throws(EnrichmentError) -> InboundMessage {
        let reader = OceanInboundReader(
            bundleReader: { (_, _, _) throws(TranslationError) in
                throw TranslationError(.unknownFormat, "no bundles here")
            }, keys: { _ in keys })
        let enricher = OceanEnricher(
            ocean: ocean, reader: reader, keys: { _ in keys },
            keyring: ocean.keyring(keys, usesPrivateKeys: usesPrivateKeys))
        let thin = Inbound.canonical(code: "referral-changed", thin: true)
        return try await enricher.fetch(Inbound.message("m1", thin), thin).read()
    }

    @Test("patient, file names and messages are decrypted with the current key and with the previous one")
    func keys() async throws {
        for keys in [right, changed] {
            let ocean = OpenOcean()
            let inbound = try await read(ocean, keys)
            #expect(inbound.canonical.referral?.patient?.names.first?.family == canary)
            #expect(inbound.canonical.referral?.documents.map(\.title) == ["\(canary).pdf"])
            #expect(inbound.canonical.event.code == "referral-changed")
        }
    }

    @Test("a wrong key is final and names the setting; a body that breaks off is tried again")
    func failures() async throws {
        let error = await #expect(throws: EnrichmentError.self) { try await read(OpenOcean(), wrong) }
        #expect(error?.disposition == .reject && error?.reason == "undecipherable")
        guard case .translation(let translation) = error else {
            Issue.record("not a translation error")
            return
        }
        #expect(translation.description.contains("sites.1234.openApi.sharedEncryptionKey"))
        #expect(!translation.description.contains(canary))
        let broken = OpenOcean { $0.referral = { Array($0.bytes().dropLast(40)) } }
        let other = await #expect(throws: EnrichmentError.self) { try await read(broken, right) }
        #expect(other?.disposition == .retry(after: nil))
        let cut = OpenOcean {
            $0.referral = { json in
                var json = json
                json["encryptedPtData"] = [
                    "data": "AAAAAAAAAAAAAAAAAAAAAA==", "iv": json["encryptedPtData"]?["iv"] ?? .null,
                ]
                return json.bytes()
            }
        }
        let third = await #expect(throws: EnrichmentError.self) { try await read(cut, right) }
        #expect(third?.reason == "undecipherable")
    }

    @Test("a key wrapped with the private key opens where that is switched on; else the patient stays encrypted")
    func privateKeys() async throws {
        let key = try #require(SitePrivateKey.random())
        for keys in [right, changed] {
            let inbound = try await read(OpenOcean(privateKey: key), keys, usesPrivateKeys: true)
            #expect(inbound.canonical.referral?.patient?.names.first?.family == canary)
        }
        let off = try await read(OpenOcean(privateKey: key), right)
        #expect(off.canonical.referral?.patient == nil)
        #expect(off.canonical.referral?.unmapped.contains { $0.path == "/encryptedPtData" } == true)
        let error = await #expect(throws: EnrichmentError.self) {
            try await read(OpenOcean(privateKey: key), wrong, usesPrivateKeys: true)
        }
        #expect(error?.reason == "undecipherable")
    }

    // MARK: Files

    private func requests(_ ocean: OpenOcean, sites: Set<String> = ["1234"]) async throws -> [Message] {
        var wanted = DocumentRequests()
        wanted.openAPISites = sites
        var canonical = try await read(ocean, right).canonical
        canonical.original.dialect = Dialect.oceanJSON.rawValue
        return wanted.messages(for: Inbound.message("m1", canonical), canonical, trace: .root())
    }

    private func bench(_ ocean: OpenOcean, _ keys: SharedEncryptionKeys?, usesPrivateKeys: Bool = false)
        -> DocumentBench
    {
        DocumentBench(
            files: OpenFileSource(
                ocean: ocean, service: ocean, keyring: ocean.keyring(keys, usesPrivateKeys: usesPrivateKeys)))
    }

    @Test("a request names the file, never a key; only sites with the Open API ask")
    func asked() async throws {
        let ocean = OpenOcean()
        let request = try #require(try await requests(ocean).first)
        let json = try JSONValue(parsing: request.body)
        #expect(json["document"]?["ref"] == "file-1" && json["document"]?["encryptedKey"] == nil)
        #expect(!json.text().contains("oneTimeKey"))
        #expect(try await requests(ocean).map(\.id) == [request.id])
        #expect(try await requests(ocean, sites: []).isEmpty)
    }

    @Test("a file is decrypted, checked, kept and told of like any other", arguments: [false, true])
    func kept(usesPrivateKeys: Bool) async throws {
        let ocean = OpenOcean(privateKey: usesPrivateKeys ? SitePrivateKey.random() : nil)
        for keys in [right, changed] {
            let bench = bench(ocean, keys, usesPrivateKeys: usesPrivateKeys)
            let named = try await requests(OpenOcean())
            #expect(await bench.handle(try #require(named.first)) == .done)
            let claim = try #require(bench.claims.kept.first)
            #expect(claim.size == DocumentSample.pdf.count && claim.contentType == "application/pdf")
            #expect(claim.sha256 == DocumentSample.sha256(DocumentSample.pdf))
            #expect(bench.told.count == 1 && bench.reasons.isEmpty && bench.source.calls.isEmpty)
        }
    }

    @Test("a wrong key, a cut ciphertext and a changed one are one reason, with the setting, and keep nothing")
    func closed() async throws {
        let request = try #require(try await requests(OpenOcean()).first)
        func cut(_ change: @escaping @Sendable (String) -> String) -> OpenOcean {
            OpenOcean {
                $0.attachment = { json, _ in
                    var json = json
                    let data = json["encryptedData"]?["data"]?.stringValue ?? ""
                    json["encryptedData"] = [
                        "data": .string(change(data)), "iv": json["encryptedData"]?["iv"] ?? .null,
                    ]
                    return json.bytes()
                }
            }
        }
        let cases: [(OpenOcean, SharedEncryptionKeys)] = [
            (OpenOcean(), wrong), (cut { String($0.dropLast(4)) }, right), (cut { String($0.dropLast(64)) }, right),
            (cut { _ in "" }, right),
        ]
        var details: Set<String> = []
        for (ocean, keys) in cases {
            let bench = bench(ocean, keys)
            #expect(await bench.handle(request) == .done)
            #expect(bench.reasons == ["undecipherable"])
            let letter = try #require(bench.bus.published(to: "ocean.dead-letters").first)
            #expect(letter.body == request.body)
            let detail = letter.headers["x-detail"]?.text ?? ""
            #expect(detail.contains("sites.1234.openApi.sharedEncryptionKey"))
            details.insert(detail.split(separator: ":").dropFirst().joined())
            #expect(bench.claims.kept.isEmpty && bench.claims.leftovers == 0)
        }
        #expect(details.count == 1, "\(details)")
    }

    @Test("a file that comes whole after a broken answer is kept; a page in its place is not")
    func broken() async throws {
        let request = try #require(try await requests(OpenOcean()).first)
        let passing = OpenOcean {
            $0.attachment = { json, number in number < 3 ? Array(json.bytes().dropLast(30)) : json.bytes() }
        }
        let bench = bench(passing, right)
        await bench.handle(request)
        #expect(bench.claims.kept.count == 1 && passing.fetches == 3)
        let staying = self.bench(OpenOcean { $0.attachment = { _, _ in DocumentSample.page } }, right)
        await staying.handle(request)
        #expect(staying.reasons == ["invalid-answer"] && staying.claims.kept.isEmpty)
    }

    @Test("a file that is named before it is uploaded is asked for again; one that never comes is told so")
    func early() async throws {
        var json = try JSONValue(parsing: try #require(try await requests(OpenOcean()).first).body)
        json["document"] = ["ref": "late", "kind": "attachment"]
        var request = try #require(try await requests(OpenOcean()).first)
        request.body = json.bytes()
        let ocean = OpenOcean {
            $0.referral = { json in
                var json = json
                json["attachments"] = [["fileRef": "late"]]
                return json.bytes()
            }
        }
        let bench = bench(ocean, right)
        await bench.handle(request)
        #expect(bench.reasons == ["not-served"] && ocean.fetches == 5)
    }

    @Test("a file that the referral names no longer is gone; without a key it is told which setting is missing")
    func gone() async throws {
        let request = try #require(try await requests(OpenOcean()).first)
        let without = OpenOcean {
            $0.referral = { json in
                var json = json
                json["attachments"] = []
                return json.bytes()
            }
        }
        let bench = bench(without, right)
        await bench.handle(request)
        #expect(bench.reasons == ["not-found"] && without.fetches == 0)
        let keyless = self.bench(OpenOcean(), nil)
        await keyless.handle(request)
        #expect(keyless.reasons == ["not-configured"])
        let off = self.bench(OpenOcean(privateKey: SitePrivateKey.random()), right)
        await off.handle(request)
        #expect(off.reasons == ["not-configured"])
        let letter = try #require(off.bus.published(to: "ocean.dead-letters").first)
        #expect(letter.headers["x-detail"]?.text.contains("sites.1234.openApi.privateKeys") == true)
    }
}
