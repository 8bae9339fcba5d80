// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import JSON
import OceanSandbox
import Testing

@Suite("Every action of a hospital", .serialized, .timeLimit(.minutes(15)))
struct ActionTests {
    /// What Ocean has a form for; the others may be refused, in words.
    private static let carried: Set<UpdateAction> = [
        .accept, .decline, .complete, .reopen, .book, .bookingComments, .message, .convertToConsult, .convertToReferral,
        .forward, .correctCategory, .reschedule, .cancelBooking, .redirect,
    ]

    private func update(_ reference: String, _ action: UpdateAction) -> ReferralUpdate {
        var update = ReferralUpdate(referral: reference, site: BridgeUnderTest.site, action: action)
        func appointment(_ start: String) -> Appointment {
            var appointment = Appointment()
            appointment.status = "booked"
            appointment.start = start
            appointment.minutes = 30
            appointment.patientStatus = "accepted"
            return appointment
        }
        switch action {
        case .decline: update.reason = "Outside our region"
        case .book, .confirmBooking: update.appointment = appointment("2027-03-01T09:30:00-05:00")
        case .reschedule: update.appointment = appointment("2027-03-08T09:30:00-05:00")
        case .bookingComments, .message, .requestInformation, .needsReview: update.text = "Please call us."
        case .forward, .assign:
            update.targetListing = BridgeUnderTest.listing0100
            update.category = Coding(system: "http://snomed.info/sct", code: "49634009", display: "MISCELLANEOUS")
        case .correctCategory:
            update.category = Coding(system: "http://snomed.info/sct", code: "103697008", display: "DENTISTRY")
        case .redirect: update.redirectURL = "https://booking.example.org/start"
        case .updateDemographics:
            var patient = Patient()
            var name = PersonName()
            name.family = "Testcase"
            name.given = ["Alex"]
            patient.names = [name]
            patient.birthDate = "1980-02-29"
            patient.gender = "other"
            update.patient = patient
        case .accept, .complete, .reopen, .cancelBooking, .convertToConsult, .convertToReferral: break
        }
        return update
    }

    @Test("each comes to Ocean, or back with a reason and a remedy", arguments: BusKind.allCases)
    func everyAction(_ bus: BusKind) async throws {
        try await withBridge(on: bus) { world in
            try await world.hospital.bind("q.results", to: [BusNames.results])
            try await world.hospital.bind("q.canonical", to: [BusNames.hospitalCanonical])
            var sent = 0
            for action in UpdateAction.allCases {
                let reference = try await world.ocean.send(.backPain, to: BridgeUnderTest.listing0111)
                _ = try await world.hospital.receive(from: "q.canonical") { $0.message.subject == reference }
                switch action {
                case .reopen:
                    try await world.hospital.send(update(reference, .decline))
                    sent += 1
                case .reschedule, .cancelBooking, .confirmBooking:
                    try await world.hospital.send(update(reference, .book))
                    sent += 1
                default: break
                }
                try await world.hospital.send(update(reference, action))
                sent += 1
            }
            let results = try await world.hospital.receive(sent, from: "q.results").map(\.data)
            for result in results where result["outcome"] != "delivered" {
                #expect(result["outcome"] == "refused", "\(result)")
                let action = result["action"]?.stringValue.flatMap { UpdateAction(rawValue: $0) }
                #expect(action.map { !Self.carried.contains($0) } == true, "\(result)")
                #expect(result["reason"]?.stringValue?.isEmpty == false)
                #expect(result["explanation"]?.stringValue?.isEmpty == false)
                #expect(result["remedy"]?.stringValue?.isEmpty == false, "\(result)")
            }
            #expect(Set(results.compactMap { $0["action"]?.stringValue }).count == UpdateAction.allCases.count)
        }
    }
}
