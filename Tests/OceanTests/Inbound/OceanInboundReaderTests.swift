// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import BridgeTestKit
import JSON
import Testing

@testable import Ocean

@Suite("Webhook bodies")
struct OceanInboundReaderTests {
    /// A bundle reader that names what it was given, so that the hand-over itself is seen.
    private let reader = OceanInboundReader(
        bundleReader: { (json, bytes, mediaType) throws(TranslationError) in
            guard json["type"] == "message" else { throw TranslationError(.invalid, at: "/type", "no message") }
            return InboundMessage(
                type: .referralReceived, subject: "bundle-\(bytes.count)-\(mediaType)", time: nil,
                attributes: MessageAttributes(), canonical: CanonicalMessage(), ledger: Ledger())
        },
        keys: { site in
            site == "4821" ? SharedEncryptionKeys(current: SharedEncryptionKey(text: "Bridge#2025aBcD!")) : nil
        })

    private func read(_ text: String) -> InboundContent { reader.read(Array(text.utf8), mediaType: "application/json") }

    private func message(_ content: InboundContent) throws -> InboundMessage {
        guard case .message(let message) = content else {
            Issue.record("expected a message, got another kind of content")
            throw TranslationError(.invalid, "no message")
        }
        return message
    }

    private func message(fixture name: String) throws -> InboundMessage {
        try message(reader.read(Fixture.bytes(name), mediaType: "application/json"))
    }

    private func reason(_ text: String) -> String? {
        if case .notUnderstood(let reason, _) = read(text) { reason } else { nil }
    }

    @Test(
        "what is not JSON is the only thing that is refused",
        arguments: ["", "{", "<xml/>", "{}{}", "{\"a\":1,\"a\":2}"])
    func notJSON(text: String) {
        guard case .notJSON = read(text) else {
            Issue.record("expected not JSON")
            return
        }
    }

    @Test("a challenge is answered before anything else is looked at")
    func challenge() {
        let bodies = [
            #"{"challenge":"abc"}"#, #"{"type":"notify-patient-x","challenge":"abc"}"#,
            #"{"resourceType":"Bundle","challenge":"abc"}"#,
        ]
        for body in bodies {
            guard case .challenge(let text) = read(body) else {
                Issue.record("expected a challenge")
                continue
            }
            #expect(text == "abc")
        }
    }

    @Test("a challenge of another kind or too long is not echoed")
    func badChallenge() {
        for body in [#"{"challenge":""}"#, #"{"challenge":1}"#, #"{"challenge":null}"#, #"{"challenge":["a"]}"#] {
            #expect(reason(body) == "invalid-challenge")
        }
        let longest = String(repeating: "é", count: 256)
        guard case .challenge(longest) = read(#"{"challenge":"\#(longest)"}"#) else {
            Issue.record("512 bytes are still echoed")
            return
        }
        #expect(reason(#"{"challenge":"\#(longest)x"}"#) == "invalid-challenge")
    }

    @Test("a bundle goes to the bundle reader with its bytes")
    func bundle() throws {
        let text = #"{"resourceType":"Bundle","type":"message"}"#
        #expect(try message(read(text)).subject == "bundle-\(text.utf8.count)-application/json")
        #expect(reason(#"{"resourceType":"Bundle"}"#) == "invalid")
    }

