// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import BridgeTestKit
import FoundationEssentials
import JSON
import OceanSandbox
import Testing

private let quick = "documents: { pace: 10ms }"
private let byOpenAPI = "updates: { transport: open-api }"

@Suite("The Open eReferral API on its way", .serialized, .timeLimit(.minutes(4)))
struct OpenReferralTests {
    private func referral(
        _ reference: String, _ world: BridgeUnderTest,
        where fits: @escaping (HospitalSide.Received) -> Bool = { _ in true }
    ) async throws -> HospitalSide.Received {
        try await world.hospital.receive(from: "q.canonical") {
            $0.message.subject == reference && $0.message.type != .documentAvailable && fits($0)
        }
    }

    private func notices(_ count: Int, _ world: BridgeUnderTest) async throws -> [HospitalSide.Received] {
        var output: [HospitalSide.Received] = []
        while output.count < count {
            output.append(
                try await world.hospital.receive(from: "q.canonical") { $0.message.type == .documentAvailable })
        }
        return output
    }

    private func message(_ reference: String, _ text: String, file: [UInt8]? = nil) -> ReferralUpdate {
        var update = ReferralUpdate(referral: reference, site: BridgeUnderTest.site, action: .message)
        update.text = text
        if let file {
            var document = Document()
            document.title = "report.txt"
            document.contentType = "text/plain"
            document.data = Data(file).base64EncodedString()
            update.documents = [document]
        }
        return update
    }

    private func snapshot(_ reference: String, _ world: BridgeUnderTest) async throws -> ReferralSnapshot {
        try #require(await world.ocean.snapshot().first { $0.reference == reference })
    }

    @Test(
        "a thin event becomes a referral with patient, file names and messages; its files are kept and told of",
        arguments: BusKind.allCases)
    func arrives(_ bus: BusKind) async throws {
        try await withBridge(on: bus, documents: quick) { world in
            try await world.hospital.bind("q.canonical", to: [BusNames.hospitalCanonical])
            // Files of 10 MB once, small ones on the other bus.
            let (kind, count) = bus == .embedded ? (SyntheticReferral.Kind.scans, 4) : (.attachments, 2)
            let reference = try await world.ocean.send(kind, to: BridgeUnderTest.listingThin)
            let received = try await referral(reference, world)
            #expect(received.data["event"]?["thin"] != true)
            #expect(received.data["referral"]?["patient"]?["names"]?[0]?["family"] == "Examplewoman")
            let files = received.data["referral"]?["documents"]?.arrayValue ?? []
            #expect(files.count == count && files.allSatisfy { $0["title"]?.stringValue?.contains(".") == true })
            let told = try await notices(count, world)
            #expect(Set(told.compactMap { $0.data["document"]?["title"] }) == Set(files.compactMap { $0["title"] }))
            for notice in told {
                #expect(notice.message.subject == reference)
                #expect(notice.data["document"]?["encryptedKey"] == nil)
                let path = try #require(notice.data["fetch"]?.stringValue)
                let answer = try await world.hospital.get(path + "?actor=archive&reason=test")
                #expect(answer.status == 200)
                #expect(answer.body.count == notice.data["document"]?["size"]?.intValue)
            }
            try await world.ocean.message(reference, text: "The patient called.")
            let later = try await referral(reference, world)
            #expect(later.data["referral"]?["communications"]?[0]?["text"] == "The patient called.")
            #expect(later.message.attributes.echo == false)
        }
    }

    @Test(
        "a reply goes encrypted with its file, once, and comes back as an echo; an acceptance goes by FHIR",
        arguments: BusKind.allCases)
    func answers(_ bus: BusKind) async throws {
        try await withBridge(on: bus, documents: quick, site: byOpenAPI) { world in
            try await world.hospital.bind("q.canonical", to: [BusNames.hospitalCanonical])
            try await world.hospital.bind("q.results", to: [BusNames.results])
            let reference = try await world.ocean.send(.backPain, to: BridgeUnderTest.listingThin)
            _ = try await referral(reference, world)
            // The work is done, the answer lost: twice, for the message and for its file.
            var plan = FaultPlan()
            plan.replies = Fault(times: 1, dropAnswer: true)
            world.ocean.arm(plan)
            try await world.hospital.send(message(reference, "Which side?", file: Array("invented".utf8)))
            let result = try #require(try await world.hospital.receive(1, from: "q.results").first?.data)
            #expect(result["outcome"] == "delivered", "\(result)")
            let state = try await snapshot(reference, world)
            #expect(state.messages.map(\.text) == ["Which side?"])
            #expect(state.messages.first?.files.map(\.name) == ["report.txt"])
            let echo = try await referral(reference, world)
            #expect(echo.message.attributes.echo)
            #expect(echo.data["referral"]?["communications"]?[0]?["text"] == "Which side?")
            // Its file is one of the referral's now, and kept like the others.
            let told = try #require(try await notices(1, world).first)
            #expect(told.data["document"]?["title"] == "report.txt")

            try await world.hospital.send(message(reference, "And since when?"))
            let second = try #require(try await world.hospital.receive(1, from: "q.results").first?.data)
            #expect(second["answer"]?["messageRef"]?.stringValue?.isEmpty == false)
            let accept = ReferralUpdate(referral: reference, site: BridgeUnderTest.site, action: .accept)
            try await world.hospital.send(accept)
            let accepted = try await world.hospital.receive(1, from: "q.results").first?.data
            #expect(accepted?["outcome"] == "delivered")
            #expect(try await snapshot(reference, world).taskStatus == "accepted")
        }
    }

