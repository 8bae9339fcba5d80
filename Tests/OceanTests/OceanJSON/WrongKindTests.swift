// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import BridgeTestKit
import JSON
import Testing

@testable import Ocean

@Suite("Wrong kinds in Ocean JSON")
struct WrongKindTests {
    /// Members that the model keeps with their places, of whatever kind they are.
    private static let unheld = [
        "oneTimeKeyEncryptedWithTargetPublicKey", "oneTimeKeyEncryptedWithSitePublicKey", "fromEmr", "emrFileId",
        "attachmentSrc", "targetRtRef", "targetUserName", "targetDesc", "reviewed", "userName", "showForOtherSites",
        "oneTimeKeyEncryptedWithSiteSEK", "encryptedPtData", "encryptedMsg", "encryptedFileName",
        "encryptedEncryptionKey",
    ]

    @Test("a value of another kind at any member is refused with its place, kept, and nothing else suffers")
    func everyMember() throws {
        let json = try JSONValue(parsing: Fixture.bytes("ocean-json/every-field.json"))
        var places: Set<JSONPointer> = []
        for leaf in leaves(json) {
            let tokens = try JSONPointer(leaf).tokens
            for depth in 1...tokens.count { places.insert(JSONPointer(tokens: Array(tokens.prefix(depth)))) }
        }
        places.remove(try JSONPointer("/referralRef"))
        let (whole, _) = try OceanJSONReader().read(json, keys: nil)
        var refusals = 0
        for place in places where !place.tokens.contains(where: { Self.unheld.contains($0) }) {
            for wrong in [["odd": [1]], [["odd"], 2]] as [JSONValue] {
                var changed = json
                guard changed.set(wrong, at: place) else { continue }
                let (referral, ledger) = try OceanJSONReader().read(changed, keys: nil)
                #expect(ledger.entries.map(\.source).sorted() == leaves(changed).sorted())
                if changed.value(at: place)?.kind == json.value(at: place)?.kind { continue }
                let refused = ledger.entries.filter { $0.disposition == .refused }
                let list =
                    place.tokens.last.flatMap { Int($0) } == nil ? place : JSONPointer(tokens: place.tokens.dropLast())
                #expect(!refused.isEmpty && refused.allSatisfy { $0.source.hasPrefix(list.description) }, "\(place)")
                #expect(refused.allSatisfy { $0.note?.hasPrefix("not ") ?? false })
                #expect(referral.unmapped.contains { $0.path == list.description }, "\(place)")
                #expect(referral.patient == whole.patient && referral.ref == whole.ref)
                refusals += 1
            }
        }
        #expect(refusals > 120)
    }

    @Test(
        "dates that are none are refused at each place",
        arguments: [
            "/creationDate", "/sentDate", "/modificationDate", "/scheduledAppointment", "/scheduledAppointment2",
            "/appointments/0/date", "/externalConversation/0/commentDate",
        ])
    func dates(place: String) throws {
        let json = try JSONValue(parsing: Fixture.bytes("ocean-json/every-field.json"))
        for wrong in ["soon", "2026-02-30", "2026-02-03T25:00:00Z", "03/02/2026", .decimal("1.5"), .decimal("1e30")]
            as [JSONValue]
        {
            var changed = json
            _ = changed.set(wrong, at: try JSONPointer(place))
            let (referral, ledger) = try OceanJSONReader().read(changed, keys: nil)
            let refused = ledger.entries.filter { $0.disposition == .refused }
            #expect(refused.map(\.source) == [place] && refused.map(\.note) == ["not a date"])
            #expect(referral.unmapped.contains { $0.path == place && $0.value == wrong })
        }
    }

    @Test("the place of a body that cannot be read reaches the caller")
    func outcome() throws {
        let reader = OceanInboundReader.standard(
            keys: { _ in SharedEncryptionKeys(current: SharedEncryptionKey(text: "Other#2026aBcD!!")) })
        let body = try Fixture.bytes("ocean-json/referral-encrypted.json")
        guard case .notUnderstood(let reason, let detail) = reader.read(body, mediaType: "application/json") else {
            Issue.record("a referral that does not open was taken")
            return
        }
        #expect(reason == "undecipherable" && detail.hasPrefix("/oneTimeKeyEncryptedWithSiteSEK: "))
    }

    @Test("a fetched referral without a site number is read with keys and status words of the site it came through")
    func siteHint() throws {
        var json = try JSONValue(parsing: Fixture.bytes("ocean-json/referral-encrypted.json"))
        json["siteNum"] = nil
        json["status"] = "Bei uns"
        let own = try #require(
            StatusMap.assumedDefault.replacing([.accepted: ["Bei uns"]], name: "site 4821"))
        let reader = OceanInboundReader.standard(
            keys: { site in
                site == "4821" ? SharedEncryptionKeys(current: SharedEncryptionKey(text: "Bridge#2025aBcD!")) : nil
            }, statusMaps: StatusMaps(sites: ["4821": own]))
        guard case .message(let message) = reader.read(json.bytes(), mediaType: "application/json", site: "4821"),
            case .message(let other) = reader.read(json.bytes(), mediaType: "application/json", site: "1")
        else {
            Issue.record("not read")
            return
        }
        #expect(message.canonical.referral?.patient?.names.first?.family == "Testpatient")
        #expect(message.canonical.referral?.status == .accepted)
        #expect(other.canonical.referral?.patient == nil && other.canonical.referral?.status == .unknown)
        #expect(other.canonical.referral?.statusText == "Bei uns")
    }
}

extension JSONValue {
    static func decimal(_ text: String) -> JSONValue { JSONNumber(text: text).map { .number($0) } ?? .null }
}