    @Test("form events, referrals and referral events are told apart")
    func kinds() throws {
        #expect(try message(fixture: "patient-engagement/note-added.json").type == .noteAdded)
        let event = try message(fixture: "open-referral/event.json")
        #expect(event.type == .referralUpdated && event.canonical.event.thin && event.canonical.referral == nil)
        #expect(event.subject == "5b1d2c7e-8a44-4f5b-9d3e-0c6a7e21f003")
        #expect(
            event.attributes == MessageAttributes(site: "4821", event: "referral-status-changed", dialect: "ocean-json")
        )
        let json = try JSONValue(parsing: Fixture.bytes("open-referral/event.json"))
        #expect(event.ledger.entries.map(\.source).sorted() == leaves(json).sorted())
        let referral = try message(fixture: "ocean-json/referral-decrypted.json")
        #expect(referral.type == .referralUpdated && !referral.canonical.event.thin)
        #expect(referral.attributes.site == "4821" && referral.attributes.service == "cardiology-echo")
        #expect(referral.attributes.listing == "c0ffee00-1111-4222-8333-444455556666")
        #expect(referral.time == Timestamp("2026-02-03T14:20:01Z"))
        #expect(referral.attributes.dialect == "ocean-json" && referral.canonical.original.dialect == "ocean-json")
    }

    @Test("the HTML of an Ocean JSON description has its plain text beside it")
    func plainDescription() throws {
        let body =
            #"{"referralRef":"r-1","siteNum":"1","status":"NEW","description":"<b>Hip</b> pain&nbsp;> 8 months"}"#
        let referral = try #require(try message(read(body)).canonical.referral)
        #expect(referral.description == "<b>Hip</b> pain&nbsp;> 8 months")
        #expect(referral.plainDescription == "Hip pain > 8 months")
        let plain = try message(read(body.replacing("<b>Hip</b> pain&nbsp;> 8 months", with: "Hip pain")))
        #expect(plain.canonical.referral?.plainDescription == nil)
    }

    @Test("an encrypted referral opens with the site's key and stays closed without")
    func encrypted() throws {
        let open = try message(fixture: "ocean-json/referral-encrypted.json")
        #expect(open.type == .referralReceived)
        #expect(open.canonical.referral?.patient != nil)
        let text = String(decoding: try Fixture.bytes("ocean-json/referral-encrypted.json"), as: UTF8.self)
        let other = text.replacing("\"siteNum\": \"4821\",\n  \"ext", with: "\"siteNum\": \"1\",\n  \"ext")
        let closed = try message(read(other))
        #expect(closed.attributes.site == "1")
        #expect(closed.canonical.referral?.patient == nil)
        #expect(closed.canonical.referral?.description == "Echocardiogram")
        #expect(!closed.canonical.event.thin)
        #expect(closed.ledger.entries.contains { $0.source == "/encryptedPtData/data" && $0.disposition == .kept })
        #expect(closed.canonical.original.body == other)
    }

    @Test(
        "the status of a referral decides its type",
        arguments: [
            ("NEW", MessageType.referralReceived), ("Cancelled", .referralCancelled), ("FORWARDED", .referralForwarded),
            ("declined", .referralUpdated), ("Unheard Of", .referralUpdated),
        ])
    func types(status: String, type: MessageType) throws {
        let body = #"{"referralRef":"r-1","status":"\#(status)","description":"x"}"#
        #expect(try message(read(body)).type == type)
    }

    @Test("event types of referral events can be told by the settings")
    func configuredTypes() throws {
        let bytes = try Fixture.bytes("open-referral/event.json")
        let events = OpenReferralEventReader(types: ["referral-status-changed": .referralCancelled])
        let message = try events.read(JSONValue(parsing: bytes), bytes: bytes, mediaType: "application/json")
        #expect(message.type == .referralCancelled)
    }

    @Test("what cannot be placed is not understood, with a stable word and no values")
    func notUnderstood() {
        #expect(reason("[]") == "not-an-object")
        #expect(reason("{}") == "unknown-format")
        #expect(reason(#"{"resourceType":"Patient"}"#) == "unknown-format")
        #expect(reason(#"{"ref":"690","siteNum":"4821","type":"x"}"#) == "unknown-format")
        #expect(reason(#"{"ref":"5b1d2c7e-8a44-4f5b-9d3e-0c6a7e21f003"}"#) == "unknown-format")
        #expect(reason(#"{"type":"notify-patient-x","siteNum":"4821"}"#) == "no-reference")
        #expect(reason(#"{"referralRef":"","ptData":{}}"#) == "no-reference")
        guard case .notUnderstood(_, let detail) = read(#"{"referralRef":"Zoé Testpatient","ptData":{}}"#) else {
            Issue.record("expected not understood")
            return
        }
        #expect(!detail.contains("Testpatient"))
    }
}