    @Test("the previous key opens referrals and files alike")
    func previousKey() async throws {
        // The bridge holds the new key as current; this Ocean still uses the one before.
        let keys = #", previousSharedEncryptionKey: "Before#2024aBcD!""#
        try await withBridge(
            on: .embedded, documents: quick, openAPI: keys,
            ocean: { $0.sites[0].sharedEncryptionKey = "Before#2024aBcD!" }
        ) { world in
            try await world.hospital.bind("q.canonical", to: [BusNames.hospitalCanonical])
            let reference = try await world.ocean.send(.attachments, to: BridgeUnderTest.listingThin)
            #expect(try await referral(reference, world).data["referral"]?["patient"] != nil)
            #expect(try await notices(2, world).count == 2)
        }
    }

    @Test("a wrong key is a dead letter that names the setting; nothing of the patient is told")
    func wrongKey() async throws {
        try await withBridge(
            on: .embedded, documents: quick, ocean: { $0.sites[0].sharedEncryptionKey = "Before#2024aBcD!" }
        ) { world in
            let reference = try await world.ocean.send(.attachments, to: BridgeUnderTest.listingThin)
            let letter = try #require(try await world.hospital.receive(1, from: BusNames.deadLetters).first)
            #expect(letter.message.subject == reference)
            #expect(letter.message.headers["x-reason"] == .string("undecipherable"))
            let detail = letter.message.headers["x-detail"]?.text ?? ""
            #expect(detail.contains("sites.1234.openApi.sharedEncryptionKey"))
        }
    }

    @Test("what comes broken is tried again or a dead letter with one reason, and the next one arrives")
    func broken() async throws {
        try await withBridge(on: .embedded, documents: quick) { world in
            try await world.hospital.bind("q.canonical", to: [BusNames.hospitalCanonical])
            func arm(_ fault: OpenAPIFault) {
                var plan = FaultPlan()
                plan.openAPI = fault
                world.ocean.arm(plan)
            }
            for kind in [OpenAPIFault.Kind.brokenBody, .errorPage, .redirect] {
                arm(OpenAPIFault(kind, times: 2))
                let reference = try await world.ocean.send(.backPain, to: BridgeUnderTest.listingThin)
                #expect(try await referral(reference, world).data["referral"]?["patient"] != nil, "\(kind)")
            }
            for kind in [OpenAPIFault.Kind.wrongKey, .truncatedCiphertext, .badPadding] {
                arm(OpenAPIFault(kind, times: 1))
                let reference = try await world.ocean.send(.backPain, to: BridgeUnderTest.listingThin)
                let letter = try #require(try await world.hospital.receive(1, from: BusNames.deadLetters).first)
                #expect(letter.message.subject == reference)
                #expect(letter.message.headers["x-reason"] == .string("undecipherable"), "\(kind)")
            }
            arm(OpenAPIFault(.truncatedCiphertext, on: .attachment, times: 2))
            _ = try await world.ocean.send(.attachments, to: BridgeUnderTest.listingThin)
            #expect(try await notices(2, world).count == 2)
            arm(OpenAPIFault(.wrongKey, on: .attachment, times: 100))
            let reference = try await world.ocean.send(.attachments, to: BridgeUnderTest.listingThin)
            let letters = try await world.hospital.receive(2, from: BusNames.deadLetters)
            #expect(letters.allSatisfy { $0.message.headers["x-reason"] == .string("undecipherable") })
            #expect(letters.allSatisfy { $0.message.subject == reference })
        }
    }

    @Test("a referral wrapped with the site's private key opens where that is switched on")
    func privateKeys() async throws {
        try await withBridge(on: .embedded, documents: quick, site: byOpenAPI, openAPI: ", privateKeys: on") { world in
            try await world.hospital.bind("q.canonical", to: [BusNames.hospitalCanonical])
            try await world.hospital.bind("q.results", to: [BusNames.results])
            let reference = try await world.ocean.send(.attachments, to: BridgeUnderTest.listingThin)
            #expect(try await referral(reference, world).data["referral"]?["patient"] != nil)
            #expect(try await notices(2, world).count == 2)
            try await world.hospital.send(message(reference, "Which side?"))
            let result = try await world.hospital.receive(1, from: "q.results").first?.data
            #expect(result?["outcome"] == "delivered")
            #expect(try await snapshot(reference, world).messages.map(\.text) == ["Which side?"])
        }
    }
}
