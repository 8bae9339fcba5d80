// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import JSON
import Ocean
import Testing

@Suite("Updates of hospital systems")
struct UpdateReaderTests {
    private static let reference = UpdateSamples.referral

    private func message(
        _ body: String, subject: String? = nil, site: String? = "1234", echo: Bool = false,
        contentType: String = "application/json"
    ) -> Message {
        Message(
            id: "m", source: "/hospital", type: .updateRequested, subject: subject,
            time: Timestamp(milliseconds: 0), contentType: contentType,
            attributes: MessageAttributes(site: site, echo: echo), body: Array(body.utf8))
    }

    private func read(_ body: String, subject: String? = reference, site: String? = "1234") throws -> ReferralUpdate {
        try only(OceanUpdateReader().read(message(body, subject: subject, site: site)))
    }

    private func only(_ request: UpdateRequest, _ record: ReferralRecord? = nil) throws -> ReferralUpdate {
        let changes = try request.changes(since: record)
        #expect(changes.count == 1)
        return try #require(changes.first).update
    }

    private func refused(_ message: Message) -> TranslationError? {
        do throws(TranslationError) {
            _ = try OceanUpdateReader().read(message).changes(since: nil)
            Issue.record("was accepted")
            return nil
        } catch {
            return error
        }
    }

    @Test("a canonical update is read as written", arguments: UpdateAction.allCases)
    func canonical(action: UpdateAction) throws {
        let bytes = try GoldenFile.read("Tests/Fixtures/updates/canonical/\(action.rawValue).json")
        let reading = try OceanUpdateReader().reading(of: message(String(decoding: bytes, as: UTF8.self)))
        #expect(try only(reading.request) == UpdateSamples.update(action))
        #expect(reading.form == .canonical)
        #expect(reading.unknown.isEmpty)
    }

