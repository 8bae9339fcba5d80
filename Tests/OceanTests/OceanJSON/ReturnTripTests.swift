// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import BridgeTestKit
import JSON
import Testing

@testable import Ocean

/// Ocean JSON → canonical → Ocean JSON: nothing is lost, and what the model does not hold comes back at its place.
@Suite("Ocean JSON return trip")
struct ReturnTripTests {
    /// Ocean's members that the model keeps only with their places, of Ocean's published client.
    private static let unheld: [(place: String, value: JSONValue)] = [
        ("/oneTimeKeyEncryptedWithTargetPublicKey", "bm90IHJlYWw="),
        ("/oneTimeKeyEncryptedWithSitePublicKey", "bm90IHJlYWw="), ("/completionState", "OPEN"), ("/type", "update"),
        ("/externalConversation/0/attachmentSrc", "EMR"), ("/externalConversation/0/targetRtRef", "rt-1"),
        ("/externalConversation/0/targetUserName", "pmeir"), ("/externalConversation/0/targetDesc", "Lakeside"),
        ("/externalConversation/0/reviewed", ["user": "x", "date": 1_769_090_400_000]),
        ("/externalConversation/0/userName", "pmeir"),
        ("/externalConversation/0/eConsultData/minutes", .decimal("12.5")),
        ("/internalConversation/0/targetDesc", "desk"), ("/appointments/0/room", "7"),
        ("/appointments/0/wtType", "WAIT_9"), ("/bookingFileRefs/0/emrFileId", "77"),
        ("/bookingFileRefs/0/fromEmr", false), ("/attachments/0/fromEmr", true), ("/referrer/address/unit", 4),
        ("/referrer/degree", "MD"), ("/assistant/pager", "1"), ("/ptData/cpp", ["allg": ["items": [["key": "a"]]]]),
        ("/ptData/reasonForVisit", "x"), ("/ptData/demographics/comments", "c"),
        ("/ptData/demographics/customFields", ["a~b/c": "x"]), ("/ptData/demographics/address/county", "X"),
        ("/ptData/ptUpdate/progressNote/title", "Intake"), ("/ptData/ptUpdate/emrFieldUpdates", ["1": "y"]),
        ("/ptData/formMetadata/gone/7/hidden", true), ("/ptData/ptUpdate/formMetadata/gone/7/hidden", "no"),
        ("/odd~1name", [[], [1]]), ("/communicationType_original", "E_OTHER"),
    ]

    /// Values of wrong kinds, and of right kinds in other spellings.
    private static let replacements: [JSONValue] = [
        .null, true, 0, -1, 1_770_128_215_123, "1770128215123", "", "x", "e consult", "Pending Booking", [], [:],
        [.null], [[:]], [["a": [.null, 1]]], ["data": "AAAA", "iv": "x"], "2026-02-03 09:14:22-0500", "2026-02-03",
    ]

    @Test(
        "nothing is lost between two readings, whatever stands in the object", arguments: 0..<16)
    func generated(block: Int) throws {
        var random = SeededGenerator(seed: UInt64(block))
        var source = ReferralSource(seed: block)
        for seed in 0..<40 {
            let referral = source.referral()
            var json = try OceanJSONWriter().write(seed.isMultiple(of: 3) ? referral : source.thinned(referral)).0
            for (place, value) in Self.unheld where Bool.random(using: &random) {
                Self.add(value, at: place, to: &json)
            }
            let places = leaves(json).filter { $0 != "/referralRef" }
            for _ in 0..<Int.random(in: 0...4, using: &random) {
                guard let place = places.randomElement(using: &random),
                    let replacement = Self.replacements.randomElement(using: &random)
                else { continue }
                var tokens = try JSONPointer(place).tokens
                while tokens.count > 1, Int.random(in: 0..<4, using: &random) == 0 { tokens.removeLast() }
                _ = json.set(replacement, at: JSONPointer(tokens: tokens))
            }
            try Self.check(json, "block \(block), referral \(seed)")
        }
    }

    @Test("nothing of a fixture is lost", arguments: try Fixture.names(in: "ocean-json"))
    func fixtures(name: String) throws {
        try Self.check(try JSONValue(parsing: Fixture.bytes(name)), name)
    }

