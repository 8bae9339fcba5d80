// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import FoundationEssentials
import JSON
import Ocean

/// One update per action, in the words of a hospital; all people are invented.
enum UpdateSamples {
    static let referral = "7d3c0d0a-5a0e-4a8e-9a57-0f6a3c1b2d4e"
    static let site = "1234"
    static let messageID = "0199a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b"

    static func update(_ action: UpdateAction) -> ReferralUpdate {
        var update = ReferralUpdate(referral: referral, site: site, action: action)
        update.occurredAt = "2026-03-02T10:15:00.000-05:00"
        update.actor = "Robin Clerk"
        switch action {
        case .accept: update.text = "Accepted, waiting for a slot"
        case .decline: update.reason = "Outside our catchment area"
        case .complete, .reopen, .convertToConsult, .convertToReferral: break
        case .redirect: update.redirectURL = "https://booking.example.org/start?ref=7d3c"
        case .forward, .assign:
            update.targetListing = "knee_clinic-42"
            update.category = Coding(
                system: NamingSystem.snomed, code: "410223002", display: "MENTAL_HEALTH_ASSESSMENT_AND_REFERRAL")
            update.reason = "Nearer to the patient"
        case .book:
            var appointment = Appointment()
            appointment.start = "2026-04-07T09:30:00-04:00"
            appointment.minutes = 45
            appointment.label = "First visit"
            appointment.waitTimeMilestone = "wait-1"
            update.appointment = appointment
            update.text = "Please bring your health card."
        case .confirmBooking: break
        case .reschedule:
            var appointment = Appointment()
            appointment.start = "2026-04-09T13:00:00-04:00"
            appointment.end = "2026-04-09T13:45:00-04:00"
            appointment.patientStatus = "accepted"
            update.appointment = appointment
            update.reason = "Clinic closed"
        case .cancelBooking: update.reason = "Patient asked for another date"
        case .bookingComments: update.text = "We will call the patient within two weeks."
        case .message:
            update.text = "Could you send the last X-ray?"
            update.senderName = "Sam Booking"
            var document = Document()
            document.contentType = "text/plain"
            document.title = "note.txt"
            document.data = "aGVsbG8="
            update.documents = [document]
        case .requestInformation: update.text = "Which medication does the patient take?"
        case .needsReview: update.text = "The attachments cannot be read."
        case .correctCategory:
            update.category = Coding(system: NamingSystem.snomed, code: "103697008", display: "DENTISTRY")
        case .updateDemographics: update.patient = correctedPatient
        }
        return update
    }

    static var correctedPatient: Patient {
        var patient = Patient()
        patient.names = [PersonName(family: "Testcase", given: ["Alex", "Lee"])]
        patient.birthDate = "1980-02-29"
        patient.gender = "other"
        patient.telecom = [ContactPoint(system: "phone", value: "555-0100", use: "mobile")]
        var address = Address()
        address.use = "home"
        address.line = ["1 Example Street"]
        address.city = "Sampleville"
        address.province = "ON"
        address.postalCode = "A1A 1A1"
        patient.addresses = [address]
        return patient
    }

    /// What the bridge has stored of the referral.
    static var stored: Referral {
        var referral = Referral()
        referral.ref = Self.referral
        referral.status = .received
        referral.kind = .referral
        referral.priority = "routine"
        referral.sent = "2026-03-01T08:00:00-05:00"
        referral.category = [Coding(system: NamingSystem.snomed, code: "49634009", display: "MISCELLANEOUS")]
        var patient = correctedPatient
        var number = HealthNumber()
        number.value = "9999999999"
        number.province = "ON"
        number.versionCode = "AB"
        patient.healthNumber = number
        patient.chartNumber = "C-17"
        referral.patient = patient
        var appointment = Appointment()
        appointment.id = "2f7f9a06-6b0a-4d5e-8f7c-5d8e1f2a3b4c"
        appointment.status = "booked"
        appointment.start = "2026-04-07T09:30:00-04:00"
        appointment.minutes = 45
        appointment.label = "First visit"
        referral.appointments = [appointment]
        return referral
    }

