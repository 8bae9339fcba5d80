// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import Ocean
import Testing

@Suite("Fingerprints of changes")
struct ChangeFingerprintTests {
    private let reference = UpdateSamples.referral

    private func referral(_ change: (inout Referral) -> Void) -> [String] {
        var referral = Referral()
        referral.ref = reference
        change(&referral)
        return ChangeFingerprint.fingerprints(of: referral)
    }

    private func update(_ action: UpdateAction) -> [String] {
        ChangeFingerprint.fingerprints(of: UpdateSamples.update(action), appointmentID: "a1")
    }

    @Test("a status that Ocean reports back is known again, by status or by Task")
    func status() {
        #expect(update(.accept) == referral { $0.status = .accepted })
        #expect(update(.decline) == referral { $0.status = .declined })
        #expect(update(.complete) == referral { $0.status = .completed })
        var task = ProcessTask()
        task.status = "rejected"
        #expect(update(.decline) == referral { $0.tasks = [task] })
        task.status = "accepted"
        task.patientNeedsToBeSeen = false
        #expect(update(.convertToConsult) == referral { $0.tasks = [task] })
        #expect(update(.accept) != update(.decline))
    }

    @Test("a booking is known again by its id, or by its slot in another spelling of the time")
    func booking() {
        var appointment = Appointment()
        appointment.start = "2026-04-07T13:30:00.000Z"
        appointment.patientStatus = "tentative"
        let withoutID = referral { $0.appointments = [appointment] }
        #expect(!withoutID.isEmpty && withoutID.allSatisfy { update(.book).contains($0) })
        appointment.id = "a1"
        let withID = referral { $0.appointments = [appointment] }
        #expect(withID.count == 2 && withID.allSatisfy { update(.book).contains($0) })
        appointment.patientStatus = "accepted"
        #expect(referral { $0.appointments = [appointment] }.allSatisfy { !update(.book).contains($0) })
    }

    @Test("a removed appointment is known again without its time")
    func removal() {
        var appointment = Appointment()
        appointment.id = "a1"
        appointment.status = "proposed"
        #expect(update(.cancelBooking).contains { referral { $0.appointments = [appointment] }.contains($0) })
    }

    @Test("a message is known again when Ocean changed its blanks, and not for another referral")
    func message() {
        var communication = Communication()
        communication.text = "Could you  send\r\nthe last X-ray? "
        #expect(update(.message) == referral { $0.communications = [communication] })
        var other = Referral()
        other.ref = "another"
        other.communications = [communication]
        #expect(ChangeFingerprint.fingerprints(of: other) != update(.message))
    }

    @Test("a forwarded referral, a category and demographics are known again")
    func others() {
        #expect(
            update(.forward)
                == referral {
                    $0.receiver = Listing()
                    $0.receiver?.ref = "knee_clinic-42"
                })
        #expect(update(.correctCategory) == referral { $0.code = [Coding(code: "103697008")] })
        #expect(update(.updateDemographics) == referral { $0.patient = UpdateSamples.correctedPatient })
    }

    @Test("only what is new counts as a change")
    func changes() {
        let known = UpdateSamples.stored
        #expect(ChangeFingerprint.changes(in: known, since: known) == [])
        var accepted = known
        accepted.status = .accepted
        accepted.modified = "2026-03-03T00:00:00Z"
        #expect(ChangeFingerprint.changes(in: accepted, since: known) == update(.accept))
        // Our acceptance is known by now: the sender's message is all that is new, and it is not ours.
        var answered = accepted
        var communication = Communication()
        communication.text = "Here it is"
        answered.communications = [communication]
        let changes = ChangeFingerprint.changes(in: answered, since: accepted)
        #expect(changes.count == 1 && changes.allSatisfy { !update(.accept).contains($0) })
    }

    @Test(
        "what somebody else did is a change that no update of ours leaves",
        arguments: [
            "note", "priority", "cancelled", "removed", "left out", "first seen",
        ])
    func foreignChanges(what: String) {
        let known = UpdateSamples.stored
        var referral = known
        var before: Referral? = known
        switch what {
        case "note":
            var note = Note()
            note.text = "More to say"
            referral.notes = [note]
        case "priority": referral.priority = "urgent"
        case "cancelled": referral.status = .cancelled
        case "removed":
            referral.appointments[0].status = "proposed"
            referral.appointments[0].start = nil
        case "left out": referral.appointments = []
        default: before = nil
        }
        let changes = ChangeFingerprint.changes(in: referral, since: before)
        let ours = Set(UpdateAction.allCases.flatMap { update($0) })
        #expect(!changes.isEmpty && !changes.allSatisfy { ours.contains($0) })
    }

    @Test("a UUID of version 5 is that of RFC 9562's example")
    func uuid() {
        let dns = "6ba7b810-9dad-11d1-80b4-00c04fd430c8"
        #expect(UUIDv5.make(namespace: dns, name: "www.example.com") == "2ed6657d-e927-568b-95e1-2665a8aea6a2")
    }
}
