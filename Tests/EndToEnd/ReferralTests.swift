// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import BridgeTestKit
import JSON
import OceanSandbox
import Testing

private let exchanges = [BusNames.hospitalFHIR, BusNames.hospitalOcean, BusNames.hospitalCanonical]

@Suite("A referral on its way", .serialized, .timeLimit(.minutes(15)))
struct ReferralTests {
    @Test("a referral of each form reaches every hospital exchange", arguments: BusKind.allCases)
    func arrives(_ bus: BusKind) async throws {
        try await withBridge(on: bus) { world in
            for exchange in exchanges { try await world.hospital.bind("q.\(exchange)", to: [exchange]) }
            let listings = [BridgeUnderTest.listing0111, BridgeUnderTest.listing0100, BridgeUnderTest.listingJSON]
            var references: Set<String> = []
            for listing in listings { references.insert(try await world.ocean.send(.backPain, to: listing)) }
            for exchange in exchanges {
                let received = try await world.hospital.receive(3, from: "q.\(exchange)")
                #expect(Set(received.compactMap(\.message.subject)) == references, "\(exchange)")
                #expect(received.allSatisfy { $0.message.type == .referralReceived })
                #expect(received.allSatisfy { $0.message.attributes.site == BridgeUnderTest.site })
                #expect(
                    Set(received.compactMap(\.message.attributes.service)) == ["ORTHOPAEDICS", "IMAGING", "CARDIOLOGY"])
                // Of the three forms only 0.11.1 carries the label HTEST.
                #expect(
                    received.allSatisfy {
                        $0.message.attributes.test == ($0.message.attributes.service == "ORTHOPAEDICS")
                    })
                for message in received {
                    switch exchange {
                    case BusNames.hospitalFHIR:
                        #expect(message.data["resourceType"] == "Bundle")
                        #expect(message.data["entry"]?[0]?["resource"]?["resourceType"] == "MessageHeader")
                    case BusNames.hospitalOcean:
                        #expect(message.data["referralRef"]?.stringValue == message.message.subject)
                        #expect(message.data["ptData"]?["demographics"]?["surname"]?.stringValue?.isEmpty == false)
                    default:
                        #expect(message.data["referral"]?["ref"]?.stringValue == message.message.subject)
                        #expect(message.data["original"]?["sha256"]?.stringValue?.utf8.count == 64)
                    }
                }
            }
        }
    }

    @Test("answers change Ocean's folder, in order, with results and marked echoes", arguments: BusKind.allCases)
    func answers(_ bus: BusKind) async throws {
        try await withBridge(on: bus) { world in
            try await world.hospital.bind("q.canonical", to: [BusNames.hospitalCanonical])
            try await world.hospital.bind("q.results", to: [BusNames.results])
            for listing in [BridgeUnderTest.listing0111, BridgeUnderTest.listing0100] {
                let reference = try await world.ocean.send(.backPain, to: listing)
                _ = try await world.hospital.receive(from: "q.canonical") { $0.message.subject == reference }
                var update = ReferralUpdate(referral: reference, site: BridgeUnderTest.site, action: .accept)
                try await world.hospital.send(update)
                update.action = .book
                var appointment = Appointment()
                appointment.status = "booked"
                appointment.start = "2027-03-01T09:30:00-05:00"
                appointment.end = "2027-03-01T10:00:00-05:00"
                appointment.minutes = 30
                appointment.patientStatus = "accepted"
                update.appointment = appointment
                try await world.hospital.send(update)
                update = ReferralUpdate(referral: reference, site: BridgeUnderTest.site, action: .message)
                update.text = "Please send the last report."
                try await world.hospital.send(update)
                let results = try await world.hospital.receive(3, from: "q.results")
                #expect(results.map { $0.data["action"] } == ["accept", "book", "message"], "\(listing)")
                #expect(results.allSatisfy { $0.data["outcome"] == "delivered" }, "\(results.map(\.data))")
                let snapshot = try #require(await world.ocean.snapshot().first { $0.reference == reference })
                #expect(snapshot.receiverFolder == .awaitingReply)
                #expect(snapshot.senderFolder == .awaitingResponse)
                #expect(snapshot.appointments.count == 1)
                #expect(snapshot.messages.map(\.text) == ["Please send the last report."])
                for _ in 0..<3 {
                    let echo = try await world.hospital.receive(from: "q.canonical") { $0.message.subject == reference }
                    #expect(echo.message.attributes.echo, "Ocean's echo of our own change is marked")
                }
            }
        }
    }

    @Test("a decline, and a reopening afterwards", arguments: BusKind.allCases)
    func decline(_ bus: BusKind) async throws {
        try await withBridge(on: bus) { world in
            try await world.hospital.bind("q.results", to: [BusNames.results], key: "1234.*.delivered")
            let reference = try await world.ocean.send(.urgentImaging, to: BridgeUnderTest.listing0111)
            var update = ReferralUpdate(referral: reference, site: BridgeUnderTest.site, action: .decline)
            update.reason = "Outside our region"
            try await world.hospital.send(update)
            _ = try await world.hospital.receive(1, from: "q.results")
            var snapshot = try #require(await world.ocean.snapshot().first { $0.reference == reference })
            #expect(snapshot.receiverFolder == .declined)
            #expect(snapshot.statusReason == "Outside our region")
            update = ReferralUpdate(referral: reference, site: BridgeUnderTest.site, action: .reopen)
            try await world.hospital.send(update)
            _ = try await world.hospital.receive(1, from: "q.results")
            snapshot = try #require(await world.ocean.snapshot().first { $0.reference == reference })
            #expect(snapshot.receiverFolder == .pendingBooking)
        }
    }

    @Test("a completed form is fetched, decrypted and delivered in every form", arguments: BusKind.allCases)
    func form(_ bus: BusKind) async throws {
        try await withBridge(on: bus) { world in
            for exchange in exchanges { try await world.hospital.bind("q.\(exchange)", to: [exchange]) }
            let patient = try await world.ocean.completeForm(site: BridgeUnderTest.site)
            for exchange in exchanges {
                let received = try #require(try await world.hospital.receive(1, from: "q.\(exchange)").first)
                #expect(received.message.type == .formCompleted)
                switch exchange {
                case BusNames.hospitalFHIR:
                    let types = received.data["entry"]?.arrayValue?.compactMap { $0["resource"]?["resourceType"] } ?? []
                    #expect(types.contains("Patient") && types.contains("QuestionnaireResponse"), "\(types)")
                case BusNames.hospitalCanonical:
                    #expect(received.data["engagement"]?["patientRef"]?.stringValue == patient)
                    #expect(received.data["engagement"]?["patient"]?["names"]?[0]?["family"] != nil)
                    #expect(received.data["event"]?["thin"] == nil)
                default:
                    #expect(received.data["demographics"]?["surname"] != nil || received.data["ptData"] != nil)
                }
            }
        }
    }

    @Test("a cancellation by the sender arrives as such", arguments: BusKind.allCases)
    func cancelled(_ bus: BusKind) async throws {
        try await withBridge(on: bus) { world in
            try await world.hospital.bind("q.fhir", to: [BusNames.hospitalFHIR])
            let reference = try await world.ocean.send(.mentalHealth, to: BridgeUnderTest.listing0111)
            _ = try await world.hospital.receive(1, from: "q.fhir")
            try await world.ocean.cancel(reference)
            let received = try await world.hospital.receive(1, from: "q.fhir")
            #expect(received.first?.message.type == .referralCancelled)
            #expect(received.first?.message.subject == reference)
        }
    }
}
