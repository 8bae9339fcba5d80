// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import BridgeTestKit
import JSON
import OceanSandbox
import Testing

@Suite("eForms", .serialized, .timeLimit(.minutes(3)))
struct FormTests {
    private static let canary = "Zzyzxcanary"

    private func request(_ change: (inout FormRequest) -> Void = { _ in }) -> FormRequest {
        var request = FormRequest()
        request.site = BridgeUnderTest.site
        request.forms = ["intake"]
        request.externalPatientRef = "CH-9001"
        request.reasonForVisit = "First visit"
        var patient = Patient()
        var name = PersonName()
        name.family = Self.canary
        name.given = ["Alex"]
        patient.names = [name]
        patient.birthDate = "1980-02-29"
        patient.gender = "female"
        request.patient = patient
        change(&request)
        return request
    }

    private func ask(_ request: FormRequest, _ world: BridgeUnderTest) async throws -> String {
        let answer = try await world.hospital.post("/api/v1/forms", request.json)
        #expect(answer.status == 202, "\(answer.text)")
        return try #require(answer.json?["id"]?.stringValue)
    }

    @Test(
        "a hospital asks for a form, gets its link, and the patient's answers come back", arguments: BusKind.allCases)
    func wholeWay(_ bus: BusKind) async throws {
        try await withBridge(on: bus) { world in
            try await world.hospital.bind("q.results", to: [BusNames.results])
            try await world.hospital.bind("q.fhir", to: [BusNames.hospitalFHIR])
            try await world.hospital.bind("q.canonical", to: [BusNames.hospitalCanonical])
            let id = try await ask(request { $0.idempotencyKey = "visit-1" }, world)
            let result = try #require(try await world.hospital.receive(1, from: "q.results").first)
            #expect(result.message.type == .formCreated)
            #expect(result.data["requestId"]?.stringValue == id)
            let link = try #require(result.data["link"]?.stringValue)
            #expect(link.hasPrefix("http://127.0.0.1:") && link.contains("linkRef="))
            let ref = try #require(result.data["patientRef"]?.stringValue)
            #expect(await world.ocean.requestedForms() == [ref])

            // The same request again is the same form.
            _ = try await ask(request { $0.idempotencyKey = "visit-1" }, world)
            let again = try #require(try await world.hospital.receive(1, from: "q.results").first)
            #expect(again.data["link"]?.stringValue == link)
            #expect(await world.ocean.requestedForms() == [ref])

            try await world.ocean.completeForm(of: ref)
            let completed = try #require(try await world.hospital.receive(1, from: "q.canonical").first)
            #expect(completed.message.type == .formCompleted)
            let engagement = completed.data["engagement"]
            #expect(engagement?["patientRef"]?.stringValue == ref)
            #expect(engagement?["externalPatientRef"] == "CH-9001")
            #expect(engagement?["reasonForVisit"] == "First visit")
            #expect(engagement?["patient"]?["names"]?[0]?["family"]?.stringValue == Self.canary)
            #expect(engagement?["forms"]?[0]?["ref"] == "intake")
            #expect(engagement?["note"]?["text"] != nil)
            let fhir = try #require(try await world.hospital.receive(1, from: "q.fhir").first)
            let types =
                fhir.data["entry"]?.arrayValue?.compactMap { $0["resource"]?["resourceType"]?.stringValue } ?? []
            #expect(Set(types).isSuperset(of: ["Patient", "QuestionnaireResponse", "DocumentReference"]), "\(types)")
            #expect(!world.log.text.contains(Self.canary) && !world.log.text.contains("CH-9001"))
        }
    }

