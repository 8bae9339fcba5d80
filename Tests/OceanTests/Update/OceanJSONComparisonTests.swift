// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import JSON
import Ocean
import Testing

@Suite("A referral in Ocean JSON against what is known of it")
struct OceanJSONComparisonTests {
    /// The record of the samples, changed.
    private func record(
        _ status: ReferralStatus = .received, _ change: (inout Referral) -> Void = { _ in }
    ) -> ReferralRecord? {
        var referral = UpdateSamples.stored
        referral.status = status
        change(&referral)
        var record = UpdateSamples.context(.fhir0111).record
        record?.status = status.rawValue
        record?.resources = referral.json.bytes()
        return record
    }

    /// What the bridge itself hands to hospital systems, with changes.
    private func object(
        _ record: ReferralRecord?, _ change: (inout JSONObject) -> Void
    ) throws -> JSONObject {
        var unknown: [JSONPointer] = []
        let json = try JSONValue(parsing: try #require(record?.resources))
        let referral = try Referral(json: json, at: .root, unknown: &unknown)
        var object = try #require(try OceanJSONWriter().write(referral).0.objectValue)
        change(&object)
        return object
    }

    private func changes(_ object: JSONObject, _ record: ReferralRecord?) throws -> [RequestedChange] {
        let message = Message(
            id: "m", source: "/hospital", type: .updateRequested, subject: UpdateSamples.referral,
            time: Timestamp(milliseconds: 0), attributes: MessageAttributes(site: "1234"),
            body: JSONValue.object(object).bytes())
        let reading = try OceanUpdateReader().reading(of: message)
        #expect(reading.form == .oceanReferral)
        return try reading.request.changes(since: record)
    }

    private func due(_ record: ReferralRecord?, _ change: (inout JSONObject) -> Void) throws -> [RequestedChange] {
        try changes(try object(record, change), record).filter { !$0.isKnown }
    }

    @Test("status, appointment and message in one object are three changes, in the order that ends in the status")
    func several() throws {
        let bare = record { $0.appointments = [] }
        let due = try due(bare) {
            $0["status"] = "ACCEPTED"
            $0["appointments"] = [["date": "2026-06-01T09:00:00-04:00", "hasTime": true, "apptType": "Visit"]]
            $0["bookingComments"] = "Bring shoes"
            $0["externalConversation"] = [["message": "See you soon"]]
        }
        #expect(due.map(\.update.action) == [.message, .accept, .book])
        #expect(due.map(\.part) == ["message-1", "status", "appointment-1"])
        #expect(due.last?.update.text == "Bring shoes")
        let question = try self.due(bare) {
            $0["status"] = "AWAITING_REPLY"
            $0["bookingComments"] = "Later"
            $0["externalConversation"] = [["message": "Which knee?"]]
        }
        #expect(question.map(\.update.action) == [.bookingComments, .message])
    }

    @Test("what the bridge handed out and comes back unchanged changes nothing")
    func unchanged() throws {
        for status in [ReferralStatus.accepted, .booked, .declined, .completed] {
            let record = record(status)
            #expect(try due(record) { _ in }.isEmpty, "\(status)")
        }
        #expect(throws: TranslationError.self) { try due(record { $0.appointments = [] }) { _ in } }
    }

    @Test("an appointment at another time is moved under its id, a second one is booked, a confirmed one confirmed")
    func appointments() throws {
        let booked = record(.booked) { $0.appointments[0].patientStatus = "tentative" }
        let moved = try due(booked) {
            $0["status"] = "BOOKED"
            $0["appointments"] = [["date": "2026-06-01T09:00:00-04:00"]]
        }
        #expect(moved.map(\.update.action) == [.reschedule])
        #expect(moved.first?.update.appointment?.id == "2f7f9a06-6b0a-4d5e-8f7c-5d8e1f2a3b4c")
        let second = try due(booked) {
            $0["status"] = "BOOKED"
            $0["appointments"] = [["date": "2026-04-07T13:30:00Z"], ["date": "2026-06-01T09:00:00-04:00"]]
        }
        #expect(second.map(\.update.action) == [.book] && second.first?.part == "appointment-2")
        let confirmed = try due(booked) {
            $0["status"] = "BOOKED_CONFIRMED"
            $0["appointments"] = nil
        }
        #expect(confirmed.map(\.update.action) == [.confirmBooking])
        let commented = try due(booked) { $0["bookingComments"] = "Bring shoes" }
        #expect(commented.map(\.update.action) == [.reschedule] && commented.first?.update.text == "Bring shoes")
    }

    @Test("an appointment is cancelled only together with the status that follows from it")
    func cancellation() throws {
        let booked = record(.booked)
        let cancelled = try due(booked) {
            $0["status"] = "PENDING_BOOKING"
            $0["appointments"] = []
        }
        #expect(cancelled.map(\.update.action) == [.cancelBooking])
        #expect(cancelled.first?.update.appointment?.id == "2f7f9a06-6b0a-4d5e-8f7c-5d8e1f2a3b4c")
        do {
            _ = try due(booked) { $0["appointments"] = [] }
            Issue.record("was accepted")
        } catch let error as TranslationError {
            #expect(error.place == "/appointments")
        }
        let silent = try due(booked) {
            $0["appointments"] = nil
            $0["status"] = "COMPLETED"
        }
        #expect(silent.map(\.update.action) == [.complete])
    }

    @Test("a finished referral is reopened; a new reason of a decline is told again")
    func ends() throws {
        let declined = record(.declined) {
            $0.appointments = []; $0.statusReason = "full"
        }
        #expect(try due(declined) { $0["status"] = "ACCEPTED" }.map(\.update.action) == [.reopen])
        let again = try due(declined) { $0["cancellationReason"] = "too far" }
        #expect(again.map(\.update.action) == [.decline] && again.first?.update.reason == "too far")
    }

    @Test("demographics, kind and listing are compared; services must be the known ones")
    func others() throws {
        let known = record(.accepted) { $0.services = ["Knee"] }
        let patient = try due(known) {
            var data = $0["ptData"]
            data?["demographics"]?["surname"] = "Other"
            $0["ptData"] = data
        }
        #expect(patient.map(\.update.action) == [.updateDemographics])
        #expect(patient.first?.update.patient?.names.first?.family == "Other")
        #expect(try due(known) { $0["communicationType"] = "E_CONSULT" }.map(\.update.action) == [.convertToConsult])
        let forwarded = try due(known) {
            $0["status"] = "FORWARDED"
            $0["referralTargetRef"] = "knee-7"
        }
        #expect(forwarded.map(\.update.action) == [.forward])
        #expect(forwarded.first?.update.targetListing == "knee-7" && forwarded.first?.update.listing == "hip_clinic-7")
        for (member, value) in [("services", ["Hip"]), ("referralTargetRef", "knee-7")] as [(String, JSONValue)] {
            do {
                _ = try due(known) { $0[member] = value }
                Issue.record("\(member) was accepted")
            } catch let error as TranslationError {
                #expect(error.place == "/" + member)
            }
        }
    }

    @Test("a message that Ocean shows with the same text and time is known, one without a time never is")
    func messages() throws {
        let known = record(.accepted) {
            var communication = Communication()
            communication.text = "Hello"
            communication.sent = "2026-03-01T10:00:00Z"
            $0.communications = [communication]
        }
        let dated: JSONValue = ["message": "Hello", "commentDate": "2026-03-01T05:00:00-05:00"]
        #expect(try due(known) { $0["externalConversation"] = [dated] }.isEmpty)
        #expect(try due(known) { $0["externalConversation"] = [["message": "Hello"]] }.map(\.part) == ["message-1"])
    }

    @Test("parts keep their names when some of them are carried out")
    func parts() throws {
        let before = record { $0.appointments = [] }
        let after = record(.accepted) { $0.appointments = [] }
        let object = try object(before) {
            $0["status"] = "ACCEPTED"
            $0["externalConversation"] = [["message": "a"], ["message": "b"]]
        }
        let first = try changes(object, before)
        let second = try changes(object, after)
        #expect(first.map(\.part) == ["message-1", "message-2", "status"])
        #expect(second.map(\.part) == first.map(\.part))
        #expect(first.map(\.isKnown) == [false, false, false] && second.map(\.isKnown) == [false, false, true])
        #expect(second.map(\.update) == first.map(\.update))
    }
}
