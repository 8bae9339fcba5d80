// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import JSON
import Ocean
import Testing

@Suite("Update bundles read as Ocean would")
struct ProcessMessagesTests {
    private func golden(_ each: UpdateWriterTests.Case) throws -> JSONValue {
        try JSONValue(
            parsing: try GoldenFile.read(
                "Tests/Fixtures/golden/updates/\(each.dialect.rawValue)/\(each.action.rawValue).json"))
    }

    @Test("every golden bundle says what went into it", arguments: UpdateWriterTests.cases)
    func readBack(each: UpdateWriterTests.Case) throws {
        let update = UpdateSamples.update(each.action)
        let readings = try OceanUpdateBundleReader.read(try golden(each))
        let received = try #require(readings.first)
        #expect(received.referral == update.referral)
        #expect(received.code == UpdateEvent.code(for: each.action, in: each.dialect))
        #expect(received.author == update.actor)
        #expect(received.bundleID != nil && received.headerID != nil && received.bundleID != received.headerID)
        #expect(received.timestamp == "2026-03-02T15:15:00.000Z")
        #expect(readings.count == 1)
        #expect(received.place == "/entry/1/resource")
        switch each.action {
        case .accept, .reopen, .convertToConsult, .convertToReferral, .redirect:
            #expect(received.task?.status == "accepted")
            #expect(received.task?.redirectURL == update.redirectURL)
            #expect(received.forward == nil)
            let seen: [UpdateAction: Bool] = [.convertToConsult: false, .convertToReferral: true]
            #expect(received.task?.patientNeedsToBeSeen == seen[each.action])
        case .decline:
            #expect(received.task?.status == "rejected")
            #expect(received.task?.reason == update.reason)
        case .complete: #expect(received.task?.status == "completed")
        case .forward, .assign:
            #expect(received.task?.status == "requested")
            #expect(received.forward == ForwardTarget(listing: "knee_clinic-42", category: update.category))
        case .book:
            #expect(received.appointment?.start == update.appointment?.start)
            #expect(received.appointment?.end == "2026-04-07T14:15:00.000Z")
            #expect(received.appointment?.minutes == 45)
            #expect(received.appointment?.label == "First visit")
            #expect(received.appointment?.waitTimeMilestone == "wait-1")
            #expect(received.appointment?.patientInstruction == update.text)
            #expect(received.appointment?.status == "pending" && received.appointment?.patientStatus == "tentative")
        case .confirmBooking:
            #expect(received.appointment?.start == "2026-04-07T09:30:00-04:00")
            #expect(received.appointment?.status == "booked" && received.appointment?.patientStatus == "accepted")
        case .reschedule:
            #expect(received.appointment?.id == "2f7f9a06-6b0a-4d5e-8f7c-5d8e1f2a3b4c")
            #expect(received.appointment?.start == update.appointment?.start)
            #expect(received.appointmentReason == update.reason)
        case .cancelBooking:
            #expect(received.appointment?.id == "2f7f9a06-6b0a-4d5e-8f7c-5d8e1f2a3b4c")
            #expect(received.appointment?.status == "cancelled" && received.appointment?.patientStatus == "declined")
            #expect(received.appointmentReason == update.reason)
        case .bookingComments:
            #expect(received.appointment?.status == "proposed" && received.appointment?.start == nil)
            #expect(received.appointment?.patientInstruction == update.text)
        case .message:
            #expect(received.communication?.text == update.text)
            #expect(received.communication?.senderName == "Sam Booking")
            #expect(received.communication?.documents == update.documents)
            #expect(received.communication?.direction == .fromProvider)
        case .requestInformation:
            #expect(received.communication?.text == update.text)
            #expect(received.topic == "Request for information")
        case .needsReview:
            #expect(received.communication?.text == update.text)
            #expect(received.communication?.direction == .fromRequester)
        case .correctCategory: #expect(received.request?.code == update.category)
        case .updateDemographics:
            var sent = received.patient
            // Without identifiers of its own the patient goes out with the stored ones.
            #expect(sent?.healthNumber?.value == "9999999999" && sent?.healthNumber?.province == "ON")
            #expect(sent?.healthNumber?.versionCode == "AB" && sent?.chartNumber == "C-17")
            sent?.identifiers = []
            sent?.healthNumber = nil
            sent?.chartNumber = nil
            #expect(sent == update.patient)
        }
    }

