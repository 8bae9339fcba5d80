// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import BridgeTestKit
import FoundationEssentials
import JSON
import OceanSandbox
import Testing

/// The hospital's application: a browser comes to it with a handle, which it exchanges with its own credentials.
private struct HospitalApplication {
    let bridge: String
    let password: String

    /// What the application's page does when a browser comes to `address`.
    func arrive(_ address: String) async throws -> HospitalSide.Answer {
        let handle = address.split(separator: "?").last?.split(separator: "&")
            .first { $0.hasPrefix("handle=") }?.dropFirst(7)
        let credentials = Data("booking:\(password)".utf8).base64EncodedString()
        return try await HospitalSide.call(
            "POST", "\(bridge)/launch/handles/\(handle ?? "none")",
            headers: [("Authorization", "Basic \(credentials)")], body: [])
    }
}

@Suite("Referral System Launch, from Ocean to the hospital's application", .timeLimit(.minutes(5)))
struct LaunchEndToEndTests {
    private static let settings = """
        launch:
          booking:
            companyName: Invented Hospital
            applicationName: Booking
            category: Scheduling
            url: "https://booking.hospital.example/start?lang={lang}"
            parameters: lang
            auth: { basic: { username: booking, password: booking-canary-password } }
        """

    private func withLaunches(
        on bus: BusKind, _ body: @Sendable @escaping (BridgeUnderTest) async throws -> Void
    ) async throws {
        switch bus {
        case .embedded:
            try await withTemporaryDirectory { directory in
                try await runBridge(directory: directory, bus: "embedded", extra: Self.settings, body)
            }
        case .rabbitmq:
            try await RabbitMQBroker.shared().withVirtualHost { url in
                try await withTemporaryDirectory { directory in
                    try await runBridge(directory: directory, bus: url, extra: Self.settings, body)
                }
            }
        }
    }

    @Test(
        "a browser goes from Ocean over the bridge to the application, which learns the referral once",
        arguments: BusKind.allCases)
    func launch(_ bus: BusKind) async throws {
        try await withLaunches(on: bus) { world in
            try await world.hospital.bind(
                "q.referrals", to: [BusNames.hospitalCanonical], key: "*.*.add-service-request")
            try await world.hospital.bind("q.launches", to: [BusNames.hospitalCanonical], key: "*.*.launch-requested")
            let reference = try await world.ocean.send(.backPain, to: BridgeUnderTest.listing0111)
            _ = try await world.hospital.receive(from: "q.referrals") { $0.message.subject == reference }
            let ocean = try await world.ocean.launch(reference)
            #expect(ocean.url.hasPrefix("\(world.bridge)/launch/booking?referralRef="))
            let landed = try await HospitalSide.call("GET", ocean.url + "&lang=fr&patientName=Canary")
            #expect(landed.status == 303)
            let address = try #require(landed.headers["location"])
            #expect(address.hasPrefix("https://booking.hospital.example/start?lang=fr&handle="))
            #expect(!address.contains(reference))
            let message = try #require(try await world.hospital.receive(1, from: "q.launches").first)
            #expect(message.message.type == .launchRequested)
            #expect(message.message.subject == reference)
            #expect(message.message.attributes.site == BridgeUnderTest.site)
            #expect(message.message.attributes.service == "ORTHOPAEDICS")
            #expect(message.data["parameters"] == ["lang": "fr"])
            let application = HospitalApplication(bridge: world.bridge, password: "booking-canary-password")
            let first = try await application.arrive(address)
            #expect(first.status == 200)
            #expect(first.json == message.data)
            #expect(first.json?["referral"]?.stringValue == reference)
            #expect(try await application.arrive(address).status == 404)
            let stranger = HospitalApplication(bridge: world.bridge, password: "guess")
            #expect(try await stranger.arrive(address).status == 401)
            let handle = try #require(address.split(separator: "handle=").last.map(String.init))
            for secret in [reference, handle, "canary", "Canary", "patientName", "lang=fr"] {
                let lines = world.log.text.split(separator: "\n").filter {
                    $0.contains("launch") && !$0.contains("Ocean")
                }
                #expect(!lines.contains { $0.contains(secret) }, "\(secret)")
            }
            #expect(!world.log.text.contains(handle))
            #expect(world.log.text.contains("launch exchange"))
        }
    }

    @Test("a launch that no hospital system has asked for is kept, and the browser goes on")
    func unrouted() async throws {
        try await withLaunches(on: .embedded) { world in
            let landed = try await HospitalSide.call("GET", "\(world.bridge)/launch/booking?referralRef=made-up")
            #expect(landed.status == 303)
            let kept = try #require(try await world.hospital.receive(1, from: BusNames.unrouted).first)
            #expect(kept.message.type == .launchRequested)
            #expect(kept.message.headers["x-reason"] == .string("unroutable"))
            #expect(kept.message.headers["x-routing-key"] == .string("unknown.unknown.launch-requested"))
        }
    }

    @Test(
        "the other way: an update with the action redirect tells Ocean where to send the sender, in both API versions",
        arguments: [BridgeUnderTest.listing0111, BridgeUnderTest.listing0100])
    func redirect(listing: String) async throws {
        try await withBridge(on: .embedded) { world in
            try await world.hospital.bind("q.results", to: [BusNames.results])
            try await world.hospital.bind("q.canonical", to: [BusNames.hospitalCanonical])
            let reference = try await world.ocean.send(.backPain, to: listing)
            _ = try await world.hospital.receive(from: "q.canonical") { $0.message.subject == reference }
            var update = ReferralUpdate(referral: reference, site: BridgeUnderTest.site, action: .redirect)
            update.redirectURL = "https://booking.hospital.example/start?case=7"
            try await world.hospital.send(update)
            let result = try #require(try await world.hospital.receive(1, from: "q.results").first)
            #expect(result.data["outcome"] == "delivered")
            let referral = try #require(await world.ocean.snapshot().first { $0.reference == reference })
            #expect(referral.redirectURL == "https://booking.hospital.example/start?case=7")
            #expect(referral.taskStatus == "accepted")
        }
    }
}
