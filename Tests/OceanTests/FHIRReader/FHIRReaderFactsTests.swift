// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import JSON
import Testing

@testable import Ocean

@Suite struct FHIRReaderFactsTests {
    @Test("a 0.11.1 referral is read with patient, people, listing, note, letter and form")
    func full() throws {
        let (bytes, _, message) = try FHIRReading.fixture("0.11.1/add-service-request")
        let referral = try #require(message.canonical.referral)
        #expect(message.type == .referralReceived)
        #expect(message.subject == "5b0c6f0e-7d6e-4a43-9f0e-2f3d1c9a7b10")
        #expect(message.time == Timestamp("2024-06-24T09:31:07.412-04:00"))
        #expect(
            message.attributes
                == MessageAttributes(
                    site: "4821", listing: "nipissing_cardiology-18342", service: "nipissing_cardiology-18342",
                    event: "add-service-request", dialect: "0.11.1", test: true))
        #expect(referral.ref == message.subject)
        #expect(referral.status == .received)
        #expect(referral.priority == "routine")
        #expect(referral.test)
        #expect(referral.sent == "2024-06-24T09:31:07-04:00")
        #expect(
            referral.category.map { [$0.system, $0.code, $0.display, $0.text] } == [
                ["http://snomed.info/sct", "49634009", "MISCELLANEOUS", "Miscellaneous"]
            ])
        let patient = try #require(referral.patient)
        #expect(patient.names.first?.given == ["Marguerite", "Anne"])
        #expect(patient.healthNumber?.value?.count == 10)
        #expect(patient.healthNumber?.province == "ON")
        #expect(patient.chartNumber == "NFM-20418")
        #expect(patient.telecom.count == 3)
        #expect(patient.birthDate == "1957-11-30")
        #expect(patient.deceased == false)
        let requester = try #require(referral.requester)
        #expect(requester.name?.family == "Ojibway-Tremblay")
        #expect(requester.licence == "104733")
        #expect(requester.billingNumber == "038214")
        #expect(requester.username == "dtremblay")
        #expect(requester.role.map(\.code) == ["59058001", "59058001"])
        #expect(requester.location?.address?.line == ["250 Cassells St"])
        #expect(referral.submitter == nil)
        #expect(referral.receiver?.title == "Nipissing Regional Hospital - Cardiology Clinic")
        #expect(referral.receiver?.location?.longitude?.text == "-79.4608")
        #expect(referral.documents.map(\.kind) == [.letter])
        #expect(referral.documents.first?.ref == referral.ref)
        let form = try #require(referral.forms.first)
        #expect(form.ref == "mto_reporting_form_d")
        #expect(form.items.count == 25)
        #expect(form.items.filter(\.hidden).count == 3)
        #expect(form.items.filter { !$0.answers.isEmpty }.count == 9)
        let canonical = message.canonical
        #expect(canonical.event.code == "add-service-request")
        #expect(canonical.event.reason == "Initial")
        #expect(canonical.event.focus == ["ServiceRequest"])
        #expect(canonical.event.timestamp == "2024-06-24T09:31:07.412-04:00")
        #expect(canonical.original.mediaType == "application/fhir+json")
        #expect(canonical.original.dialect == "0.11.1")
        #expect(Array(canonical.original.body.utf8) == bytes)
        #expect(!canonical.original.isBase64)
        #expect(canonical.original.sha256.count == 64)
    }

    @Test("a 0.10.0 referral is read through relative references without fullUrl")
    func older() throws {
        let (_, _, message) = try FHIRReading.fixture("0.10.0/add-service-request")
        let referral = try #require(message.canonical.referral)
        #expect(message.attributes.dialect == "0.10.0")
        #expect(message.attributes.service == "HCC-INTAKE-01")
        #expect(message.attributes.listing == "hcc_toronto-3001")
        #expect(!message.attributes.test)
        #expect(referral.services == ["Nursing", "Personal Support"])
        #expect(referral.category.map(\.system) == ["http://snomed.info/sct", "http://loinc.org"])
        #expect(referral.receiver?.specialties.count == 4)
        #expect(referral.receiver?.externalServiceID == "HCC-INTAKE-01")
        #expect(referral.receiver?.location?.longitude?.text == "-79.38950")
        #expect(referral.requester?.name?.family == "Zelený")
        #expect(referral.requester?.role == [Coding(system: "http://snomed.info/sct", display: "Other")])
        #expect(referral.requester?.licence == nil)
    }

    @Test("the state follows the Task, and a decline carries its reason")
    func declined() throws {
        let (_, _, message) = try FHIRReading.fixture("0.10.0/notify-update-service-request")
        let referral = try #require(message.canonical.referral)
        #expect(message.type == .referralUpdated)
        #expect(message.canonical.event.focus == ["Task"])
        #expect(referral.status == .declined)
        #expect(referral.statusText == "rejected")
        #expect(referral.statusReason == "Outside our catchment area")
        #expect(referral.tasks.first?.businessStatus.first?.code == "NW")
    }

    @Test("the plural event code is an update; the latest Task counts, and a dated appointment means booked")
    func plural() throws {
        let (_, _, message) = try FHIRReading.fixture("0.11.1/notify-update-service-requests")
        let referral = try #require(message.canonical.referral)
        #expect(message.type == .referralUpdated)
        #expect(message.attributes.event == "notify-update-service-requests")
        #expect(referral.tasks.map(\.status) == ["accepted", "requested"])
        #expect(referral.statusText == "accepted")
        #expect(referral.status == .booked)
        #expect(referral.kind == .referral)
        let appointment = try #require(referral.appointments.first)
        #expect(appointment.waitTimeMilestone == "wait-1")
        #expect(appointment.patientStatus == "accepted")
        #expect(appointment.minutes == 30)
        #expect(appointment.label == "Initial consult")
        #expect(appointment.id?.count == 36)
        #expect(referral.communications.first?.direction == .fromProvider)
    }

    @Test("a removed appointment stays in the message and does not count as booked")
    func removed() throws {
        let (_, _, message) = try FHIRReading.fixture("0.11.1/notify-update-service-request-appointment-removed")
        let referral = try #require(message.canonical.referral)
        #expect(message.type == .appointmentChanged)
        #expect(referral.appointments.first?.isRemoved == true)
        #expect(referral.status == nil)
    }

    @Test("a revocation is a cancellation")
    func revoked() throws {
        let (_, _, message) = try FHIRReading.fixture("0.11.1/revoke-service-request")
        #expect(message.type == .referralCancelled)
        #expect(message.canonical.referral?.status == .cancelled)
    }

    @Test("a message of the requester is placed by the Communication's basedOn")
    func communication() throws {
        let (_, _, message) = try FHIRReading.fixture("0.11.1/send-communication-from-requester")
        let communication = try #require(message.canonical.referral?.communications.first)
        #expect(message.type == .communicationReceived)
        #expect(message.canonical.event.focus == ["Communication"])
        #expect(communication.direction == .fromRequester)
        #expect(communication.senderName == "Danielle Ojibway-Tremblay")
        #expect(communication.text == "ECG attached; the patient prefers mornings.")
    }

    @Test("an unknown code keeps its spelling and its unknown resource whole")
    func unknown() throws {
        let (_, json, message) = try FHIRReading.fixture("0.11.1/unknown-code")
        #expect(message.type == .unknown)
        #expect(message.attributes.event == "notify-something-new")
        let position = try FHIRReading.position(of: "Basic", in: json)
        let left = try #require(message.canonical.referral?.resources.first { $0.type == "Basic" })
        #expect(left.value["code"] == json["entry"]?[position]?["resource"]?["code"])
    }

    @Test("of two forwarded requests the one in focus counts, and the other is what it replaces")
    func forwarded() throws {
        let (_, _, message) = try FHIRReading.fixture("0.11.1/forwarded")
        let referral = try #require(message.canonical.referral)
        #expect(message.type == .referralForwarded)
        #expect(message.subject == "bb24d1ef-6c2d-4d2f-9c4b-1a6b1a2c3d02")
        #expect(referral.links?.replaces == ["aa13c0de-5b1c-4c1e-8b3a-0f5a0f1b2c01"])
        #expect(message.attributes.site == "4900")
        #expect(message.attributes.service == "CARD-SUD")
        #expect(referral.notes.first?.plainText == "forwarded, shorter wait")
        #expect(referral.sent == "2025-02-11T13:45:10-05:00")
    }

    @Test("a split child points to its source, and letter and attachment are told apart whatever their order")
    func split() throws {
        let referral = try FHIRReading.referral("0.11.1/split-child")
        #expect(referral.ref == "dd46f301-8e4f-4f41-9e6d-3c8d3c4e5f04")
        #expect(referral.links?.basedOn == ["cc35e2f0-7d3e-4e30-8d5c-2b7c2b3d4e03"])
        #expect(referral.documents.map(\.kind) == [.attachment, .letter])
        #expect(referral.documents.first?.size == 184_233)
        #expect(referral.documents.first?.ref == "a77d1f02-3b0e-4d8f-8e0b-55aa01c2d3e4")
        #expect(referral.priority == "urgent")
        #expect(referral.services == ["CT Chest with contrast"])
        #expect(referral.category.map(\.display) == ["DIAGNOSTIC_IMAGING"])
    }
}
