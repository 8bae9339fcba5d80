// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import JSON
import Testing

@testable import Ocean

/// What the canonical message says of each happening, in both API versions.
@Suite struct EventContentTests {
    private static let ref = "3e9d6c41-52ab-4f0e-8d17-6c0b9a2f4e58"
    private static let other = "b18f02d7-0c3e-4a95-9a6b-7f21de53c0a4"

    private static func referral(_ dialect: String, _ name: String) throws -> Referral {
        try FHIRReading.referral("\(dialect)/\(name)")
    }

    @Test("who sends, who receives and what is asked", arguments: FHIRReading.offered)
    func base(_ dialect: String) throws {
        let message = try FHIRReading.fixture("\(dialect)/notify-update-service-request-accepted").message
        let referral = try #require(message.canonical.referral)
        #expect(message.subject == Self.ref)
        #expect(message.time == Timestamp("2025-03-05T09:30:01.418-04:00"))
        #expect(
            message.attributes
                == MessageAttributes(
                    site: "6120", listing: "lakeshore_orthopaedics-20417", service: "ORTHO-CLINIC",
                    event: "notify-update-service-request", dialect: dialect))
        #expect(message.canonical.event.focus == ["ServiceRequest", "Task"])
        #expect(message.canonical.event.reason == (dialect == "0.10.0" ? nil : "Update"))
        #expect(referral.sent == "2025-03-03T08:15:22-05:00")
        #expect(referral.priority == "routine")
        #expect(referral.services == (dialect == "0.10.0" ? ["Hip and knee"] : []))
        let receiver = try #require(referral.receiver)
        #expect(receiver.title == "Lakeshore Regional Hospital - Orthopaedic Clinic")
        #expect(receiver.externalServiceID == "ORTHO-CLINIC")
        #expect(receiver.identifiers.count == 3)
        #expect(receiver.location?.latitude?.text == "46.4646")
        let requester = try #require(referral.requester)
        #expect(requester.name?.family == "Asante-Boateng")
        #expect(requester.licence == (dialect == "0.10.0" ? nil : "118206"))
        #expect(requester.billingNumber == (dialect == "0.10.0" ? nil : "041772"))
        #expect(requester.username == "kasante")
        let patient = try #require(referral.patient)
        #expect(patient.healthNumber?.value == "6048217735")
        #expect(patient.healthNumber?.versionCode == (dialect == "0.10.0" ? "VB" : nil))
        #expect(patient.chartNumber == nil)
        #expect(patient.identifiers.count == 2)
        #expect(patient.addresses.map(\.city) == ["Sudbury"])
    }

    @Test("a Task tells acceptance, decline with its reason, completion and reopening", arguments: FHIRReading.offered)
    func tasks(_ dialect: String) throws {
        let accepted = try Self.referral(dialect, "notify-update-service-request-accepted")
        #expect(accepted.statusText == "accepted")
        let task = try #require(accepted.tasks.first)
        #expect(task.description == "Accept")
        #expect(task.code.map(\.code) == ["process-request"])
        #expect(task.authored == "2025-03-05T09:30:00-05:00")
        #expect(task.modified == "2025-03-05T09:30:00-05:00")
        #expect(task.businessStatus.map(\.code) == (dialect == "0.10.0" ? ["NW"] : []))
        let declined = try Self.referral(dialect, "notify-update-service-request-declined")
        #expect(declined.statusReason == "No imaging within 6 months")
        let completed = try Self.referral(dialect, "notify-update-service-request-completed")
        #expect(completed.tasks.map(\.modified) == ["2025-06-30T16:59:58-04:00"])
        let reopened = try Self.referral(dialect, "notify-update-service-request-reopened")
        #expect(reopened.tasks.map(\.status) == ["rejected", "accepted"])
        #expect(reopened.statusReason == nil)
    }

    @Test("an eConsult is told by the Task's code or the flag of the wanted kind", arguments: FHIRReading.offered)
    func consult(_ dialect: String) throws {
        let new = try Self.referral(dialect, "add-service-request-econsult")
        #expect(new.kind == .consult)
        #expect(new.tasks.map(\.patientNeedsToBeSeen) == [false])
        let converted = try Self.referral(dialect, "notify-update-service-request-econsult")
        #expect(converted.kind == .consult)
        #expect(converted.tasks.first?.code.first?.code == "process-request")
        let flagged = try FHIRReading.read("\(dialect)/add-service-request") { json in
            let flag: JSONValue = ["url": .string(ExtensionURL.patientNeedsToBeSeen), "valueBoolean": false]
            try FHIRReading.set([flag], "ServiceRequest", "extension", in: &json)
        }
        #expect(flagged.canonical.referral?.kind == .consult)
    }

    @Test(
        "a forwarded referral is the one in focus, whichever of the two carries replaces",
        arguments: FHIRReading.offered)
    func forwarded(_ dialect: String) throws {
        for name in ["add-service-request-forwarded", "add-service-request-forwarded-by-former"] {
            let referral = try Self.referral(dialect, name)
            #expect(referral.ref == Self.ref)
            #expect(referral.links?.replaces == [Self.other])
            #expect(referral.receiver?.ref == "lakeshore_orthopaedics-20417")
            #expect(referral.notes.count == 1)
        }
        let away = try Self.referral(dialect, "notify-update-service-request-forwarded-away")
        #expect(away.ref == Self.ref)
        #expect(away.links?.replacedBy == [Self.other])
        #expect(away.links?.replaces == [])
        #expect(away.receiver?.ref == "lakeshore_orthopaedics-20417")
    }

    @Test("a split child names its source and has its own categories only", arguments: FHIRReading.offered)
    func split(_ dialect: String) throws {
        let referral = try Self.referral(dialect, "add-service-request-split")
        #expect(referral.ref == Self.ref)
        #expect(referral.links?.basedOn == [Self.other])
        #expect(referral.category.map(\.display).allSatisfy { $0 == "ORTHOPAEDIC_SURGERY" })
    }

    @Test("a referral sent again as new carries its history", arguments: FHIRReading.offered)
    func resent(_ dialect: String) throws {
        let referral = try Self.referral(dialect, "add-service-request-resent")
        #expect(referral.statusText == "accepted")
        #expect(referral.appointments.map(\.start) == ["2025-05-12T10:30:00-04:00"])
        #expect(referral.communications.map(\.direction) == [.fromProvider, .fromRequester])
        #expect(referral.communications.map(\.text) == ["Please send the X-ray report.", "Report attached."])
        #expect(referral.communications.last?.senderName == "Kwame Asante-Boateng")
        #expect(referral.documents.map(\.kind) == [.letter, .attachment])
        #expect(referral.communications.last?.documents.map(\.title) == ["xray report.pdf"])
    }

    @Test("booked is tentative, confirmed is accepted, a change keeps the id", arguments: FHIRReading.offered)
    func appointments(_ dialect: String) throws {
        let update = "notify-update-service-request"
        let booked = try #require(try Self.referral(dialect, "\(update)-appointment-booked").appointments.first)
        #expect(booked.status == "booked")
        #expect(booked.patientStatus == "tentative")
        #expect(booked.start == "2025-05-12T10:30:00-04:00")
        #expect(booked.end == "2025-05-12T11:00:00-04:00")
        #expect(booked.minutes == 30)
        #expect(booked.label == "Initial consult")
        #expect(booked.type.map(\.code) == ["ROUTINE"])
        #expect(booked.waitTimeMilestone == "wait-1")
        #expect(booked.patientInstruction == "Bring your X-ray disc.\nArrive 15 minutes early.")
        let confirmed = try #require(try Self.referral(dialect, "\(update)-appointment-confirmed").appointments.first)
        #expect(confirmed.patientStatus == "accepted")
        #expect(confirmed.id == booked.id)
        let changed = try #require(try Self.referral(dialect, "\(update)-appointment-changed").appointments.first)
        #expect(changed.id == booked.id)
        #expect(changed.start == "2025-05-20T14:00:00-04:00")
        #expect(changed.minutes == 45)
        #expect(changed.comment == "Moved at the patient's request")
        #expect(changed.created == "2025-04-01T13:19:58-04:00")
        let removed = try #require(try Self.referral(dialect, "\(update)s-appointment-removed").appointments.first)
        #expect(removed.id == booked.id)
        #expect(removed.isRemoved)
        #expect(removed.minutes == nil)
        let comments = try #require(try Self.referral(dialect, "\(update)-booking-comments").appointments.first)
        #expect(comments.patientInstruction == "The clinic will call within two weeks.")
        #expect(comments.start == nil)
    }

    @Test("a cancelled appointment of 0.10.0 keeps its reason and does not book")
    func cancelled() throws {
        let referral = try Self.referral("0.10.0", "notify-update-appointment-cancelled")
        let appointment = try #require(referral.appointments.first)
        #expect(appointment.status == "cancelled")
        #expect(appointment.patientStatus == "declined")
        #expect(appointment.cancellationReason == "Patient is away")
    }

    @Test("the wait-time milestones are read as coding and as text", arguments: FHIRReading.offered)
    func waitTimes(_ dialect: String) throws {
        let referral = try Self.referral(dialect, "notify-update-service-request-wait-times")
        #expect(referral.appointments.map(\.waitTimeMilestone) == ["wait-1a", "wait-1b", "wait-1", "wait-2"])
        #expect(referral.appointments.map(\.label) == ["Initial consult", "Surgeon", "Review", "Surgery"])
        #expect(referral.unmapped.isEmpty)
    }

    @Test("place, person and organization of an appointment and of a listing", arguments: FHIRReading.offered)
    func service(_ dialect: String) throws {
        let referral = try Self.referral(dialect, "notify-update-service-request-service")
        let receiver = try #require(referral.receiver)
        #expect(receiver.organization == "Lakeshore Regional Hospital")
        #expect(receiver.telecom.map(\.value) == ["705-555-0190"])
        #expect(receiver.title == "Lakeshore Regional Hospital - Orthopaedic Clinic")
        let appointment = try #require(referral.appointments.first)
        #expect(appointment.location?.address?.line == ["41 Ramsey Lake Rd, Wing C"])
        #expect(appointment.practitioner?.name?.text == "Dr. Ingrid Halvorsen")
        #expect(appointment.practitioner?.role.map(\.text) == ["Trauma and orthopedics"])
        #expect(appointment.patientStatus == "accepted")
        let task = try #require(referral.tasks.first)
        #expect(task.identifiers.map(\.value) == ["T-1009"])
        #expect(task.importToEMR == true)
        #expect(task.redirectURL == "https://booking.lakeshore.example/r/1009")
        // The name that the destination does not repeat.
        #expect(referral.unmapped.map(\.value) == ["Orthopaedic Clinic"])
    }

    @Test("messages carry text, direction and files, inline or by reference", arguments: FHIRReading.offered)
    func messages(_ dialect: String) throws {
        let referral = try Self.referral(dialect, "send-communication-from-requester-attachments")
        let message = try #require(referral.communications.first)
        #expect(message.direction == .fromRequester)
        #expect(message.text == "X-ray report attached.")
        #expect(message.sent == "2025-03-12T09:00:00-04:00")
        #expect(message.documents.map(\.title) == ["xray report.pdf", "summary.txt"])
        #expect(message.documents.first?.url?.hasSuffix("/$binary") == true)
        #expect(message.documents.last?.data == "SGlwIFgtcmF5")
        #expect(referral.documents.map(\.size) == [nil, 48_213])
        let provider = try Self.referral(dialect, "send-communication-from-provider")
        #expect(provider.communications.map(\.direction) == [.fromProvider])
    }

    @Test(
        "an added attachment is told from the letter; new demographics replace the old", arguments: FHIRReading.offered)
    func smallChanges(_ dialect: String) throws {
        let added = try FHIRReading.fixture("\(dialect)/notify-update-service-request-attachment").message
        #expect(added.canonical.event.focus == ["ServiceRequest", "DocumentReference"])
        let documents = added.canonical.referral?.documents ?? []
        #expect(documents.map(\.kind) == [.letter, .attachment])
        #expect(documents.last?.ref == "7d3f0b52-1f0e-4b43-8a0a-51b0f4d6e9c1")
        #expect(documents.last?.size == 220_817)
        #expect(documents.last?.contentType == "application/pdf")
        let moved = try FHIRReading.fixture("\(dialect)/notify-update-service-request-demographics").message
        #expect(moved.canonical.event.focus == ["Patient"])
        #expect(moved.canonical.referral?.patient?.telecom.map(\.value) == ["705-555-0199"])
        #expect(moved.canonical.referral?.patient?.addresses.map(\.city) == ["Espanola"])
        let feed = try FHIRReading.fixture("0.11.1/notify-report-service-request").message
        #expect(feed.canonical.event.focus == ["Appointment", "Task"])
        let corrected = try Self.referral("0.11.1", "notify-data-correction")
        #expect(corrected.code.map(\.text) == ["Rheumatology"])
    }

    @Test("resources of other types are kept whole, with references into the message", arguments: FHIRReading.offered)
    func others(_ dialect: String) throws {
        let referral = try Self.referral(dialect, "notify-update-service-request-resources")
        #expect(
            referral.resources.map(\.type) == [
                "Consent", "Condition", "AllergyIntolerance", "Coverage", "Organization", "Basic", "Observation",
            ])
        let consent = try #require(referral.resources.first?.value)
        #expect(consent["patient"] == ["reference": "#/referral/patient"])
        #expect(consent["provision"]?["data"]?[0]?["reference"] == ["reference": "#/referral"])
        #expect(referral.resources[1].value["recorder"] == ["reference": "#/referral/requester"])
        #expect(referral.resources[2].value["recorder"] == ["reference": "Practitioner/not-in-this-bundle"])
        #expect(referral.resources[3].value["payor"]?[0] == ["reference": "#/referral/resources/4"])
        #expect(referral.resources[5].value["extension"]?[0]?["valueInteger"] == 7)
        #expect(referral.unmapped.isEmpty)
    }

    @Test("0.12 is read as far as it is known, and the rest is kept")
    func newest() throws {
        let message = try FHIRReading.fixture("0.12/add-service-request").message
        let referral = try #require(message.canonical.referral)
        #expect(message.canonical.original.dialect == "0.12")
        #expect(referral.patient?.names.first?.family == "Saint-Onge")
        #expect(referral.unmapped.count == 1)
        #expect(referral.unmapped.first?.value["url"]?.stringValue?.hasSuffix("Routing-Options-EXT") == true)
    }
}
