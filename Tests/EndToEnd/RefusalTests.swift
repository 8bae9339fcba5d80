// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import BridgeTestKit
import JSON
import OceanBridge
import OceanSandbox
import Testing

@Suite("Updates that Ocean or the hospital does not want", .serialized, .timeLimit(.minutes(15)))
struct RefusalTests {
    private static let canary = "Zzyzx-Canary"

    private func update(
        _ reference: String, _ action: UpdateAction, site: String = BridgeUnderTest.site
    ) -> ReferralUpdate {
        var update = ReferralUpdate(referral: reference, site: site, action: action)
        update.text = Self.canary
        update.reason = Self.canary
        return update
    }

    @Test(
        "Ocean's refusals come back as results that say why, and as dead letters; nothing of the patient leaves bodies",
        arguments: BusKind.allCases)
    func refused(_ bus: BusKind) async throws {
        try await withBridge(on: bus) { world in
            let hospital = world.hospital
            try await hospital.bind("q.results", to: [BusNames.results])
            try await hospital.bind("q.canonical", to: [BusNames.hospitalCanonical])

            // Another site's receiver, and a referral that nobody knows.
            let first = try await world.ocean.send(.backPain, to: BridgeUnderTest.listing0111)
            _ = try await hospital.receive(from: "q.canonical") { $0.message.subject == first }
            try await hospital.send(update(first, .accept, site: BridgeUnderTest.otherSite))
            try await hospital.send(update("no-such-referral", .accept))

            // Forwarded meanwhile: only the new receiver may update.
            let second = try await world.ocean.send(.urgentImaging, to: BridgeUnderTest.listing0111)
            _ = try await hospital.receive(from: "q.canonical") { $0.message.subject == second }
            var forward = update(second, .forward)
            forward.targetListing = BridgeUnderTest.listing0100
            forward.category = Coding(system: "http://snomed.info/sct", code: "394801008", display: "Trauma")
            try await hospital.send(forward)
            try await hospital.send(update(second, .accept))

            // The sender has taken it back.
            let third = try await world.ocean.send(.mentalHealth, to: BridgeUnderTest.listing0111)
            _ = try await hospital.receive(from: "q.canonical") { $0.message.subject == third }
            try await world.ocean.cancel(third)
            var booking = update(third, .book)
            var appointment = Appointment()
            appointment.status = "booked"
            appointment.start = "2027-03-01T09:30:00-05:00"
            appointment.minutes = 30
            booking.appointment = appointment
            try await hospital.send(booking)

            let results = try await hospital.receive(5, from: "q.results")
            func result(_ referral: String, _ action: UpdateAction) throws -> JSONValue {
                try #require(
                    results.first {
                        $0.data["referral"]?.stringValue == referral
                            && $0.data["action"]?.stringValue == action.rawValue
                    }, "\(results.map(\.data))"
                ).data
            }
            #expect(try result(second, .forward)["outcome"] == "delivered")
            for (referral, action, reason, status, code) in [
                (first, UpdateAction.accept, "wrong-site", 403, "forbidden"),
                ("no-such-referral", .accept, "unknown-referral", 404, "not-found"),
                (second, .accept, "forwarded", 403, "forbidden"),
                (third, .book, "referral-cancelled", 409, "business-rule"),
            ] {
                let data = try result(referral, action)
                #expect(data["outcome"] == "refused", "\(reason)")
                // Ocean's echo of the forwarding may have told the bridge another state meanwhile.
                let reasons = reason == "forwarded" ? [reason, "not-current-receiver"] : [reason]
                #expect(reasons.contains(data["reason"]?.stringValue ?? ""))
                #expect(data["status"]?.intValue == status)
                #expect(data["issues"]?[0]?["severity"] == "error")
                #expect(data["issues"]?[0]?["code"]?.stringValue == code)
                #expect(data["issues"]?[0]?["diagnostics"]?.stringValue?.isEmpty == false)
                #expect(data["answer"]?["resourceType"] == "OperationOutcome")
                #expect(data["explanation"]?.stringValue?.hasSuffix("Nothing was changed.") == true)
                #expect(data["remedy"]?.stringValue?.isEmpty == false)
            }
            let letters = try await hospital.receive(4, from: BusNames.deadLetters)
            let refusals = Set(letters.compactMap { $0.message.headers["x-refusal"]?.text })
            #expect(refusals.isSuperset(of: ["wrong-site", "unknown-referral", "referral-cancelled"]))
            #expect(letters.allSatisfy { $0.message.headers["x-issues"]?.text.hasPrefix("error ") == true })
            for entry in results + letters {
                var envelope = entry.message
                envelope.body = []
                #expect(!"\(envelope)".contains(Self.canary))
            }
            #expect(!world.log.text.contains(Self.canary))
        }
    }

    /// Runs on the bus with settings that switch things off for site 1234.
    private func withSettings(
        _ bus: BusKind, _ site: String, _ body: @Sendable @escaping (BridgeUnderTest) async throws -> Void
    ) async throws {
        @Sendable func run(_ url: String) async throws {
            try await withTemporaryDirectory { directory in
                try await runBridge(directory: directory, bus: url, site: site, body)
            }
        }
        switch bus {
        case .embedded: try await run("embedded")
        case .rabbitmq:
            let broker = try await RabbitMQBroker.shared()
            try await broker.withVirtualHost { try await run($0) }
        }
    }

    @Test(
        "an action that the site has switched off is refused with the setting's name; Ocean hears nothing of it",
        arguments: BusKind.allCases)
    func denied(_ bus: BusKind) async throws {
        try await withSettings(bus, "actions: { deny: [decline, forward] }") { world in
            try await world.hospital.bind("q.results", to: [BusNames.results])
            let reference = try await world.ocean.send(.backPain, to: BridgeUnderTest.listing0111)
            try await world.hospital.send(update(reference, .decline))
            try await world.hospital.send(update(reference, .accept))
            let results = try await world.hospital.receive(2, from: "q.results")
            #expect(results.map { $0.data["outcome"] } == ["refused", "delivered"])
            #expect(results[0].data["reason"] == "action-switched-off")
            #expect(results[0].data["explanation"]?.stringValue?.contains("sites.1234.actions.deny") == true)
            #expect(results[0].message.type == .updateRefused)
            let letter = try #require(try await world.hospital.receive(1, from: BusNames.deadLetters).first)
            #expect(letter.message.headers["x-reason"]?.text == "action-switched-off")
            let snapshot = try #require(await world.ocean.snapshot().first { $0.reference == reference })
            #expect(snapshot.receiverFolder == .pendingBooking, "accepted, never declined")
        }
    }

    @Test(
        "a dry run puts the exact bundle into the result and tells Ocean nothing; the command renders the same form",
        arguments: BusKind.allCases)
    func dryRun(_ bus: BusKind) async throws {
        try await withSettings(bus, "dryRun: true") { world in
            try await world.hospital.bind("q.results", to: [BusNames.results])
            try await world.hospital.bind("q.canonical", to: [BusNames.hospitalCanonical])
            let reference = try await world.ocean.send(.backPain, to: BridgeUnderTest.listing0100)
            _ = try await world.hospital.receive(1, from: "q.canonical")
            try await world.hospital.send(update(reference, .accept))
            let result = try #require(try await world.hospital.receive(1, from: "q.results").first)
            #expect(result.message.type == .updateDryRun)
            #expect(result.data["outcome"] == "dry-run")
            #expect(result.data["bundle"]?["resourceType"] == "Bundle")
            #expect(result.data["bundle"]?["type"] == "message")
            let snapshot = try #require(await world.ocean.snapshot().first { $0.reference == reference })
            #expect(snapshot.receiverFolder == .new)

            let rendered = try await world.hospital.post("/api/v1/updates/dry-run", update(reference, .accept).json)
            #expect(rendered.status == 200, "\(rendered.text)")
            #expect(rendered.json?["referralKnown"] == true)
            #expect(rendered.json?["dialect"] == "0.10.0", "the dialect of the referral, from the store")
            #expect(rendered.json?["preventedBy"] == "sites.1234.dryRun")
            #expect(
                rendered.json?["bundle"]?["entry"]?.arrayValue?.count
                    == result.data["bundle"]?["entry"]?.arrayValue?.count)
            let broken = try await world.hospital.post("/api/v1/updates/dry-run", ["referral": "r"])
            #expect(broken.status == 422)
            #expect(!world.log.text.contains(Self.canary))
        }
    }
}
