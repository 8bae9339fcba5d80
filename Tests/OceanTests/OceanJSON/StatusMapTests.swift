// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import JSON
import Testing

@testable import Ocean

@Suite("Ocean JSON status words")
struct StatusMapTests {
    private let shipped = StatusMap.assumedDefault

    @Test("every status of the shipped table reads all of its words in any spelling and writes the first")
    func shippedTable() throws {
        #expect(shipped.name.hasPrefix("assumed"))
        for status in ReferralStatus.allCases where status != .unknown {
            let words = shipped.words(for: status)
            #expect(shipped.word(for: status) == words.first && !words.isEmpty)
            for word in words {
                let spaced = word.replacing("_", with: " ")
                for spelled in [word, word.lowercased(), spaced, spaced.capitalized(), word.replacing("_", with: "-")] {
                    #expect(shipped.status(of: spelled) == status, "\(spelled)")
                }
            }
            var referral = Referral()
            referral.ref = "r-1"
            referral.status = status
            let (json, _) = try OceanJSONWriter().write(referral)
            #expect(json["status"]?.stringValue == words.first)
            #expect(try OceanJSONReader().read(json, keys: nil).0.status == status)
        }
        #expect(shipped.words(for: .unknown) == [])
    }

    @Test("a word outside the table is unknown, keeps its text and goes out as it came")
    func unknownWord() throws {
        let (referral, _) = try OceanJSONReader().read(["referralRef": "r-1", "status": "On the Moon"], keys: nil)
        #expect(referral.status == .unknown && referral.statusText == "On the Moon")
        #expect(try OceanJSONWriter().write(referral).0["status"] == "On the Moon")
    }

    @Test("rows of a site replace those of the shipped table; a word with two meanings is refused")
    func replacing() throws {
        let own = try #require(
            shipped.replacing([.accepted: ["En attente", "PENDING BOOKING"], .booked: ["Fixé"]], name: "site"))
        #expect(own.status(of: "en_attente") == .accepted && own.status(of: "pending-booking") == .accepted)
        #expect(own.status(of: "ACCEPTED") == .unknown && own.status(of: "FIXÉ") == .booked)
        #expect(own.status(of: "Fixé") == .booked && own.status(of: "DECLINED") == .declined)
        #expect(own.word(for: .accepted) == "En attente")
        #expect(shipped.replacing([.accepted: ["declined"]], name: "twice") == nil)
        let maps = StatusMaps(sites: ["4821": own])
        #expect(maps.map(site: "4821") == own && maps.map(site: "1") == shipped && maps.map(site: nil) == shipped)
    }

    @Test("reader and writer take the table of the receiver's site")
    func bySite() throws {
        let own = try #require(shipped.replacing([.accepted: ["En attente"]], name: "site"))
        let maps = StatusMaps(sites: ["4821": own])
        let reader = OceanJSONReader(statusMaps: maps)
        let json: JSONValue = ["referralRef": "r-1", "siteNum": "4821", "status": "en attente"]
        #expect(try reader.read(json, keys: nil).0.status == .accepted)
        #expect(try reader.read(["referralRef": "r-1", "status": "en attente"], keys: nil).0.status == .unknown)
        var referral = try reader.read(json, keys: nil).0
        referral.statusText = "in-progress"
        let writer = OceanJSONWriter(statusMaps: maps)
        #expect(try writer.write(referral).0["status"] == "En attente")
        referral.receiver = nil
        #expect(try writer.write(referral).0["status"] == "ACCEPTED")
        #expect(try writer.write(referral, site: "4821").0["status"] == "En attente")
    }

    @Test(
        "what a hospital publishes is read with the words of its site",
        arguments: [
            ("Refusé", UpdateAction.decline), ("en attente", .accept), ("COMPLETED", .complete), ("DECLINED", nil),
            ("Nowhere", nil), ("SENT", nil),
        ] as [(String, UpdateAction?)])
    func updates(word: String, action: UpdateAction?) throws {
        let own = try #require(
            shipped.replacing([.accepted: ["En attente"], .declined: ["Refusé"]], name: "site"))
        let reader = OceanUpdateReader(statusMaps: StatusMaps(sites: ["4821": own]))
        let body: JSONValue = ["referralRef": "r-1", "siteNum": "4821", "status": .string(word)]
        let message = Message(
            id: "1", source: "/hospital", type: .updateRequested, subject: nil, time: Timestamp(milliseconds: 0),
            body: body.bytes())
        guard let action else {
            let error = #expect(throws: TranslationError.self) { try reader.read(message).changes(since: nil) }
            #expect(error?.place == "/status")
            return
        }
        #expect(try reader.read(message).changes(since: nil).map(\.update.action) == [action])
    }
}

extension String {
    /// `pending booking` → `Pending Booking`.
    fileprivate func capitalized() -> String {
        split(separator: " ").map { $0.prefix(1).uppercased() + $0.dropFirst().lowercased() }.joined(separator: " ")
    }
}