    @Test("what Ocean tolerates is tolerated: no fullUrl, no ids but by address, dangling sender, either extension")
    func tolerance() throws {
        func read(_ header: String, _ entries: String) throws -> ReceivedOceanUpdate {
            let readings = try OceanUpdateBundleReader.read(
                try JSONValue(
                    parsing: """
                        {"resourceType":"Bundle","type":"message","total":2,"entry":[{"resource":{"resourceType":
                        "MessageHeader","eventCoding":{"code":"notify-update-process-request"},"sender":{"reference":
                        "Organization/none"},"author":{"reference":"PractitionerRole/none"},\(header)}},\(entries)]}
                        """))
            return try #require(readings.first)
        }
        let string = #""extension":[{"url":"\#(ExtensionURL.headerReference)","valueString":"r1"}]"#
        let identifier =
            #""extension":[{"url":"\#(ExtensionURL.referralIdentifier)","valueIdentifier":{"value":"r2"}}]"#
        let task = #"{"resource":{"resourceType":"Task","id":"t","status":"accepted"}}"#
        let byAddress = #"{"fullUrl":"urn:uuid:t9","resource":{"resourceType":"Task","status":"rejected"}}"#
        let bare = #"{"fullUrl":"t9","resource":{"resourceType":"Task","status":"rejected"}}"#
        #expect(try read("\(string),\"focus\":[{\"reference\":\"Task/t\"}]", task).referral == "r1")
        #expect(try read("\(identifier),\"focus\":[{\"reference\":\"Task/t\"}]", task).referral == "r2")
        #expect(try read("\(string),\"focus\":{\"reference\":\"Task/t\"}", task).task?.status == "accepted")
        #expect(
            try read("\(string),\"focus\":[{\"reference\":\"https://h/fhir/Task/t\"}]", task).task?.status == "accepted"
        )
        #expect(try read("\(string),\"focus\":[{\"reference\":\"urn:uuid:t9\"}]", byAddress).task?.status == "rejected")
        #expect(try read("\(string),\"focus\":[{\"reference\":\"urn:uuid:t9\"}]", bare).task?.status == "rejected")
        let based =
            #"{"resource":{"resourceType":"Task","id":"t","basedOn":[{"reference":"ServiceRequest/r3"}]}}"#
        #expect(try read("\"focus\":[{\"reference\":\"Task/t\"}]", based).referral == "r3")
    }

    @Test("what cannot be placed is refused with its place")
    func refusals() throws {
        func error(_ text: String) throws -> TranslationError? {
            let json = try JSONValue(parsing: text)
            do throws(TranslationError) {
                _ = try OceanUpdateBundleReader.read(json)
                return nil
            } catch {
                return error
            }
        }
        #expect(try error("{}")?.code == .unknownFormat)
        #expect(try error(#"{"resourceType":"Bundle"}"#)?.place == "/entry")
        let header = #"{"resourceType":"MessageHeader","focus":[{"reference":"Task/t"}]"#
        #expect(
            try error(#"{"resourceType":"Bundle","entry":[{"resource":\#(header)}}]}"#)?.place
                == "/entry/0/resource/eventCoding/code")
        let named = header + #","eventCoding":{"code":"x"}}"#
        #expect(
            try error(#"{"resourceType":"Bundle","entry":[{"resource":\#(named)}]}"#)?.place
                == "/entry/0/resource/focus")
        #expect(
            try error(
                #"{"resourceType":"Bundle","entry":[{"resource":\#(named)},{"resource":{"resourceType":"Task","id":"t"}}]}"#
            )?
            .code == .noReference)
    }
}