    @Test("a form finds the referral of its patient and goes where that went", arguments: BusKind.allCases)
    func matched(_ bus: BusKind) async throws {
        try await withBridge(on: bus) { world in
            try await world.hospital.bind("q.canonical", to: [BusNames.hospitalCanonical])
            try await world.hospital.bind("q.fhir", to: [BusNames.hospitalFHIR])
            let reference = try await world.ocean.send(.backPain, to: BridgeUnderTest.listing0111)
            _ = try await world.hospital.receive(from: "q.canonical") { $0.message.subject == reference }
            try await world.ocean.completeForm(site: BridgeUnderTest.site, .backPain)
            let completed = try await world.hospital.receive(from: "q.canonical") {
                $0.message.type == .formCompleted
            }
            let match = completed.data["engagement"]?["matched"]
            #expect(match?["referral"]?.stringValue == reference, "\(completed.data)")
            #expect(["mrn", "health-number", "name"].contains(match?["by"]?.stringValue ?? ""))
            #expect(completed.message.headers["x-matched-referral"]?.text == reference)
            #expect(completed.message.attributes.service == "ORTHOPAEDICS")
            let fhir = try await world.hospital.receive(from: "q.fhir") { $0.message.type == .formCompleted }
            let entries = fhir.data["entry"]?.arrayValue?.compactMap { $0["resource"] } ?? []
            let response = entries.first { $0["resourceType"] == "QuestionnaireResponse" }
            #expect(response?["basedOn"]?[0]?["identifier"]?["value"]?.stringValue == reference)
            let types = Set(entries.compactMap { $0["resourceType"]?.stringValue })
            #expect(
                types.isSuperset(of: ["Condition", "MedicationStatement", "AllergyIntolerance", "Immunization"]),
                "\(types)")
        }
    }

    @Test(
        "what Ocean answers badly is tried again or kept, and nothing is lost",
        arguments: [
            OpenAPIFault.Kind.wrongKey, .truncatedCiphertext, .brokenBody, .errorPage,
        ])
    func badAnswers(_ kind: OpenAPIFault.Kind) async throws {
        try await withBridge(on: .embedded) { world in
            try await world.hospital.bind("q.canonical", to: [BusNames.hospitalCanonical])
            var plan = FaultPlan()
            plan.openAPI = OpenAPIFault(kind, on: .patient, times: kind == .errorPage ? 3 : 1)
            world.ocean.arm(plan)
            try await world.ocean.completeForm(site: BridgeUnderTest.site)
            if kind != .errorPage {
                let letter = try #require(try await world.hospital.receive(1, from: BusNames.deadLetters).first)
                #expect(letter.message.headers["x-reason"]?.text == "undecipherable")
                #expect(letter.data["engagement"]?["sealed"]?["patient"]?["body"] != nil)
                try await world.ocean.completeForm(site: BridgeUnderTest.site)
            }
            let completed = try #require(try await world.hospital.receive(1, from: "q.canonical").first)
            #expect(completed.data["engagement"]?["patient"] != nil)
        }
    }

    @Test(
        "a creating call that goes wrong is tried again, or refused in words",
        arguments: [OpenAPIFault.Kind.brokenBody, .errorPage])
    func badCreation(_ kind: OpenAPIFault.Kind) async throws {
        try await withBridge(on: .embedded) { world in
            try await world.hospital.bind("q.results", to: [BusNames.results])
            var plan = FaultPlan()
            plan.openAPI = OpenAPIFault(kind, on: .patient)
            plan.forms = Fault(status: 503, times: 2)
            world.ocean.arm(plan)
            _ = try await ask(request(), world)
            let result = try #require(try await world.hospital.receive(1, from: "q.results").first)
            if kind == .errorPage {
                // No answer of Ocean's: asked again, and the same request makes no second form.
                #expect(result.data["outcome"] == "created")
            } else {
                #expect(result.data["outcome"] == "refused" && result.data["reason"] == "invalid-answer")
                let letter = try #require(try await world.hospital.receive(1, from: BusNames.deadLetters).first)
                #expect(letter.message.type == .formRequested)
            }
            #expect(await world.ocean.requestedForms().count == 1)
        }
    }

    @Test("a lost answer makes no second form")
    func lostAnswer() async throws {
        try await withBridge(on: .embedded) { world in
            try await world.hospital.bind("q.results", to: [BusNames.results])
            var plan = FaultPlan()
            plan.forms = Fault(times: 1, dropAnswer: true)
            world.ocean.arm(plan)
            _ = try await ask(request(), world)
            let result = try #require(try await world.hospital.receive(1, from: "q.results").first)
            #expect(result.data["outcome"] == "created" && result.data["attempts"] == 2)
            #expect(await world.ocean.requestedForms().count == 1)
        }
    }

    @Test("a request that cannot be is refused at the door, or in words")
    func refused() async throws {
        try await withBridge(on: .embedded) { world in
            try await world.hospital.bind("q.results", to: [BusNames.results])
            let answer = try await world.hospital.post("/api/v1/forms", ["site": "1234", "forms": []])
            #expect(answer.status == 422 && answer.json?["pointer"] == "/forms")
            // Another site has no key, and Ocean knows no such patient.
            _ = try await ask(request { $0.site = BridgeUnderTest.otherSite }, world)
            _ = try await ask(
                request {
                    $0.patient = nil
                    $0.patientRef = "99999"
                }, world)
            let results = try await world.hospital.receive(2, from: "q.results").map(\.data)
            #expect(results.allSatisfy { $0["outcome"] == "refused" && $0["remedy"]?.stringValue?.isEmpty == false })
            #expect(Set(results.compactMap { $0["reason"]?.stringValue }) == ["no-key", "refused"])
        }
    }
}
