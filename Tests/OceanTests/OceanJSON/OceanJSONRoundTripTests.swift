// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import BridgeTestKit
import JSON
import Testing

@testable import Ocean

@Suite("Ocean JSON round trip")
struct OceanJSONRoundTripTests {
    private let key = SharedEncryptionKey(text: "Bridge#2025aBcD!")

    /// Order within `unmapped` follows the order of reading, which is not the order of making.
    private func ordered(_ referral: Referral) -> Referral {
        var output = referral
        output.unmapped.sort { $0.path < $1.path }
        return output
    }

    @Test("a referral comes back from Ocean JSON as it was", arguments: 0..<12)
    func clear(block: Int) throws {
        for index in 0..<100 {
            var generator = ReferralGenerator(seed: UInt64(block * 100 + index))
            let referral = generator.referral()
            let (json, ledger) = try OceanJSONWriter().write(referral)
            #expect(ledger.count(.dropped) == 0, "\(ledger.entries.filter { $0.disposition == .dropped })")
            let parsed = try JSONValue(parsing: json.bytes())
            let (read, _) = try OceanJSONReader().read(parsed, keys: nil)
            try #require(ordered(read) == ordered(referral), "seed \(block * 100 + index)")
        }
    }

    @Test("every leaf of what is written and of what is read stands in a ledger once")
    func ledgers() throws {
        for seed in 0..<200 {
            var generator = ReferralGenerator(seed: UInt64(seed))
            let referral = generator.referral()
            let (json, written) = try OceanJSONWriter().write(referral)
            #expect(written.entries.map(\.source) == leaves(referral.json, at: "/referral"))
            let (_, read) = try OceanJSONReader().read(json, keys: nil)
            try #require(read.entries.map(\.source).sorted() == leaves(json).sorted(), "seed \(seed)")
        }
    }

    @Test("an encrypted referral comes back with the key, and shows nothing of the patient without it")
    func encrypted() throws {
        for seed in 0..<100 {
            var generator = ReferralGenerator(seed: UInt64(seed))
            var referral = generator.referral()
            // Their own keys are wrapped with the old one-time key, and small inline files have no encrypted form.
            referral.documents = []
            for index in referral.communications.indices { referral.communications[index].documents = [] }
            let (json, _) = try OceanJSONWriter(encryptWith: key).write(referral)
            var (read, _) = try OceanJSONReader().read(json, keys: SharedEncryptionKeys(current: key))
            read.unmapped.removeAll { $0.path == "/oneTimeKeyEncryptedWithSiteSEK" }
            try #require(ordered(read) == ordered(referral), "seed \(seed)")

            let (closed, _) = try OceanJSONReader().read(json, keys: nil)
            #expect(closed.patient == nil && closed.forms.isEmpty && closed.notes.isEmpty)
            #expect(closed.communications.allSatisfy { $0.text == nil })
            if json["encryptedPtData"] != nil {
                #expect(closed.unmapped.contains { $0.path == "/encryptedPtData" })
            }
        }
    }

    @Test("file names are encrypted with the referral's key")
    func fileNames() throws {
        var referral = Referral()
        referral.ref = "r-1"
        var document = Document()
        document.ref = "f-1"
        document.title = "Zoé Testpatient.pdf"
        referral.documents = [document]
        let (json, _) = try OceanJSONWriter(encryptWith: key).write(referral)
        #expect(!json.text().contains("Testpatient"))
        let (read, _) = try OceanJSONReader().read(json, keys: SharedEncryptionKeys(current: key))
        #expect(read.documents == [document])
    }

    @Test("what Ocean JSON cannot hold is named as dropped")
    func dropped() throws {
        var referral = Referral()
        referral.ref = "r-1"
        var cancelled = Appointment()
        cancelled.status = "cancelled"
        cancelled.start = "2026-03-02T14:30:00Z"
        var booked = Appointment()
        booked.id = "a-2"
        booked.start = "2026-03-09T14:30:00Z"
        booked.patientInstruction = "Fasting."
        referral.appointments = [cancelled, booked]
        var task = ProcessTask()
        task.status = "accepted"
        referral.tasks = [task]
        referral.unmapped = [
            Unmapped(path: "Bundle.entry[3].resource.foo", value: 1),
            Unmapped(path: "/appointments/0/room", value: "7"), Unmapped(path: "/referralRef", value: "other"),
        ]
        let (json, ledger) = try OceanJSONWriter().write(referral)
        #expect(
            json == [
                "referralRef": "r-1", "bookingComments": "Fasting.",
                "appointments": [["date": "2026-03-09T14:30:00Z", "hasTime": true]],
            ])
        let lost = ledger.entries.filter { $0.disposition == .dropped }.map(\.source)
        #expect(
            Set(lost) == [
                "/referral/appointments/0/status", "/referral/appointments/0/start", "/referral/appointments/1/id",
                "/referral/tasks/0/status", "/referral/unmapped/0/path", "/referral/unmapped/0/value",
                "/referral/unmapped/1/path", "/referral/unmapped/1/value", "/referral/unmapped/2/path",
                "/referral/unmapped/2/value",
            ])
    }
}

/// The pointers of all leaves, in order.
func leaves(_ json: JSONValue, at path: String = "") -> [String] {
    var output: [String] = []
    JSONLeaves.each(of: json, at: path) { leaf, _ in output.append(leaf) }
    return output
}
