// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import FHIR

@Suite struct DefinitionTests {
    private let definitions = Definitions.r4

    @Test("the tables can be read without a fault")
    func faults() {
        #expect(definitions.faults == [])
        #expect(definitions.resourceNames.count == 146)
        #expect(definitions.types.count == 155)
    }

    @Test("every rule of the code is used by a table, and every table of a resource is one of R4's")
    func rules() {
        let used = Set(definitions.types.flatMap { $0.invariants.map(\.rule) })
        #expect(Set(Invariant.all.values.map(\.rule)) == used)
        for type in definitions.types where type.isResource && !["Resource", "DomainResource"].contains(type.name) {
            #expect(definitions.resourceNumber(type.name) != nil, "\(type.name)")
        }
    }

    @Test(
        "the resources of a referral and of its exchange have tables",
        arguments: [
            "Bundle", "MessageHeader", "ServiceRequest", "Task", "Patient", "PractitionerRole", "Practitioner",
            "Location", "Organization", "HealthcareService", "Appointment", "Communication", "DocumentReference",
            "QuestionnaireResponse", "Consent", "Provenance", "Condition", "MedicationStatement",
            "Procedure", "FamilyMemberHistory", "AllergyIntolerance", "Immunization", "Observation", "DiagnosticReport",
            "RelatedPerson", "Coverage",
            "Encounter", "Binary", "Parameters", "OperationOutcome", "AuditEvent", "CapabilityStatement",
        ])
    func resources(_ name: String) throws {
        let type = definitions.types[try #require(definitions.places[name])]
        #expect(type.isResource)
        #expect(type.member("id") != nil && type.member("_language") != nil)
        let isDomain = !["Bundle", "Binary", "Parameters"].contains(name)
        #expect((type.member("contained") != nil) == isDomain)
    }

    @Test("choices, siblings, nested elements and repeated definitions have the names of R4")
    func names() throws {
        let observation = definitions.types[try #require(definitions.places["Observation"])]
        for name in ["valueQuantity", "valueCodeableConcept", "_valueDateTime", "effectiveInstant", "_status"] {
            #expect(observation.member(name) != nil, "\(name)")
        }
        for name in ["value", "value[x]", "valueReference", "_valueQuantity", "resourceType"] {
            #expect(observation.member(name) == nil, "\(name)")
        }
        let item = definitions.types[try #require(definitions.places["QuestionnaireResponse.item.answer"])]
        guard case .complex(let place) = item.elements.last?.types.first?.form else {
            Issue.record("items of answers have no elements")
            return
        }
        #expect(definitions.types[place].name == "QuestionnaireResponse.item")
    }

    @Test("a name that is only equal by Unicode's rules is not found")
    func equivalence() throws {
        // U+212A, the Kelvin sign, equals K for Swift's strings.
        #expect("\u{212A}" == "K")
        let type = definitions.types[try #require(definitions.places["Task"])]
        #expect(type.member("i\u{212A}") == nil)
        #expect(!CodeBinding(name: "x", form: .list(["K"], system: nil)).contains("\u{212A}"))
    }

    @Test("the codes that writers use are those that validation asks for")
    func writersCodes() throws {
        let pairs: [(String, String, Set<String>)] = [
            ("Patient", "gender", RequiredCodes.gender), ("ContactPoint", "system", RequiredCodes.contactSystem),
            ("ContactPoint", "use", RequiredCodes.contactUse), ("HumanName", "use", RequiredCodes.nameUse),
            ("Address", "use", RequiredCodes.addressUse), ("Address", "type", RequiredCodes.addressType),
            ("Identifier", "use", RequiredCodes.identifierUse), ("ServiceRequest", "priority", RequiredCodes.priority),
            ("Location", "status", RequiredCodes.locationStatus), ("Task", "status", RequiredCodes.taskStatus),
            ("QuestionnaireResponse", "status", RequiredCodes.responseStatus),
            ("DocumentReference", "status", RequiredCodes.documentStatus),
            ("Appointment", "status", RequiredCodes.appointmentStatus),
            ("Appointment.participant", "status", RequiredCodes.participationStatus),
            ("Communication", "status", RequiredCodes.eventStatus),
        ]
        for (type, element, expected) in pairs {
            let place = try #require(definitions.places[type])
            let codes = definitions.types[place].elements.first { $0.name == element }?.codes
            guard case .list(let list, _) = codes?.form else {
                Issue.record("\(type).\(element) has no codes")
                continue
            }
            #expect(list == expected, "\(type).\(element)")
        }
    }
}