    /// Conventions other than the defaults, each with what it is called in tests.
    static let conventions: [(name: String, conventions: UpdateConventions)] = {
        func with(_ change: (inout UpdateConventions) -> Void) -> UpdateConventions {
            var conventions = UpdateConventions()
            change(&conventions)
            return conventions
        }
        return [
            ("defaults", UpdateConventions()),
            ("header by identifier", with { $0.headerReference = .identifier }),
            ("header by string", with { $0.headerReference = .string }),
            ("send-communication", with { $0.messageEvent = .sendCommunication }),
            ("change by update event", with { $0.changeEvent = .updateAppointment }),
            ("change by process event", with { $0.changeEvent = .updateProcessRequest }),
            ("cancelled as proposed", with { $0.cancellation = .proposed }),
            ("booking without patient", with { $0.bookingPatient = .omit }),
            ("update-patient-data", with { $0.demographicsEvent = .updatePatientData }),
            ("question as Task", with { $0.informationRequest = .task }),
            ("files as DocumentReference", with { $0.attachments = .documentReference }),
            ("wait time as string", with { $0.waitTime = .string }),
            ("import on accept", with { $0.importOnAccept = true }),
            ("0.11.1 where 0.10.0 has nothing", with { $0.missingActions = .as0111 }),
            ("full echo", with { $0.echo = .full }),
        ]
    }()

    /// A bundle of Ocean's own for the referral of the samples.
    static func received(_ dialect: Dialect) throws -> [UInt8] {
        let path = "Tests/Fixtures/ocean-fhir/\(dialect.rawValue)/add-service-request.json"
        let text = String(decoding: try GoldenFile.read(path), as: UTF8.self)
        let json = try JSONValue(parsing: Array(text.utf8))
        let requests = (json["entry"]?.arrayValue ?? []).compactMap { $0["resource"] }
            .filter { $0["resourceType"] == "ServiceRequest" }
        let reference = requests.first?["identifier"]?[0]?["value"]?.stringValue ?? ""
        return Array(
            text.split(separator: reference, omittingEmptySubsequences: false).joined(separator: referral).utf8)
    }

    static func context(
        _ dialect: Dialect, messageID: String = messageID, record: Bool = true,
        conventions: UpdateConventions = UpdateConventions(), received: [UInt8]? = nil
    ) -> UpdateContext {
        let stored = ReferralRecord(
            reference: referral, site: site, listing: "hip_clinic-7", status: "received",
            sourceTime: Timestamp(milliseconds: 1_772_000_000_000),
            appointmentIDs: ["2f7f9a06-6b0a-4d5e-8f7c-5d8e1f2a3b4c"], resources: Self.stored.json.bytes(),
            received: received)
        return UpdateContext(
            dialect: dialect, oceanHost: "https://ocean.example.org",
            sourceEndpoint: "https://bridge.example.org/ocean",
            messageID: messageID, messageTime: Timestamp(milliseconds: 1_772_460_000_000),
            record: record ? stored : nil, conventions: conventions)
    }
}

extension PersonName {
    init(family: String, given: [String]) {
        self.init()
        self.family = family
        self.given = given
    }
}

/// Files under Tests/Fixtures and docs that tests compare with, or write when `OCEAN_BRIDGE_UPDATE_GOLDEN=1`.
enum GoldenFile {
    /// The root of the repository.
    static func root(_ file: StaticString = #filePath) -> String {
        let parts = String(describing: file).split(separator: "/", omittingEmptySubsequences: false)
        return parts.dropLast(4).joined(separator: "/")
    }

    static var isWriting: Bool { ProcessInfo.processInfo.environment["OCEAN_BRIDGE_UPDATE_GOLDEN"] == "1" }

    /// What the file holds; when writing, `bytes` are put there before.
    static func content(_ path: String, replacedBy bytes: [UInt8]) throws -> [UInt8] {
        let url = URL(filePath: root() + "/" + path)
        if isWriting {
            try FileManager.default.createDirectory(
                atPath: url.deletingLastPathComponent().path, withIntermediateDirectories: true)
            try Data(bytes).write(to: url)
        }
        return Array(try Data(contentsOf: url))
    }

    static func read(_ path: String) throws -> [UInt8] {
        Array(try Data(contentsOf: URL(filePath: root() + "/" + path)))
    }
}
