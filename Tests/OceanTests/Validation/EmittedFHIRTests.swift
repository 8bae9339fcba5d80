// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import BridgeTestKit
import FHIR
import JSON
import Ocean
import Testing

/// What the bridge writes in FHIR is valid, whatever it is made of.
@Suite("FHIR that the bridge writes")
struct EmittedFHIRTests {
    private static let time = Timestamp(milliseconds: 1_772_460_000_000)

    private static func message(_ canonical: CanonicalMessage) -> Message {
        Message(
            id: "0199a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b", source: "/ocean/x", type: .referralReceived,
            subject: canonical.referral?.ref, time: time, body: [])
    }

    private static func errors(_ body: [UInt8]) -> [String] {
        StructureValidator().validate(body).issues.filter { $0.severity == .error || $0.severity == .fatal }
            .map(\.description)
    }

    /// Kinds of error with an example each, so that a failure can be read.
    private static func summary(_ found: [String: String]) -> String {
        found.map { "\($0.key): \($0.value)" }.sorted().prefix(25).joined(separator: "\n")
    }

    private static func note(_ errors: [String], _ example: String, in found: inout [String: String]) {
        for error in errors {
            let key = error.replacing(/[0-9]+/, with: "")
            found[key] = found[key] ?? "\(example): \(error)"
        }
    }

    @Test("normalised FHIR of 1,200 generated messages has no error", arguments: 0..<4)
    func generated(_ part: Int) throws {
        var found: [String: String] = [:]
        for number in 0..<300 {
            let seed = UInt64(part * 300 + number)
            var generator = BridgeTestKit.ReferralGenerator(seed: seed)
            let canonical = generator.message()
            let body = try NormalisedFHIRWriter().write(Self.message(canonical), canonical).body
            Self.note(Self.errors(body), "seed \(seed)", in: &found)
        }
        #expect(found.isEmpty, "\(Self.summary(found))")
    }

    @Test("normalised FHIR of every fixture has no error")
    func fixtures() throws {
        var count = 0
        let folders = [
            "ocean-fhir/0.10.0", "ocean-fhir/0.11.1", "ocean-json", "patient-engagement", "golden/normalised-fhir",
        ]
        for name in try folders.flatMap({ try Fixture.names(in: $0) }) {
            let content = OceanInboundReader.standard().read(try Fixture.bytes(name), mediaType: "application/json")
            guard case .message(let inbound) = content,
                let written = try? NormalisedFHIRWriter().write(Self.message(inbound.canonical), inbound.canonical)
            else { continue }
            count += 1
            #expect(Self.errors(written.body) == [], "\(name)")
        }
        #expect(count > 15)
    }

    @Test(
        "updates for Ocean have no error in any action and dialect, with generated texts, people and stored referrals",
        arguments: UpdateWriterTests.cases)
    func updates(_ each: UpdateWriterTests.Case) throws {
        var found: [String: String] = [:]
        var written = 0
        for seed in 0..<40 as Range<UInt64> {
            var generator = BridgeTestKit.ReferralGenerator(seed: seed)
            var update = UpdateSamples.update(each.action)
            let stored = generator.referral()
            if seed % 4 > 0 {
                update.actor = stored.notes.first?.author ?? update.actor
                if update.text != nil { update.text = stored.notes.first?.text ?? update.text }
                if update.patient != nil { update.patient = stored.patient ?? update.patient }
                if update.reason != nil { update.reason = stored.statusReason ?? update.reason }
                if !update.documents.isEmpty { update.documents += stored.documents }
            }
            if seed % 4 > 1, let appointment = stored.appointments.first, update.appointment != nil {
                update.appointment = appointment
            }
            var context = UpdateSamples.context(each.dialect, record: seed % 2 == 0)
            context.record?.resources = stored.json.bytes()
            guard let bundle = try? OceanUpdateWriter().bundle(for: update, in: context) else { continue }
            written += 1
            // Ocean's own form of booking comments is an appointment with an empty list of participants.
            let errors = Self.errors(bundle.body).filter {
                each.action != .bookingComments || !$0.contains("resource.participant: ")
            }
            Self.note(errors, "seed \(seed)", in: &found)
        }
        #expect(written > 0)
        #expect(found.isEmpty, "\(Self.summary(found))")
    }

    @Test("every OperationOutcome that validation answers with is valid")
    func outcomes() throws {
        for text in ["", "{}", "[", "{\"resourceType\":\"Bundle\"}", "{\"resourceType\":\"Patient\",\"gender\":\"F\"}"]
        {
            let outcome = StructureValidator().validate(Array(text.utf8)).outcome.json
            #expect(StructureValidator().validate(outcome).issues == [])
        }
        #expect(StructureValidator().validate(OperationOutcome().json).issues == [])
    }
}
