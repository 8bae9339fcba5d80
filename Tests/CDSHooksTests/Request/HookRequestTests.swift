// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import CDSHooks
import JSON
import Testing

@Suite("Hook calls")
struct HookRequestTests {
    private func fault(_ body: [UInt8], needs: Set<PrefetchKey> = []) -> HookError? {
        do throws(HookError) {
            try HookRequest(body, for: HookSamples.service()).check(needs: needs)
            return nil
        } catch {
            return error
        }
    }

    @Test("discovery names the hook and Ocean's prefetch keys with their templates")
    func discovery() {
        let json = HookService.discovery([HookSamples.service()])
        let service = json["services"]?[0]
        #expect(service?["hook"] == "order-sign")
        #expect(service?["id"] == "check")
        #expect(service?["title"] == "Check")
        #expect(service?["description"] == "Checks referrals.")
        #expect(service?["prefetch"]?["patient"] == "Patient/{{context.patientId}}")
        #expect(
            service?["prefetch"]?["questionnaireResponse"]
                == "QuestionnaireResponse?encounter={{context.encounterId}}")
        #expect(service?["prefetch"]?["userPractitioner"] == "{{context.userId}}")
        #expect(
            service?["prefetch"]?["userPractitionerRole"] == "PractitionerRole?practitioner={{context.userId}}")
        #expect(service?["prefetch"]?["v11Bundle"] == "Bundle?_query=on-v11-add-service-request")
        #expect(service?["prefetch"]?.objectValue?.count == 5)
    }

    @Test("a call is read, and what it does not know it leaves aside")
    func complete() throws {
        let body = try HookSamples.call {
            $0["fhirAuthorization"] = ["access_token": "t"]
            $0["novel"] = 7
            $0["context"]?["draftOrders"] = ["resourceType": "Bundle"]
            $0["context"]?["novel"] = [1]
        }
        let request = try HookRequest(body, for: HookSamples.service())
        #expect(request.hookInstance == HookSamples.instance)
        #expect(request.userID == "Practitioner/pr-1")
        #expect(request.patientID == "pt-1")
        #expect(request.encounterID == "enc-1")
        #expect(request[.v11Bundle].resource != nil)
        #expect(request[.patient] == .absent)
    }

    @Test("absent, null and OperationOutcome are three things")
    func states() throws {
        let prefetch: JSONValue = [
            "patient": .null, "userPractitioner": ["resourceType": "OperationOutcome", "issue": []],
            "userPractitionerRole": ["resourceType": "PractitionerRole"],
        ]
        let request = try HookRequest(try HookSamples.call(prefetch: prefetch), for: HookSamples.service())
        #expect(request[.patient] == .empty)
        #expect(request[.userPractitioner] == .failed)
        #expect(request[.userPractitionerRole] == .present(["resourceType": "PractitionerRole"]))
        #expect(request[.v11Bundle] == .absent)
        let error = try #require(
            fault(try HookSamples.call(prefetch: prefetch), needs: [.patient, .userPractitioner, .v11Bundle]))
        #expect(error.code == .missingData)
        #expect(error.missing == [.patient: .empty, .userPractitioner: .failed, .v11Bundle: .absent])
        #expect(fault(try HookSamples.call(prefetch: prefetch), needs: [.userPractitionerRole]) == nil)
        #expect(fault(try HookSamples.call { $0["prefetch"] = nil }, needs: [.v11Bundle])?.code == .missingData)
    }

    @Test(
        "what is wrong is named by its place, without a value",
        arguments: [
            ("hook", JSONValue.null, HookError.Code.invalid, "/hook"), ("hook", "order-select", .wrongHook, "/hook"),
            ("hookInstance", "not-a-uuid", .invalid, "/hookInstance"),
            ("hookInstance", .null, .invalid, "/hookInstance"),
            ("context", [], .invalid, "/context"), ("context", .null, .invalid, "/context"),
            ("context", ["patientId": "p"], .invalid, "/context/userId"),
            ("context", ["userId": "u"], .invalid, "/context/patientId"),
            ("context", ["userId": "u", "patientId": 7], .invalid, "/context/patientId"),
            ("context", ["userId": "u", "patientId": ""], .invalid, "/context/patientId"),
            ("context", ["userId": "u", "patientId": "p", "encounterId": []], .invalid, "/context/encounterId"),
            ("context", ["userId": "u", "patientId": "p", "draftOrders": 1], .invalid, "/context/draftOrders"),
            ("prefetch", "x", .invalid, "/prefetch"),
            ("prefetch", ["patient": "an error page"], .invalid, "/prefetch/patient"),
            ("prefetch", ["v11Bundle": [:]], .invalid, "/prefetch/v11Bundle"),
        ] as [(String, JSONValue, HookError.Code, String)])
    func malformed(_ name: String, _ value: JSONValue, _ code: HookError.Code, _ pointer: String) throws {
        let error = try #require(fault(try HookSamples.call { $0[name] = value }))
        #expect(error.code == code)
        #expect(error.pointer == pointer)
        #expect(!error.description.contains("error page"))
    }

    @Test("a body that is no JSON, or no object, is no call", arguments: ["", "{", "<html>", "[]", "7"])
    func notACall(_ text: String) throws {
        let error = try #require(fault(Array(text.utf8)))
        #expect(error.code == (text == "[]" || text == "7" ? .invalid : .notJSON))
    }
}
