// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import JSON
import Ocean
import Testing

@testable import OceanSandbox

@Suite("Payloads of new referrals", .timeLimit(.minutes(15)))
struct PayloadTests {
    /// Every `reference` member below a value.
    private func references(in value: JSONValue) -> [String] {
        switch value {
        case .object(let object):
            object.flatMap { member in
                member.name == "reference"
                    ? [member.value.stringValue].compactMap(\.self) : references(in: member.value)
            }
        case .array(let elements): elements.flatMap { references(in: $0) }
        default: []
        }
    }

    @Test("every reference of a 0.11.1 bundle resolves by fullUrl", arguments: SyntheticReferral.Kind.allCases)
    func currentReferences(kind: SyntheticReferral.Kind) async throws {
        try await Bench.run { bench in
            let reference = try await bench.ocean.send(kind, to: "new-1")
            let call = try await bench.next()
            let entries = call.json["entry"]?.arrayValue ?? []
            let urls = entries.compactMap { $0["fullUrl"]?.stringValue }
            #expect(urls.count == entries.count)
            #expect(Set(urls).count == urls.count)
            for target in references(in: call.json) { #expect(urls.contains(target)) }
            let ids = entries.dropFirst().compactMap { $0["resource"]?["id"] }
            #expect(ids.isEmpty)
            let header = try #require(call.resource("MessageHeader"))
            #expect(header["reason"]?["text"]?.stringValue == "Initial")
            #expect(header["extension"]?[0]?["valueIdentifier"]?["value"]?.stringValue == reference)
            #expect(header["destination"]?[0]?["endpoint"]?.stringValue?.hasSuffix("/ocean/hospital") == true)
            #expect(call.resource("Patient")?["meta"]?["security"]?[0]?["code"]?.stringValue == "HTEST")
        }
    }

    @Test(
        "a 0.10.0 bundle has ids, relative references and the older header", arguments: SyntheticReferral.Kind.allCases)
    func formerReferences(kind: SyntheticReferral.Kind) async throws {
        try await Bench.run { bench in
            let reference = try await bench.ocean.send(kind, to: "old-1")
            let call = try await bench.next()
            let resources = call.resources
            #expect(call.json["entry"]?.arrayValue?.allSatisfy { $0["fullUrl"] == nil } == true)
            let known = resources.map { "\($0["resourceType"]?.stringValue ?? "")/\($0["id"]?.stringValue ?? "")" }
            for target in references(in: call.json) where target != "Organization/cognisant-md" {
                #expect(known.contains(target))
            }
            let header = try #require(call.resource("MessageHeader"))
            #expect(header["extension"]?[0]?["valueString"]?.stringValue == reference)
            #expect(header["sender"]?["reference"]?.stringValue == "Organization/cognisant-md")
            #expect(header["reason"] == nil)
            #expect(header["destination"]?[0]?["receiver"]?["identifier"]?["value"]?.stringValue == "svc-old")
            #expect(
                resources.map { $0["resourceType"]?.stringValue }.prefix(3) == [
                    "MessageHeader", "ServiceRequest", "Patient",
                ])
            #expect(header["meta"]?["profile"]?[0]?.stringValue?.hasSuffix("%7C1.0.0") == true)
        }
    }

    @Test("what a referral lacks is left out, never written as null", arguments: SyntheticReferral.Kind.allCases)
    func noNulls(kind: SyntheticReferral.Kind) async throws {
        try await Bench.run { bench in
            for listing in ["new-1", "old-1", "json-1"] {
                try await bench.ocean.send(kind, to: listing)
                #expect(!holdsNull(try await bench.next().json))
            }
        }
    }

    private func holdsNull(_ value: JSONValue) -> Bool {
        switch value {
        case .null: true
        case .object(let object): object.contains { holdsNull($0.value) }
        case .array(let elements): elements.contains(where: holdsNull)
        default: false
        }
    }

    @Test("an Ocean JSON referral carries patient data that the Shared Encryption Key opens")
    func oceanJSON() async throws {
        try await Bench.run { bench in
            let reference = try await bench.ocean.send(.accents, to: "json-1")
            let referral = try await bench.next().json
            #expect(referral["referralRef"]?.stringValue == reference)
            #expect(referral["externalServiceId"]?.stringValue == "svc-json")
            #expect(!referral.text().contains("Zoé"))
            let data = try decrypt(referral)
            #expect(data["demographics"]?["firstName"]?.stringValue == "Zoé")
        }
    }

    @Test("a thin listing hears only of the reference, and a change of it")
    func thin() async throws {
        try await Bench.run { bench in
            let reference = try await bench.ocean.send(.backPain, to: "thin-1")
            let body = UpdateBundle(dialect: .fhir0111, reference: reference).task("accepted")
            #expect(try await bench.process(body).status == 200)
            let first = try await bench.next().json
            #expect(first["ref"]?.stringValue == reference)
            #expect(first["siteNum"]?.stringValue == "4500")
            #expect(first["type"]?.stringValue == "add-service-request")
            #expect(try await bench.next().json["type"]?.stringValue == "notify-update-service-request")
        }
    }

    private func decrypt(_ referral: JSONValue) throws -> JSONValue {
        let wrapped = try #require(referral["oneTimeKeyEncryptedWithSiteSEK"].flatMap { EncryptedBlock(json: $0) })
        let block = try #require(referral["encryptedPtData"].flatMap { EncryptedBlock(json: $0) })
        let key = try SharedEncryptionKey(text: Bench.key).unwrap(wrapped, at: "key")
        return try key.decryptJSON(block, at: "data")
    }
}
