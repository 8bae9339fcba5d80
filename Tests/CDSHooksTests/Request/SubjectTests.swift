// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import BridgeTestKit
import CDSHooks
import JSON
import Ocean
import Testing

@Suite("What rules look at")
struct SubjectTests {
    private func subject(_ prefetch: JSONValue, site: String? = nil) throws -> HookSubject? {
        let service = HookSamples.service(site: site)
        let request = try HookRequest(try HookSamples.call(prefetch: prefetch), for: service)
        return try HookSamples.reader.subject(of: request, for: service)
    }

    private func code(_ prefetch: JSONValue, site: String? = nil) throws -> HookError.Code? {
        do {
            _ = try subject(prefetch, site: site)
            return nil
        } catch let error as HookError {
            return error.code
        }
    }

    @Test("the bundle is read as a webhook's would be")
    func bundle() throws {
        let bytes = try Fixture.bytes("ocean-fhir/0.11.1/add-service-request.json")
        guard case .message(let expected) = OceanInboundReader.standard().read(bytes, mediaType: "application/json")
        else {
            Issue.record("the fixture must be readable")
            return
        }
        let found = try #require(try subject(["v11Bundle": HookSamples.bundle()]))
        #expect(found.referral == expected.canonical.referral)
        #expect(found.site == expected.attributes.site)
        #expect(found.service == expected.attributes.service)
        #expect(found.patientKey == "key")
    }

    @Test("a search's answer round the bundle and round the form is taken off")
    func wrapped() throws {
        let form: JSONValue = ["resourceType": "QuestionnaireResponse", "status": "completed"]
        func search(_ resource: JSONValue) -> JSONValue {
            ["resourceType": "Bundle", "type": "searchset", "entry": [["resource": resource]]]
        }
        let plain = try #require(try subject(["v11Bundle": HookSamples.bundle(), "questionnaireResponse": form]))
        let found = try #require(
            try subject(["v11Bundle": search(HookSamples.bundle()), "questionnaireResponse": search(form)]))
        #expect(found.referral == plain.referral)
        #expect(found.questionnaireResponse == form)
        #expect(plain.questionnaireResponse == form)
        let empty: JSONValue = ["resourceType": "Bundle", "type": "searchset"]
        let without = try #require(try subject(["v11Bundle": HookSamples.bundle(), "questionnaireResponse": empty]))
        #expect(without.questionnaireResponse == nil)
    }

    @Test("without a bundle there is nothing to look at")
    func none() throws {
        #expect(try subject([:]) == nil)
    }

    @Test(
        "a bundle that says nothing of a referral is no referral",
        arguments: [
            ["resourceType": "Bundle"], ["resourceType": "Patient"],
            ["resourceType": "Bundle", "type": "message", "entry": []],
        ] as [JSONValue])
    func unreadable(_ bundle: JSONValue) throws {
        #expect(try code(["v11Bundle": bundle]) == .unreadable)
    }

    @Test("a bundle of another site is refused")
    func foreign() throws {
        let site = try #require(try subject(["v11Bundle": HookSamples.bundle()])?.site)
        #expect(try code(["v11Bundle": HookSamples.bundle()], site: site) == nil)
        #expect(try code(["v11Bundle": HookSamples.bundle()], site: "99999") == .foreignSite)
    }
}