    @Test("unknown members of a canonical update are tolerated and listed")
    func unknownMembers() throws {
        let reading = try OceanUpdateReader().reading(
            of: message(#"{"referral":"r","site":"1","action":"accept","mood":"good","appointment":{"room":7}}"#))
        #expect(reading.unknown.sorted() == ["/appointment/room", "/mood"])
    }

    @Test("referral and site come from the envelope where the body has none")
    func envelope() throws {
        let update = try read(#"{"action":"accept"}"#, subject: "r9", site: "77")
        #expect(update.referral == "r9" && update.site == "77")
        #expect(try read(#"{"resourceType":"Task","status":"accepted"}"#, subject: "r9").referral == "r9")
    }

    @Test("every bundle that the bridge writes is read as the same change", arguments: UpdateWriterTests.cases)
    func bundles(each: UpdateWriterTests.Case) throws {
        let bytes = try GoldenFile.read(
            "Tests/Fixtures/golden/updates/\(each.dialect.rawValue)/\(each.action.rawValue).json")
        let reading = try OceanUpdateReader().reading(
            of: message(String(decoding: bytes, as: UTF8.self), subject: nil))
        // These look alike in FHIR: what counts is the status, the appointment's id, and the listing.
        let alike: [UpdateAction: UpdateAction] = [
            .reopen: .accept, .assign: .forward, .confirmBooking: .book, .reschedule: .book,
        ]
        let sent = UpdateSamples.update(each.action)
        let update = try only(reading.request)
        #expect(reading.form == .messageBundle)
        #expect(update.action == alike[each.action] ?? each.action)
        #expect(update.referral == Self.reference)
        #expect(update.reason == sent.reason)
        #expect(update.text == sent.text)
        #expect(update.targetListing == sent.targetListing)
        #expect(update.category == sent.category)
        #expect(update.redirectURL == sent.redirectURL)
        #expect(update.documents == sent.documents)
        #expect(update.occurredAt == "2026-03-02T15:15:00.000Z")
        #expect(update.actor == sent.actor)
        // What was read can be written again.
        _ = try OceanUpdateWriter().bundle(for: update, in: UpdateSamples.context(each.dialect))
    }

    struct Sample: Sendable, CustomTestStringConvertible {
        let body: String
        let action: UpdateAction
        var check: @Sendable (ReferralUpdate) -> Bool = { _ in true }
        var testDescription: String { body }
    }

    static let samples: [Sample] = [
        Sample(body: #"{"resourceType":"Task","status":"accepted"}"#, action: .accept),
        Sample(body: #"{"resourceType":"Task","status":"in-progress","description":"Triage"}"#, action: .accept) {
            $0.text == "Triage"
        },
        Sample(body: #"{"resourceType":"Task","status":"on-hold"}"#, action: .accept),
        Sample(body: #"{"resourceType":"Task","status":"ready"}"#, action: .accept),
        Sample(body: #"{"resourceType":"Task","status":"rejected","statusReason":{"text":"full"}}"#, action: .decline) {
            $0.reason == "full"
        },
        Sample(
            body: #"{"resourceType":"Task","status":"cancelled","statusReason":{"coding":[{"display":"no space"}]}}"#,
            action: .decline
        ) { $0.reason == "no space" },
        Sample(
            body: #"{"resourceType":"Task","status":"completed","lastModified":"2026-01-02T03:04:05Z"}"#,
            action: .complete
        ) { $0.occurredAt == "2026-01-02T03:04:05Z" },
        Sample(
            body: """
                {"resourceType":"Task","status":"requested","extension":[{"url":"\(ExtensionURL.patientNeedsToBeSeen)",
                "valueBoolean":false}]}
                """, action: .convertToConsult),
        Sample(
            body: """
                {"resourceType":"Task","status":"requested","extension":[{"url":"\(ExtensionURL.patientNeedsToBeSeen)",
                "valueBoolean":true}]}
                """, action: .convertToReferral),
        Sample(
            body: """
                {"resourceType":"Task","status":"requested","description":"Which side?","code":{"coding":[{"code":
                "request-for-information-for-requester"}]}}
                """, action: .requestInformation
        ) { $0.text == "Which side?" },
        Sample(
            body: """
                {"resourceType":"Appointment","id":"A1","status":"booked","start":"2026-05-01T10:00:00Z","participant":[
                {"actor":{"reference":"Location/1"},"status":"tentative"},
                {"actor":{"reference":"Patient/1"},"status":"accepted"}]}
                """, action: .book
        ) { $0.appointment?.id == "A1" && $0.appointment?.patientStatus == "accepted" },
        Sample(
            body: #"{"resourceType":"Appointment","status":"booked","start":"2026-05-01T10:00:00Z"}"#, action: .book
        ) { $0.appointment?.patientStatus == "accepted" },
        Sample(
            body: """
                {"resourceType":"Appointment","status":"booked","start":"2026-05-01T10:00:00Z","participant":[
                {"actor":{"type":"Patient"},"status":"needs-action"}]}
                """, action: .book
        ) { $0.appointment?.patientStatus == "tentative" },
        Sample(
            body: #"{"resourceType":"Appointment","status":"pending","start":"2026-05-01T10:00:00Z"}"#, action: .book
        ) { $0.appointment?.patientStatus == "tentative" },
        Sample(
            body: #"{"resourceType":"Appointment","id":"A1","status":"cancelled","cancelationReason":{"text":"ill"}}"#,
            action: .cancelBooking
        ) { $0.reason == "ill" && $0.appointment?.id == "A1" },
        Sample(body: #"{"resourceType":"Appointment","id":"A1","status":"entered-in-error"}"#, action: .cancelBooking),
        Sample(
            body: #"{"resourceType":"Appointment","status":"proposed","patientInstruction":"We call you"}"#,
            action: .bookingComments
        ) { $0.text == "We call you" && $0.appointment == nil },
        Sample(
            body: """
                {"resourceType":"Communication","status":"completed","payload":[{"contentString":"a"},
                {"contentString":"b"}],"sender":{"display":"Dr. Demo"},"sent":"2026-01-02T03:04:05Z"}
                """, action: .message
        ) { $0.text == "a\nb" && $0.senderName == "Dr. Demo" && $0.occurredAt == "2026-01-02T03:04:05Z" },
        Sample(
            body: #"{"resourceType":"ServiceRequest","status":"active","code":{"coding":[{"code":"103697008"}]}}"#,
            action: .correctCategory
        ) { $0.category?.code == "103697008" },
        Sample(body: #"{"resourceType":"ServiceRequest","status":"completed"}"#, action: .complete),
        Sample(body: #"{"resourceType":"Patient","birthDate":"1990-01-01"}"#, action: .updateDemographics) {
            $0.patient?.birthDate == "1990-01-01"
        },
        Sample(body: #"{"referralRef":"r","status":"ACCEPTED"}"#, action: .accept) { $0.referral == "r" },
        Sample(body: #"{"referralRef":"r","status":"Pending Booking","siteNum":"9"}"#, action: .accept) {
            $0.site == "9"
        },
        Sample(body: #"{"referralRef":"r","status":"declined","cancellationReason":"full"}"#, action: .decline) {
            $0.reason == "full"
        },
        Sample(
            body: #"{"referralRef":"r","status":"COMPLETED","appointments":[{"date":0},{"date":1}]}"#,
            action: .complete),
        Sample(
            body: """
                {"referralRef":"r","status":"BOOKED_CONFIRMED","bookingComments":"Bring shoes","appointments":[
                {"date":1777629600000,"hasTime":true,"apptType":"Visit","wtType":"WAIT_1A"}]}
                """, action: .book
        ) {
            $0.appointment?.start == "2026-05-01T10:00:00.000Z" && $0.appointment?.patientStatus == "accepted"
                && $0.appointment?.label == "Visit" && $0.appointment?.waitTimeMilestone == "wait-1a"
                && $0.text == "Bring shoes"
        },
        Sample(
            body: #"{"referralRef":"r","status":"BOOKED","scheduledAppointment":"2026-05-01T10:00:00Z"}"#,
            action: .book
        ) { $0.appointment?.patientStatus == "tentative" },
        Sample(body: #"{"referralRef":"r","bookingComments":"We call you"}"#, action: .bookingComments) {
            $0.text == "We call you"
        },
        Sample(
            body: """
                {"referralRef":"r","externalConversation":[{"ref":"old","message":"before"},{"message":"now",
                "userFullName":"Sam"}]}
                """, action: .message
        ) { $0.text == "now" && $0.senderName == "Sam" },
        Sample(body: #"{"message":"Hello","targetSiteNum":"5","commentDate":0}"#, action: .message) {
            $0.text == "Hello" && $0.referral == UpdateSamples.referral
                && $0.occurredAt == "1970-01-01T00:00:00.000Z"
        },
    ]

    @Test("each form has its natural meaning", arguments: samples)
    func meaning(sample: Sample) throws {
        let update = try read(sample.body)
        #expect(update.action == sample.action)
        #expect(sample.check(update))
    }

    struct Unclear: Sendable, CustomTestStringConvertible {
        let body: String
        let place: String
        var code = TranslationError.Code.invalid
        var testDescription: String { body }
    }

    static let unclear: [Unclear] = [
        Unclear(body: "{", place: "", code: .notJSON),
        Unclear(body: "[]", place: "", code: .unknownFormat),
        Unclear(body: "{}", place: "", code: .unknownFormat),
        Unclear(body: #"{"event":{},"original":{}}"#, place: "/event", code: .unknownFormat),
        Unclear(body: #"{"action":"explode"}"#, place: "/action"),
        Unclear(body: #"{"action":"accept","referral":""}"#, place: "/referral", code: .noReference),
        Unclear(body: #"{"resourceType":"Observation"}"#, place: "/resourceType", code: .unknownFormat),
        Unclear(body: #"{"resourceType":"Bundle","type":"transaction"}"#, place: "/type", code: .unknownFormat),
        Unclear(body: #"{"resourceType":"Bundle"}"#, place: "/entry", code: .unknownFormat),
        Unclear(body: #"{"resourceType":"Task"}"#, place: "/status"),
        Unclear(body: #"{"resourceType":"Task","status":"requested"}"#, place: "/status"),
        Unclear(body: #"{"resourceType":"Task","status":"draft"}"#, place: "/status"),
        Unclear(body: #"{"resourceType":"Appointment"}"#, place: "/status"),
        Unclear(body: #"{"resourceType":"Appointment","status":"booked"}"#, place: "/start"),
        Unclear(body: #"{"resourceType":"Appointment","status":"arrived"}"#, place: "/status"),
        Unclear(body: #"{"resourceType":"Appointment","status":"proposed"}"#, place: "/patientInstruction"),
        Unclear(body: #"{"resourceType":"Appointment","status":"noshow"}"#, place: "/status"),
        Unclear(
            body: """
                {"resourceType":"Appointment","status":"booked","start":"2026-05-01T10:00:00Z","participant":[
                {"actor":{"type":"Patient"},"status":"declined"}]}
                """, place: "/participant"),
        Unclear(body: #"{"resourceType":"Communication","status":"completed"}"#, place: "/payload"),
        Unclear(
            body: #"{"resourceType":"Communication","status":"not-done","payload":[{"contentString":"a"}]}"#,
            place: "/status"),
        Unclear(body: #"{"resourceType":"ServiceRequest","status":"active"}"#, place: "/code"),
        Unclear(body: #"{"resourceType":"ServiceRequest"}"#, place: "/code"),
        Unclear(body: #"{"resourceType":"ServiceRequest","status":"draft"}"#, place: "/status"),
        Unclear(body: #"{"referralRef":"r"}"#, place: "/status"),
        Unclear(body: #"{"referralRef":"r","status":"CANCELLED"}"#, place: "/status"),
        Unclear(body: #"{"referralRef":"r","status":"FORWARDED"}"#, place: "/status"),
        Unclear(body: #"{"referralRef":"r","status":"BOOKED"}"#, place: "/status"),
        Unclear(body: #"{"referralRef":"r","status":"SENT"}"#, place: "/status"),
        Unclear(
            body: #"{"referralRef":"r","appointments":[{"date":"2026-05-01","hasTime":false}]}"#,
            place: "/appointments/0/hasTime"),
        Unclear(body: #"{"referralRef":"r","appointments":[{"date":"2026-05-01"}]}"#, place: "/appointments/0/date"),
        Unclear(body: #"{"referralRef":"r","appointments":[{}]}"#, place: "/appointments/0/date"),
        Unclear(
            body: #"{"encryptedMsg":{"data":"","iv":""},"targetSiteNum":"5"}"#, place: "/encryptedMsg",
            code: .unsupported),
        Unclear(body: #"{"message":"a","showForOtherSites":false}"#, place: "/showForOtherSites"),
        Unclear(
            body: #"{"message":"a","attachmentRefDtos":[{"fileRef":"f"}]}"#, place: "/attachmentRefDtos",
            code: .unsupported),
    ]

    @Test("what is unclear is refused with its place, and no value of the body is repeated", arguments: unclear)
    func refusal(sample: Unclear) throws {
        let error = try #require(refused(message(sample.body, subject: Self.reference)))
        #expect(error.place == sample.place)
        #expect(error.code == sample.code)
        #expect(!error.message.isEmpty && !error.message.contains("explode"))
    }

    @Test("an echo of Ocean's is never sent back")
    func echo() throws {
        let answer = refused(message(#"{"referral":"r","site":"1","action":"accept"}"#, echo: true))
        #expect(answer?.message.contains("echo") == true)
    }

    @Test("without a site the remedy names the header, without a reference too")
    func missingEnvelope() throws {
        for body in [
            #"{"action":"accept"}"#, #"{"resourceType":"Task","status":"accepted"}"#,
            #"{"referralRef":"r","status":"ACCEPTED"}"#,
        ] {
            let answer = refused(message(body, subject: "r", site: nil))
            #expect(answer?.code == .invalid && answer?.message.contains("cloudEvents_site") == true)
        }
        for body in [#"{"action":"accept"}"#, #"{"resourceType":"Task","status":"accepted"}"#, #"{"message":"a"}"#] {
            let answer = refused(message(body, subject: nil))
            #expect(answer?.code == .noReference && answer?.message.contains("cloudEvents_subject") == true)
        }
    }

    @Test("Ocean's reference is found by identifier, and a hospital's own id does not pass for it")
    func references() throws {
        func reference(_ basedOn: String) throws -> String {
            try read(#"{"resourceType":"Task","status":"accepted","basedOn":[\#(basedOn)]}"#, subject: "from-subject")
                .referral
        }
        let system = #""identifier":{"system":"https://h/svc/fhir/v1/NamingSystem/id-ereferral-reference","value":"R"}"#
        #expect(try reference("{\(system)}") == "R")
        #expect(try reference(#"{"reference":"ServiceRequest/4711",\#(system)}"#) == "R")
        #expect(try reference(#"{"reference":"ServiceRequest/4711"}"#) == "from-subject")
        #expect(try reference(#"{"reference":"ServiceRequest/\#(Self.reference)"}"#) == Self.reference)
        #expect(
            try read(
                #"{"resourceType":"Task","status":"accepted","basedOn":[{"reference":"ServiceRequest/4711"}]}"#,
                subject: nil
            ).referral == "4711")
        #expect(
            try read(#"{"resourceType":"ServiceRequest","status":"completed",\#(system)}"#, subject: "s").referral
                == "R")
    }

    @Test("the site of the body counts before that of the envelope")
    func site() throws {
        let body = """
            {"resourceType":"Task","status":"accepted","identifier":[{"system":"id-site-number","value":"42"}]}
            """
        #expect(try read(body).site == "42")
    }

    @Test("a bundle with several resources in focus, or none that names the referral, is handled by the envelope")
    func bundleEdges() throws {
        func bundle(_ focus: String, _ entries: String) -> String {
            """
            {"resourceType":"Bundle","type":"message","entry":[{"resource":{"resourceType":"MessageHeader",
            "eventCoding":{"code":"notify-update-process-request"},"focus":[\(focus)]}},\(entries)]}
            """
        }
        let task = #"{"resource":{"resourceType":"Task","id":"t","status":"accepted"}}"#
        let second = #"{"resource":{"resourceType":"Task","id":"u","status":"completed"}}"#
        #expect(try read(bundle(#"{"reference":"Task/t"}"#, task), subject: "s").referral == "s")
        let answer = refused(message(bundle(#"{"reference":"Task/t"}"#, task), subject: nil))
        #expect(answer?.code == .noReference)
        let several = try OceanUpdateReader().read(
            message(bundle(#"{"reference":"Task/t"},{"reference":"Task/u"}"#, task + "," + second), subject: "s"))
        let changes = try several.changes(since: nil)
        #expect(changes.map(\.update.action) == [.accept, .complete])
        #expect(changes.map(\.part) == ["task-1", "task-2"])
        let lost = refused(
            message(bundle(#"{"reference":"Task/t"},{"reference":"Task/gone"}"#, task), subject: "s"))
        #expect(lost?.place == "/entry/0/resource/focus/1")
    }

    @Test("a structured CloudEvent in the body is unwrapped")
    func structured() throws {
        let inner = message(#"{"referral":"r","site":"1","action":"accept"}"#)
        let outer = message(
            inner.structured().text(), subject: "other", contentType: "application/cloudevents+json; charset=utf-8")
        #expect(try OceanUpdateReader().read(outer).referral == "r")
        let answer = refused(message("{}", contentType: "application/cloudevents+json"))
        #expect(answer?.place == "/specversion")
    }
}
