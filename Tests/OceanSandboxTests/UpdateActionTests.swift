// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import JSON
import Ocean
import OceanSandbox
import Testing

/// What the bridge writes, posted to the pretend Ocean, which has a reader of its own.
@Suite("Each action of a hospital", .timeLimit(.minutes(15)))
struct UpdateActionTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let action: UpdateAction
        let dialect: Dialect
        var testDescription: String { "\(action.rawValue) in \(dialect.rawValue)" }
    }

    static let cases: [Case] = [Dialect.fhir0100, .fhir0111].flatMap { dialect in
        UpdateAction.allCases.map { Case(action: $0, dialect: dialect) }
    }

    private static let slot = "2026-04-07T09:30:00-04:00"

    private func update(_ action: UpdateAction, _ reference: String) -> ReferralUpdate {
        var update = ReferralUpdate(referral: reference, site: "4500", action: action)
        update.actor = "Robin Clerk"
        var appointment = Appointment()
        appointment.start = Self.slot
        appointment.minutes = 45
        appointment.label = "First visit"
        appointment.waitTimeMilestone = "wait-1"
        switch action {
        case .decline: update.reason = "Outside our catchment area"
        case .redirect: update.redirectURL = "https://booking.example.org/start"
        case .forward, .assign:
            update.targetListing = "other-1"
            update.category = Coding(system: NamingSystem.snomed, code: "410223002")
        case .book, .confirmBooking:
            update.appointment = appointment
            update.text = "Bring your card"
        case .reschedule:
            appointment.start = "2026-04-09T13:00:00-04:00"
            update.appointment = appointment
        case .cancelBooking: update.reason = "Clinic closed"
        case .bookingComments: update.text = "We will call"
        case .message, .requestInformation, .needsReview: update.text = "Which side?"
        case .correctCategory: update.category = Coding(system: NamingSystem.snomed, code: "103697008")
        case .updateDemographics:
            var patient = Patient()
            patient.birthDate = "1980-02-29"
            update.patient = patient
        default: break
        }
        return update
    }

    /// What the store would know: the patient, and the appointment once it is booked.
    private func record(_ reference: String, _ dialect: Dialect, appointment: String?) -> ReferralRecord {
        var referral = Referral()
        referral.ref = reference
        var patient = Patient()
        patient.identifiers = [Identifier(system: NamingSystem.ontarioHealthNumber, value: "9999999999")]
        referral.patient = patient
        referral.category = [Coding(system: NamingSystem.snomed, code: "49634009")]
        return ReferralRecord(
            reference: reference, site: "4500", dialect: dialect.rawValue, status: "received",
            sourceTime: Timestamp(milliseconds: 0), appointmentIDs: appointment.map { [$0] } ?? [],
            resources: referral.json.bytes())
    }

    /// Sends a referral, prepares it as the action needs it, and posts the action.
    private func snapshot(
        _ action: UpdateAction, _ dialect: Dialect, _ conventions: UpdateConventions = UpdateConventions()
    ) async throws -> ReferralSnapshot {
        var output: ReferralSnapshot?
        let before: [UpdateAction] =
            switch action {
            case .reopen: [.decline]
            case .confirmBooking, .reschedule, .cancelBooking: [.book]
            case .convertToReferral: [.convertToConsult]
            default: []
            }
        try await Bench.run { bench in
            let reference = try await bench.ocean.send(.backPain, to: dialect == .fhir0100 ? "old-1" : "new-1")
            var appointment: String?
            for (index, action) in (before + [action]).enumerated() {
                let context = UpdateContext(
                    dialect: dialect, oceanHost: "https://ocean.example.org",
                    sourceEndpoint: "https://bridge.example.org/ocean", messageID: "m\(index)",
                    messageTime: Timestamp(milliseconds: 1_772_460_000_000),
                    record: record(reference, dialect, appointment: appointment), conventions: conventions)
                let bundle = try OceanUpdateWriter().bundle(for: update(action, reference), in: context)
                appointment = bundle.appointmentID ?? appointment
                // Twice: a retry repeats the bundle, and must change nothing more.
                let answer = try await bench.process(bundle.body)
                #expect(answer.status == 200, "\(action): \(answer.json.text())")
                if action != .forward, action != .assign {
                    #expect(try await bench.process(bundle.body).status == (action == .cancelBooking ? 404 : 200))
                }
            }
            output = try await bench.snapshot(reference)
        }
        return try #require(output)
    }

    @Test("does in Ocean what it says", arguments: cases)
    func action(each: Case) async throws {
        var conventions = UpdateConventions()
        conventions.missingActions = .as0111
        let shown = try await snapshot(each.action, each.dialect, conventions)
        switch each.action {
        case .accept: #expect(shown.receiverFolder == .pendingBooking)
        case .decline:
            #expect(shown.receiverFolder == .declined && shown.statusReason == "Outside our catchment area")
        case .complete: #expect(shown.receiverFolder == .completed)
        case .reopen: #expect(shown.receiverFolder == .pendingBooking && shown.senderFolder == .pendingBooking)
        case .book:
            #expect(shown.receiverFolder == .bookingUnconfirmed && shown.bookingComments == "Bring your card")
            let appointment = try #require(shown.appointments.first)
            #expect(appointment.start == Self.slot && appointment.minutes == 45 && appointment.label == "First visit")
            #expect(appointment.milestone == "wait-1" && shown.appointments.count == 1)
        case .confirmBooking:
            #expect(shown.receiverFolder == .bookingConfirmed && shown.appointments.count == 1)
        case .reschedule:
            #expect(shown.appointments.map(\.start) == ["2026-04-09T13:00:00-04:00"])
            #expect(shown.receiverFolder == .bookingUnconfirmed)
        case .cancelBooking: #expect(shown.appointments.isEmpty && shown.receiverFolder == .pendingBooking)
        case .bookingComments:
            #expect(shown.bookingComments == "We will call" && shown.appointments.isEmpty)
            #expect(shown.receiverFolder == .new)
        case .message, .requestInformation:
            #expect(shown.receiverFolder == .awaitingReply && shown.senderFolder == .awaitingResponse)
            #expect(shown.messages.map(\.text) == ["Which side?"] && shown.messages.map(\.from) == ["provider"])
            #expect(shown.messages.first?.senderName == "Robin Clerk")
        case .needsReview:
            #expect(shown.messages.map(\.from) == ["requester"] && shown.receiverFolder == .new)
        case .convertToConsult: #expect(shown.isConsult && shown.receiverFolder == .pendingBooking)
        case .convertToReferral: #expect(!shown.isConsult && shown.history.count > 2)
        case .redirect:
            #expect(shown.redirectURL == "https://booking.example.org/start")
            #expect(shown.receiverFolder == .pendingBooking)
        case .forward, .assign: #expect(shown.receiverFolder == .forwarded && shown.forwardedTo != nil)
        case .correctCategory: #expect(shown.correctedCategory == "103697008")
        case .updateDemographics: #expect(shown.history.last?.change == "demographics")
        }
    }

    @Test("other conventions of a site do the same", arguments: [Dialect.fhir0100, .fhir0111])
    func conventions(dialect: Dialect) async throws {
        var other = UpdateConventions()
        other.headerReference = .identifier
        other.messageEvent = .sendCommunication
        other.changeEvent = .updateProcessRequest
        other.cancellation = .proposed
        other.demographicsEvent = .updatePatientData
        other.waitTime = .string
        other.importOnAccept = true
        #expect(try await snapshot(.accept, dialect, other).receiverFolder == .pendingBooking)
        #expect(try await snapshot(.message, dialect, other).messages.map(\.from) == ["provider"])
        #expect(try await snapshot(.confirmBooking, dialect, other).receiverFolder == .bookingConfirmed)
        #expect(try await snapshot(.book, dialect, other).appointments.first?.milestone == "wait-1")
        #expect(try await snapshot(.updateDemographics, dialect, other).history.last?.change == "demographics")
    }

    @Test("an appointment taken back as proposed is gone", arguments: [Dialect.fhir0100, .fhir0111])
    func proposed(dialect: Dialect) async throws {
        var other = UpdateConventions()
        other.cancellation = .proposed
        var output: ReferralSnapshot?
        try await Bench.run { bench in
            let reference = try await bench.ocean.send(.backPain, to: dialect == .fhir0100 ? "old-1" : "new-1")
            var appointment: String?
            for action in [UpdateAction.book, .cancelBooking] {
                let context = UpdateContext(
                    dialect: dialect, oceanHost: "https://ocean.example.org",
                    sourceEndpoint: "https://bridge.example.org/ocean", messageID: action.rawValue,
                    messageTime: Timestamp(milliseconds: 1_772_460_000_000),
                    record: record(reference, dialect, appointment: appointment), conventions: other)
                let bundle = try OceanUpdateWriter().bundle(for: update(action, reference), in: context)
                appointment = bundle.appointmentID
                #expect(try await bench.process(bundle.body).status == 200)
            }
            output = try await bench.snapshot(reference)
        }
        #expect(output?.appointments.isEmpty == true && output?.receiverFolder == .pendingBooking)
        // Why it was cancelled is what the referrer reads.
        #expect(output?.bookingComments == "Clinic closed")
    }

    @Test("a full echo of what Ocean sent is taken as the change alone", arguments: [Dialect.fhir0100, .fhir0111])
    func echo(dialect: Dialect) async throws {
        var conventions = UpdateConventions()
        conventions.echo = .full
        var output: ReferralSnapshot?
        try await Bench.run { bench in
            let reference = try await bench.ocean.send(.backPain, to: dialect == .fhir0100 ? "old-1" : "new-1")
            let call = try await bench.next()
            var record = record(reference, dialect, appointment: nil)
            record.received = call.body
            for action in [UpdateAction.accept, .book, .updateDemographics] {
                let context = UpdateContext(
                    dialect: dialect, oceanHost: "https://ocean.example.org",
                    sourceEndpoint: "https://bridge.example.org/ocean", messageID: action.rawValue,
                    messageTime: Timestamp(milliseconds: 1_772_460_000_000), record: record, conventions: conventions)
                let bundle = try OceanUpdateWriter().bundle(for: update(action, reference), in: context)
                let types = (try JSONValue(parsing: bundle.body)["entry"]?.arrayValue ?? []).compactMap {
                    $0["resource"]?["resourceType"]?.stringValue
                }
                #expect(types.count(where: { $0 == "Patient" }) == 1 && types.contains("QuestionnaireResponse"))
                #expect(try await bench.process(bundle.body).status == 200)
            }
            output = try await bench.snapshot(reference)
        }
        #expect(output?.appointments.count == 1)
        #expect(output?.history.map(\.change) == ["sent", "status accepted", "appointment", "demographics"])
    }
}
