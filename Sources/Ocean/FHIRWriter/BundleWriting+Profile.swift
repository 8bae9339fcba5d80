// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import FHIR
import JSON

// The cumulative patient profile: a resource for each entry, tagged with its section. Ocean says nothing of states and
// dates; what R4 asks for and Ocean does not say is filled in as far as the section itself says it, else as unknown.
extension BundleWriting {
    mutating func write(_ profile: PatientProfile, patient: Handle, session: String, at place: WritingPlace) {
        for section in ProfileSection.allCases {
            for (index, item) in section.items(of: profile).enumerated() {
                write(
                    item, of: section, role: "\(section.rawValue)-\(item.key ?? "\(session)-\(index)")",
                    patient: patient, at: place(section.field)(index))
            }
        }
        for (index, result) in profile.results.enumerated() {
            write(
                result, role: "\(ProfileSection.results)-\(session)-\(index)", patient: patient,
                at: place("results")(index))
        }
    }

    private mutating func write(
        _ item: ProfileItem, of section: ProfileSection, role: String, patient: Handle, at place: WritingPlace
    ) {
        let handle = handle("profile-\(role)")
        var resource = RecordElement(
            item, at: place, in: ElementBuilder(resourceType: section.resourceType, id: handle.id))
        resource.element.put("meta", Self.tag(section.rawValue))
        if let key = item.key, Primitive.isString(key) {
            var identifier = ElementBuilder()
            identifier.put("system", .string(NormalisedCode.profileItem))
            identifier.put("value", key, from: place("key").pointer)
            resource.append("identifier", [identifier], as: "key")
        }
        switch section {
        case .problems:
            resource.element.fill(
                "clinicalStatus",
                Self.concept(system: Self.clinicalStatus + "condition-clinical", code: "active").json,
                note: place.note("Ocean's list of problems holds present ones"))
            resource.element.append(
                "category",
                [
                    Self.concept(
                        system: "http://terminology.hl7.org/CodeSystem/condition-category", code: "problem-list-item")
                ])
            resource.element.put("code", Self.words(of: &resource))
        case .pastHistory: resource.element.put("code", Self.words(of: &resource))
        case .familyHistory: putFamilyHistory(&resource)
        case .allergies:
            resource.element.fill(
                "clinicalStatus",
                Self.concept(system: Self.clinicalStatus + "allergyintolerance-clinical", code: "active").json,
                note: place.note("Ocean's list of allergies holds present ones"))
            resource.element.put("code", Self.words(of: &resource))
        case .treatments:
            resource.element.fill("status", "unknown", note: place.note("required"))
            resource.element.put("code", Self.words(of: &resource))
        case .medications:
            resource.element.fill("status", "unknown", note: place.note("required"))
            Self.require("medicationCodeableConcept", of: &resource)
        case .immunizations:
            resource.element.fill("status", "completed", note: place.note("Ocean's list holds those that were given"))
            Self.require("vaccineCode", of: &resource)
            resource.element.fill("occurrenceString", "unknown", note: place.note("required"))
        case .socialHistory:
            resource.element.fill("status", "unknown", note: place.note("required"))
            resource.element.append(
                "category",
                [
                    Self.concept(
                        system: "http://terminology.hl7.org/CodeSystem/observation-category", code: "social-history")
                ])
            resource.element.put(
                "code",
                Self.concept(system: "http://loinc.org", code: "29762-2", display: "Social history Narrative"))
            resource.put("valueString", item.text, as: "text")
        }
        let isPatient = section == .allergies || section == .immunizations || section == .familyHistory
        resource.element.put(isPatient ? "patient" : "subject", patient.reference)
        add(handle, resource.finished())
    }

    private func putFamilyHistory(_ resource: inout RecordElement<ProfileItem>) {
        resource.element.fill("status", "partial", note: resource.place.note("required"))
        resource.element.put(
            "relationship",
            Self.concept(
                system: "http://terminology.hl7.org/CodeSystem/v3-RoleCode", code: "FAMMEMB", display: "family member"))
        let words = Self.words(of: &resource)
        guard !words.isEmpty else { return }
        var condition = ElementBuilder()
        condition.put("code", words)
        resource.element.append("condition", [condition])
    }

    private mutating func write(_ result: ProfileResult, role: String, patient: Handle, at place: WritingPlace) {
        let handle = handle("profile-\(role)")
        var resource = RecordElement(
            result, at: place, in: ElementBuilder(resourceType: "Observation", id: handle.id))
        resource.element.put("meta", Self.tag(ProfileSection.results))
        resource.element.fill("status", "unknown", note: place.note("required"))
        if let key = result.key, Primitive.isString(key) {
            var code = ElementBuilder()
            code.put("text", key, from: place("key").pointer)
            resource.put("code", code, as: "key")
        } else {
            resource.element.fill("code", Self.dataAbsent, note: place.note("required"))
        }
        resource.put("effectiveDateTime", result.date, as: "date", if: Primitive.isDateTime)
        switch result.value {
        case .string(let text)? where Primitive.isString(text):
            resource.put("valueString", result.value, as: "value")
        case .bool?: resource.put("valueBoolean", result.value, as: "value")
        case .number?:
            var quantity = ElementBuilder()
            quantity.put("value", result.value, from: place("value").pointer)
            resource.put("valueQuantity", quantity, as: "value")
        default: break
        }
        resource.element.put("subject", patient.reference)
        add(handle, resource.finished())
    }

    private static let clinicalStatus = "http://terminology.hl7.org/CodeSystem/"

    private static func tag(_ section: String) -> JSONValue {
        ["tag": [["system": .string(NormalisedCode.profileSection), "code": .string(section)]]]
    }

    /// The entry's words as a concept; empty where FHIR does not accept them.
    private static func words(of resource: inout RecordElement<ProfileItem>) -> ElementBuilder {
        var concept = ElementBuilder()
        guard let text = resource.record.text, Primitive.isString(text) else { return concept }
        concept.put("text", text, from: resource.place("text").pointer)
        resource.hold("text")
        return concept
    }

    private static func require(_ name: String, of resource: inout RecordElement<ProfileItem>) {
        let words = words(of: &resource)
        if words.isEmpty {
            resource.element.fill(name, dataAbsent, note: resource.place.note("required"))
        } else {
            resource.element.put(name, words)
        }
    }
}

extension ProfileSection {
    fileprivate var resourceType: String {
        switch self {
        case .problems, .pastHistory: "Condition"
        case .familyHistory: "FamilyMemberHistory"
        case .allergies: "AllergyIntolerance"
        case .treatments: "Procedure"
        case .medications: "MedicationStatement"
        case .immunizations: "Immunization"
        case .socialHistory: "Observation"
        }
    }
}
