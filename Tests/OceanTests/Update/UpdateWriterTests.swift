// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import JSON
import Ocean
import Testing

@Suite("Updates written for Ocean")
struct UpdateWriterTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let action: UpdateAction
        let dialect: Dialect
        var testDescription: String { "\(action.rawValue) in \(dialect.rawValue)" }
    }

    static let cases: [Case] = [Dialect.fhir0100, .fhir0111].flatMap { dialect in
        UpdateAction.allCases.filter { UpdateEvent.code(for: $0, in: dialect) != nil }
            .map { Case(action: $0, dialect: dialect) }
    }

    private func bundle(_ each: Case, messageID: String = UpdateSamples.messageID) throws -> OutgoingBundle {
        try OceanUpdateWriter().bundle(
            for: UpdateSamples.update(each.action), in: UpdateSamples.context(each.dialect, messageID: messageID))
    }

    @Test("the bundle is the golden file's", arguments: cases)
    func golden(each: Case) throws {
        let json = try JSONValue(parsing: try bundle(each).body)
        let path = "Tests/Fixtures/golden/updates/\(each.dialect.rawValue)/\(each.action.rawValue).json"
        let written = Array((json.text(.pretty) + "\n").utf8)
        #expect(try GoldenFile.content(path, replacedBy: written) == written)
    }

    @Test("the focus resolves inside the bundle, the header comes first, and ids are unique", arguments: cases)
    func structure(each: Case) throws {
        let json = try JSONValue(parsing: try bundle(each).body)
        let entries = try #require(json["entry"]?.arrayValue)
        let resources = entries.compactMap { $0["resource"] }
        let header = try #require(resources.first)
        #expect(json["type"] == "message" && json["timestamp"] == "2026-03-02T15:15:00.000Z")
        #expect(header["resourceType"] == "MessageHeader")
        #expect(header["eventCoding"]?["code"] == header["eventCoding"]?["display"])
        let names = resources.map {
            "\($0["resourceType"]?.stringValue ?? "")/\($0["id"]?.stringValue ?? "")"
        }
        #expect(Set(names).count == names.count)
        #expect(Set(resources.compactMap { $0["id"]?.stringValue }).count == resources.count)
        let focus = try #require(header["focus"]?.arrayValue)
        #expect(!focus.isEmpty)
        for reference in focus { #expect(names.contains(try #require(reference["reference"]?.stringValue))) }
        let urls = entries.compactMap { $0["fullUrl"]?.stringValue }
        switch each.dialect {
        case .fhir0111:
            #expect(Set(urls).count == resources.count && urls.allSatisfy { $0.hasPrefix("urn:uuid:") })
        default: #expect(urls.isEmpty)
        }
        for resource in resources {
            let profile = try #require(resource["meta"]?["profile"]?[0]?.stringValue)
            #expect(profile.contains("|1.0.") && !profile.contains("%7C"))
        }
    }

    @Test("no member is empty, as FHIR asks", arguments: cases)
    func noEmptyMembers(each: Case) throws {
        func check(_ value: JSONValue) {
            switch value {
            case .object(let object):
                #expect(!object.isEmpty)
                for member in object { check(member.value) }
            case .array(let elements):
                #expect(!elements.isEmpty || each.action == .bookingComments)
                for element in elements { check(element) }
            case .string(let text): #expect(!text.isEmpty)
            case .null: Issue.record("a null")
            case .number, .bool: break
            }
        }
        check(try JSONValue(parsing: try bundle(each).body))
    }

    @Test("the same message gives the same bytes, another message other ids", arguments: cases)
    func repeatable(each: Case) throws {
        let first = try bundle(each)
        #expect(try bundle(each) == first)
        let other = try bundle(each, messageID: "another-message")
        #expect(other.body != first.body)
        let isComment = each.action == .bookingComments
        #expect(other.fingerprints == first.fingerprints || isComment || first.appointmentID != other.appointmentID)
        let json = try JSONValue(parsing: first.body)
        let otherJSON = try JSONValue(parsing: other.body)
        #expect(json["id"] != otherJSON["id"])
        #expect(json["entry"]?[0]?["resource"]?["id"] != otherJSON["entry"]?[0]?["resource"]?["id"])
    }

    @Test("a change leaves at least one fingerprint, and none shows a text or a name", arguments: cases)
    func fingerprints(each: Case) throws {
        let words = try bundle(each).fingerprints
        #expect(!words.isEmpty)
        for word in words {
            #expect(!word.contains("Testcase") && !word.contains("health card") && !word.contains("1980"))
        }
    }

    @Test("what a dialect has no form for is refused, not sent as something else")
    func unsupported() throws {
        let refused: [(UpdateAction, Dialect)] = [
            (.forward, .fhir0100), (.assign, .fhir0100), (.correctCategory, .fhir0100), (.accept, .fhir012),
            (.accept, .oceanJSON), (.message, .patientEngagement),
        ]
        for (action, dialect) in refused {
            do throws(TranslationError) {
                _ = try OceanUpdateWriter().bundle(
                    for: UpdateSamples.update(action), in: UpdateSamples.context(dialect))
                Issue.record("\(action) in \(dialect) was written")
            } catch {
                #expect(error.code == .unsupported)
                #expect(error.place == "/action")
            }
        }
    }

    struct Flaw: Sendable, CustomTestStringConvertible {
        let action: UpdateAction
        let place: String
        var code: TranslationError.Code = .invalid
        var record = true
        let change: @Sendable (inout ReferralUpdate) -> Void
        var testDescription: String { "\(action.rawValue) \(place)" }
    }

    static let flaws: [Flaw] = [
        Flaw(action: .accept, place: "/referral", code: .noReference) { $0.referral = "" },
        Flaw(action: .accept, place: "/occurredAt") { $0.occurredAt = "yesterday" },
        Flaw(action: .accept, place: "/appointment", code: .unsupported) { $0.appointment = Appointment() },
        Flaw(action: .accept, place: "/documents", code: .unsupported) { $0.documents = [Document()] },
        Flaw(action: .decline, place: "/targetListing", code: .unsupported) { $0.targetListing = "x" },
        Flaw(action: .decline, place: "/category", code: .unsupported) { $0.category = Coding() },
        Flaw(action: .complete, place: "/redirectUrl", code: .unsupported) { $0.redirectURL = "https://x" },
        Flaw(action: .complete, place: "/patient", code: .unsupported) { $0.patient = Patient() },
        Flaw(action: .correctCategory, place: "/text", code: .unsupported) { $0.text = "x" },
        Flaw(action: .updateDemographics, place: "/reason", code: .unsupported) { $0.reason = "x" },
        Flaw(action: .redirect, place: "/redirectUrl") { $0.redirectURL = nil },
        Flaw(action: .redirect, place: "/redirectUrl") { $0.redirectURL = "javascript:alert(1)" },
        Flaw(action: .redirect, place: "/redirectUrl") { $0.redirectURL = "https://a b" },
        Flaw(action: .book, place: "/appointment/start") { $0.appointment = nil },
        Flaw(action: .book, place: "/appointment/start") { $0.appointment?.start = "2026-04-07" },
        Flaw(action: .book, place: "/appointment/end") { $0.appointment?.end = "noon" },
        Flaw(action: .book, place: "/appointment/end") { $0.appointment?.end = "2026-04-01T00:00:00Z" },
        Flaw(action: .cancelBooking, place: "/appointment/start") {
            $0.appointment = Appointment()
            $0.appointment?.end = "2026-04-01T00:00:00Z"
        },
        Flaw(action: .bookingComments, place: "/appointment/id") {
            $0.appointment = Appointment()
            $0.appointment?.id = "2f7f9a06-6b0a-4d5e-8f7c-5d8e1f2a3b4c"
        },
        Flaw(action: .book, place: "/appointment/minutes") { $0.appointment?.minutes = -5 },
        Flaw(action: .book, place: "/appointment/id") { $0.appointment?.id = "not an id" },
        Flaw(action: .book, place: "/appointment/waitTimeMilestone") { $0.appointment?.waitTimeMilestone = "wait-9" },
        Flaw(action: .confirmBooking, place: "/appointment/start", record: false) { _ in },
        Flaw(action: .reschedule, place: "/appointment/id", record: false) { _ in },
        Flaw(action: .cancelBooking, place: "/appointment/id", record: false) { _ in },
        Flaw(action: .bookingComments, place: "/text") { $0.text = " \n" },
        Flaw(action: .bookingComments, place: "/appointment/start") {
            $0.appointment = Appointment()
            $0.appointment?.start = "2026-04-07T09:30:00-04:00"
        },
        Flaw(action: .message, place: "/text") { $0.text = nil },
        Flaw(action: .message, place: "/documents/0") { $0.documents[0].data = nil },
        Flaw(action: .requestInformation, place: "/text") { $0.text = "" },
        Flaw(action: .needsReview, place: "/text") { $0.text = nil },
        Flaw(action: .forward, place: "/targetListing") { $0.targetListing = nil },
        Flaw(action: .forward, place: "/category/code") { $0.category?.code = nil },
        Flaw(action: .forward, place: "/category", record: false) { $0.category = nil },
        Flaw(action: .forward, place: "/patient", record: false) { _ in },
        Flaw(action: .correctCategory, place: "/category") { $0.category = nil },
        Flaw(action: .correctCategory, place: "/category/code") { $0.category?.code = "" },
        Flaw(action: .correctCategory, place: "/patient", record: false) { _ in },
        Flaw(action: .updateDemographics, place: "/patient") { $0.patient = nil },
        Flaw(action: .updateDemographics, place: "/patient", record: false) { $0.patient = Patient() },
        Flaw(action: .updateDemographics, place: "/patient/clinicDoctor", code: .unsupported) {
            $0.patient?.clinicDoctor = Participant()
        },
    ]

    @Test("a missing or misplaced member is named", arguments: flaws)
    func flaw(flaw: Flaw) {
        var update = UpdateSamples.update(flaw.action)
        flaw.change(&update)
        do throws(TranslationError) {
            _ = try OceanUpdateWriter().bundle(
                for: update, in: UpdateSamples.context(.fhir0111, record: flaw.record))
            Issue.record("was written")
        } catch {
            #expect(error.place == flaw.place)
            #expect(error.code == flaw.code)
            #expect(error.disposition == .reject)
        }
    }

    @Test("without occurredAt the time is the message's, never the clock's")
    func time() throws {
        var update = UpdateSamples.update(.accept)
        update.occurredAt = nil
        let output = try OceanUpdateWriter().bundle(for: update, in: UpdateSamples.context(.fhir0111))
        #expect(try JSONValue(parsing: output.body)["timestamp"] == "2026-03-02T14:00:00.000Z")
    }

    @Test("the header of 0.11.1 names the referral as the settings say")
    func headerReference() throws {
        func urls(
            _ form: UpdateConventions.HeaderReference = .both, _ dialect: Dialect = .fhir0111
        ) throws -> [String] {
            var conventions = UpdateConventions()
            conventions.headerReference = form
            let output = try OceanUpdateWriter().bundle(
                for: UpdateSamples.update(.accept), in: UpdateSamples.context(dialect, conventions: conventions))
            let header = try JSONValue(parsing: output.body)["entry"]?[0]?["resource"]
            return (header?["extension"]?.arrayValue ?? []).compactMap { $0["url"]?.stringValue }
        }
        #expect(try urls() == [ExtensionURL.referralIdentifier, ExtensionURL.headerReference])
        #expect(try urls(.identifier) == [ExtensionURL.referralIdentifier])
        #expect(try urls(.string) == [ExtensionURL.headerReference])
        #expect(try urls(.identifier, .fhir0100) == [ExtensionURL.headerReference])
    }

    @Test("a change of an appointment keeps the id that Ocean knows, a new one is named by its slot")
    func appointmentIDs() throws {
        func id(_ update: ReferralUpdate, record: Bool = true, message: String = "m") throws -> String? {
            try OceanUpdateWriter().bundle(
                for: update, in: UpdateSamples.context(.fhir0111, messageID: message, record: record)
            ).appointmentID
        }
        let known = "2f7f9a06-6b0a-4d5e-8f7c-5d8e1f2a3b4c"
        #expect(try id(UpdateSamples.update(.reschedule)) == known)
        #expect(try id(UpdateSamples.update(.cancelBooking)) == known)
        #expect(try id(UpdateSamples.update(.confirmBooking)) == known)
        let booked = try #require(try id(UpdateSamples.update(.book)))
        #expect(booked != known)
        // The same slot booked by another message, spelled in another zone, is the same appointment.
        var again = UpdateSamples.update(.book)
        again.appointment?.start = "2026-04-07T13:30:00Z"
        #expect(try id(again, message: "other") == booked)
        var cancel = UpdateSamples.update(.cancelBooking)
        cancel.appointment = again.appointment
        #expect(try id(cancel, record: false) == booked)
        var own = UpdateSamples.update(.book)
        own.appointment?.id = "HIS-4711"
        #expect(try id(own) == "HIS-4711")
    }

    @Test("a booking is unconfirmed unless the update says that the patient accepted")
    func bookingState() throws {
        func state(_ change: (inout Appointment) -> Void) throws -> [JSONValue?] {
            var update = UpdateSamples.update(.book)
            var appointment = try #require(update.appointment)
            change(&appointment)
            update.appointment = appointment
            let output = try OceanUpdateWriter().bundle(for: update, in: UpdateSamples.context(.fhir0111))
            let resource = try JSONValue(parsing: output.body)["entry"]?[1]?["resource"]
            return [resource?["status"], resource?["participant"]?[0]?["status"]]
        }
        #expect(try state { _ in } == ["pending", "tentative"])
        #expect(try state { $0.status = "booked" } == ["booked", "accepted"])
        #expect(try state { $0.patientStatus = "accepted" } == ["booked", "accepted"])
        #expect(
            try state {
                $0.status = "booked"; $0.patientStatus = "tentative"
            } == ["pending", "tentative"])
    }

    @Test("a stored referral that cannot be read is said so, without its content")
    func damagedRecord() throws {
        var context = UpdateSamples.context(.fhir0111)
        context.record?.resources = Array("{\"ref\":".utf8)
        do throws(TranslationError) {
            _ = try OceanUpdateWriter().bundle(for: UpdateSamples.update(.forward), in: context)
            Issue.record("was written")
        } catch {
            #expect(error.code == .invalid)
            #expect(error.message.contains("resend"))
        }
    }
}