    private static func check(_ json: JSONValue, _ name: String) throws {
        let (first, account) = try OceanJSONReader().read(json, keys: nil)
        try #require(account.entries.map(\.source).sorted() == leaves(json).sorted(), "\(name)")
        let (written, ledger) = try OceanJSONWriter().write(first)
        let lost = ledger.entries.filter { $0.disposition == .dropped }.map(\.source)
        try #require(lost == [], "\(name)")
        var (second, _) = try OceanJSONReader().read(written, keys: nil)
        for unmapped in first.unmapped {
            let value = written.value(at: try JSONPointer(unmapped.path))
            let aside = written.value(at: try JSONPointer(unmapped.path + UnmappedWriting.suffix))
            try #require(
                value == unmapped.value || aside == unmapped.value, "\(name): \(unmapped.path) did not come back")
        }
        try #require(scattered(second.unmapped) == scattered(first.unmapped), "\(name)")
        second.unmapped = []
        let held = HeldReferral(source: first).referral()
        try #require(second == held, "\(name): \(OceanJSONRoundTripTests.difference(second.json, held.json))")
        // The second time nothing changes any more.
        let (again, _) = try OceanJSONWriter().write(try OceanJSONReader().read(written, keys: nil).0)
        #expect(scattered(again) == scattered(written), "\(name)")
    }

    /// Single values with their places: an object that the model does not know may be kept whole or in parts.
    private static func scattered(_ unmapped: [Unmapped]) -> [String] {
        unmapped.flatMap { entry in
            leaves(entry.value, at: entry.path).map { leaf in
                let rest = try? JSONPointer(String(leaf.dropFirst(entry.path.count)))
                return leaf + " " + (rest.flatMap { entry.value.value(at: $0) }?.text() ?? "")
            }
        }.sorted()
    }

    private static func scattered(_ json: JSONValue) -> [String] { scattered([Unmapped(path: "", value: json)]) }

    /// Adds a member, also in objects that are not there yet; elements of lists must be there.
    private static func add(_ value: JSONValue, at place: String, to json: inout JSONValue) {
        guard let tokens = try? JSONPointer(place).tokens else { return }
        for depth in 1..<tokens.count {
            let parent = JSONPointer(tokens: Array(tokens.prefix(depth)))
            if json.value(at: parent) == nil, Int(tokens[depth]) == nil || tokens[depth] == "7" {
                _ = json.set([:], at: parent)
            }
        }
        _ = json.set(value, at: JSONPointer(tokens: tokens))
    }

    /// Every member of `Referral` and its nested objects in Ocean's published client.
    private static let documented = [
        "referralRef", "referralTargetRef", "services/0", "externalServiceId", "description",
        "oneTimeKeyEncryptedWithTargetPublicKey", "oneTimeKeyEncryptedWithSitePublicKey",
        "oneTimeKeyEncryptedWithSiteSEK/data", "oneTimeKeyEncryptedWithSiteSEK/iv", "encryptedPtData/data",
        "encryptedPtData/iv", "externalRef", "sourceExternalRef", "masterReferralRef", "master", "creationDate",
        "modificationDate", "sentDate", "status", "scheduledAppointment", "scheduledAppointment2", "bookingComments",
        "bookingUrl", "communicationType", "cancellationReason", "srcSiteName", "srcSiteNum",
        "referrer/firstName", "referrer/surname", "referrer/professionalId", "referrer/billingNum",
        "referrer/signature", "referrer/clinicianType", "referrer/address/line1", "referrer/address/line2",
        "referrer/address/city", "referrer/address/province", "referrer/address/country",
        "referrer/address/postalCode", "referrer/address/phone", "referrer/address/fax", "referrer/address/email",
        "referrer/address/website", "assistant/firstName", "assistant/surname", "assistant/clinicianType",
        "appointments/0/wtType", "appointments/0/apptType", "appointments/0/date", "appointments/0/hasTime",
        "appointments/0/waitTime", "bookingFileRefs/0/fileRef", "bookingFileRefs/0/fileName",
        "bookingFileRefs/0/encryptedFileName/data", "bookingFileRefs/0/encryptedEncryptionKey/data",
        "bookingFileRefs/0/fromEmr", "bookingFileRefs/0/emrFileId", "externalConversation/0/ref",
        "externalConversation/0/message", "externalConversation/0/userName", "externalConversation/0/userFullName",
        "externalConversation/0/attachmentRefDtos/0/fileRef", "externalConversation/0/attachmentRefDtos/0/fileName",
        "externalConversation/0/attachmentRefDtos/0/encryptedFileName/iv",
        "externalConversation/0/attachmentRefDtos/0/encryptedEncryptionKey/iv",
        "externalConversation/0/attachmentRefDtos/0/fromEmr", "externalConversation/0/attachmentRefDtos/0/emrFileId",
        "externalConversation/0/attachmentSrc", "externalConversation/0/commentDate",
        "externalConversation/0/siteNum", "externalConversation/0/targetSiteNum",
        "externalConversation/0/targetRtRef", "externalConversation/0/targetUserName",
        "externalConversation/0/targetDesc", "externalConversation/0/showForOtherSites",
        "externalConversation/0/reviewed/user", "externalConversation/0/reviewed/date",
        "externalConversation/0/encryptedMsg/data", "externalConversation/0/eConsultData/minutes",
        "externalConversation/0/eConsultData/minutesReason", "externalConversation/0/tags/0",
        "internalConversation/0/ref", "internalConversation/0/message", "internalConversation/0/siteNum",
        "internalConversation/0/targetSiteNum", "internalConversation/0/showForOtherSites", "appointments/1/wtType",
        "appointments/1/apptType", "appointments/1/date", "appointments/1/hasTime", "appointments/1/waitTime",
    ]

    @Test("every documented member comes back at its own place", arguments: documented)
    func documentedMember(place: String) throws {
        let json = try JSONValue(parsing: Fixture.bytes("ocean-json/every-field.json"))
        let pointer = try JSONPointer("/" + place)
        let value = try #require(json.value(at: pointer), "the fixture lacks \(place)")
        let (referral, ledger) = try OceanJSONReader().read(json, keys: nil)
        let entry = try #require(ledger.entries.first { $0.source == "/" + place })
        #expect(entry.disposition == .kept && !entry.target.isEmpty)
        #expect(try OceanJSONWriter().write(referral).0.value(at: pointer) == value)
    }

    @Test("the table of documented members and the fixture name the same")
    func complete() throws {
        let json = try JSONValue(parsing: Fixture.bytes("ocean-json/every-field.json"))
        let told = Self.documented.map { "/" + $0 }
        for leaf in leaves(json) {
            #expect(told.contains(leaf) || leaf.hasSuffix("/iv") || leaf.hasSuffix("/data"), "\(leaf)")
        }
    }
}
