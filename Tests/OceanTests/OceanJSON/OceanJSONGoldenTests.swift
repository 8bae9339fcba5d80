// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import BridgeTestKit
import JSON
import Testing

@testable import Ocean

/// Each Ocean JSON fixture with what becomes of it, on file: the canonical referral and the normalised FHIR.
@Suite("Ocean JSON on file")
struct OceanJSONGoldenTests {
    /// The second key is the one before the last change.
    static let keys = SharedEncryptionKeys(
        current: SharedEncryptionKey(text: "Bridge#2025aBcD!"), previous: SharedEncryptionKey(text: "Other#2024aBcD!!"))

    private static let reader = OceanInboundReader.standard(keys: { _ in keys })

    private static func inbound(_ name: String) throws -> InboundMessage {
        guard case .message(let message) = reader.read(try Fixture.bytes(name), mediaType: "application/json") else {
            throw TranslationError(.unknownFormat, at: name, "is not read")
        }
        return message
    }

    private static func check(_ json: JSONValue, _ kind: String, _ name: String) throws {
        let target = "golden/ocean-json/\(kind)/\(name.split(separator: "/").last ?? "")"
        let bytes = json.bytes(.pretty) + [0x0A]
        if Fixture.isUpdatingGolden { try Fixture.write(bytes, to: target) }
        #expect(try Fixture.bytes(target) == bytes, "\(target) is another; OCEAN_BRIDGE_UPDATE_GOLDEN=1 writes it anew")
    }

    /// All but the one whose ciphertexts are made up.
    static let files = try? Fixture.names(in: "ocean-json").filter { !$0.contains("every-field") }

    @Test("the canonical referral is the one on file", arguments: files ?? [])
    func canonical(name: String) throws {
        let referral = try #require(Self.inbound(name).canonical.referral)
        try Self.check(referral.json, "canonical", name)
    }

    @Test("the normalised FHIR is the one on file, and keeps the rules of R4", arguments: files ?? [])
    func fhir(name: String) throws {
        let body = try JSONValue(parsing: try WriterTests.written(Self.inbound(name)).body)
        #expect(NormalRules.faults(in: body) == [])
        try Self.check(body, "fhir", name)
    }

    @Test("what hospital systems get as Ocean JSON is on file", arguments: files ?? [])
    func written(name: String) throws {
        let inbound = try Self.inbound(name)
        let written = try OceanJSONWriter().write(WriterTests.message(inbound), inbound.canonical)
        #expect(written.ledger.count(.dropped) == 0)
        try Self.check(try JSONValue(parsing: written.body), "ocean-json", name)
    }

    @Test(
        "the encrypted form is on file and opens with either key of the site",
        arguments: ["patient-full", "conversation", "forms", "bridge-members"])
    func sealed(name: String) throws {
        for (kind, text) in [("sealed", "Bridge#2025aBcD!"), ("sealed-previous", "Other#2024aBcD!!")] {
            let (referral, _) = try OceanJSONReader().read(
                JSONValue(parsing: Fixture.bytes("ocean-json/\(name).json")), keys: nil)
            let sealing = ReferralSealing(
                keys: SharedEncryptionKeys(current: SharedEncryptionKey(text: text)),
                oneTimeKey: try #require(OneTimeKey(bytes: (0xA0...0xAF).map { UInt8($0) })),
                seed: Array("not a secret, for tests only 123".utf8))
            let (json, _) = try OceanJSONWriter(sealing: sealing).write(referral)
            try Self.check(json, kind, "\(name).json")
            var read = try Self.inbound("golden/ocean-json/\(kind)/\(name).json").canonical.referral
            read?.unmapped.removeAll { $0.path == "/oneTimeKeyEncryptedWithSiteSEK" }
            var held = HeldReferral(source: referral).referral()
            held.unmapped = referral.unmapped
            #expect(read.map { Self.ordered($0) } == Self.ordered(held))
        }
    }

    private static func ordered(_ referral: Referral) -> Referral {
        var output = referral
        output.unmapped.sort { $0.path < $1.path }
        for index in output.documents.indices where output.documents[index].data != nil {
            output.documents[index].encryptedKey = nil
        }
        return output
    }
}
