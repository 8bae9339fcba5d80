// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import FHIR
import JSON
import Testing

/// A valid example, one change, and the one error that it makes.
struct BrokenRule: Sendable, CustomTestStringConvertible {
    let example: String
    let pointer: String
    let value: JSONValue?
    let error: String

    init(_ example: String, _ pointer: String, _ value: JSONValue?, _ error: String) {
        self.example = example
        self.pointer = pointer
        self.value = value
        self.error = error
    }

    var testDescription: String { "\(example)\(pointer): \(error)" }
}

@Suite struct RuleTests {
    private static let shapes: [BrokenRule] = [
        BrokenRule("Task", "/colour", "red", "Task.colour structure"),
        BrokenRule("Patient", "/name/0/surname", "x", "Patient.name[0].surname structure"),
        BrokenRule(
            "Observation", "/valueReference", ["reference": "Patient/p1"], "Observation.valueReference structure"),
        BrokenRule("Observation", "/valueString", "high", "Observation.value structure"),
        BrokenRule("Task", "/status", nil, "Task.status required"),
        BrokenRule("Task", "/input/0/valueReference", nil, "Task.input[0].value required"),
        BrokenRule("DocumentReference", "/content", nil, "DocumentReference.content required"),
        BrokenRule("Bundle", "/entry/1/resource/status", nil, "Bundle.entry[1].resource.status required"),
        BrokenRule("Patient", "/name", ["family": "x"], "Patient.name structure"),
        BrokenRule("Patient", "/gender", ["female"], "Patient.gender structure"),
        BrokenRule("Patient", "/name/0/given", "Odile", "Patient.name[0].given structure"),
        BrokenRule("Patient", "/maritalStatus", "M", "Patient.maritalStatus structure"),
        BrokenRule("Patient", "/contact/0/name", ["x"], "Patient.contact[0].name structure"),
        BrokenRule("Patient", "/active", "true", "Patient.active structure"),
        BrokenRule("Patient", "/multipleBirthInteger", "2", "Patient.multipleBirth structure"),
        BrokenRule("Parameters", "/parameter/1/resource", 3, "Parameters.parameter[1].resource structure"),
        BrokenRule("Parameters", "/parameter/1/resource/resourceType", "Clinic", structureOfType),
        BrokenRule("Patient", "/resourceType", nil, "Resource required"),
        BrokenRule("Patient", "/_active", ["colour": 1], "Patient.active.colour structure"),
        BrokenRule(
            "Observation", "/referenceRange/0/low/comparator", "<",
            "Observation.referenceRange[0].low.comparator structure"),
        BrokenRule("Patient", "/text/_div", ["id": "x"], "Patient.text._div structure"),
        BrokenRule(
            "Patient", "/name/0/_given", [.null, ["id": "z"], ["id": "a"], ["id": "b"]],
            "Patient.name[0].given structure"),
    ]
    private static let structureOfType = "Parameters.parameter[1].resource structure"

    private static let values: [BrokenRule] = [
        BrokenRule("Patient", "/birthDate", "1961-02-30", "Patient.birthDate value"),
        BrokenRule("Patient", "/id", "p_1", "Patient.id value"),
        BrokenRule("Patient", "/meta/lastUpdated", "2026-02-28", "Patient.meta.lastUpdated value"),
        BrokenRule("Patient", "/telecom/0/rank", 0, "Patient.telecom[0].rank value"),
        BrokenRule("Patient", "/text/div", "<p>x</p>", "Patient.text.div value"),
        BrokenRule("Patient", "/name/0/family", "", "Patient.name[0].family value"),
        BrokenRule("Binary", "/data", "J", "Binary.data value"),
        BrokenRule("QuestionnaireResponse", "/item/1/item/0/answer/2/valueUri", "urn:uuid:1", answerURI),
        BrokenRule("Patient", "/gender", "F", "Patient.gender code-invalid"),
        BrokenRule("Binary", "/contentType", "pdf", "Binary.contentType code-invalid"),
        BrokenRule(
            "Coverage", "/costToBeneficiary/0/valueMoney/currency", "cad",
            "Coverage.costToBeneficiary[0].value.currency code-invalid"),
        BrokenRule(
            "CapabilityStatement", "/rest/0/resource/0/type", "Tasks",
            "CapabilityStatement.rest[0].resource[0].type code-invalid"),
        BrokenRule("AllergyIntolerance", "/category/1", "dust", "AllergyIntolerance.category[1] code-invalid"),
        BrokenRule(
            "Condition", "/clinicalStatus/coding/0/system", "http://example.org",
            "Condition.clinicalStatus code-invalid"),
        BrokenRule(
            "AllergyIntolerance", "/verificationStatus", ["text": "sure"],
            "AllergyIntolerance.verificationStatus code-invalid"),
    ]
    private static let repeated = "ServiceRequest.occurrence.repeat "
    private static let answerURI = "QuestionnaireResponse.item[1].item[0].answer[2].value value"

    private static let invariants: [BrokenRule] = [
        BrokenRule("Patient", "/contact/0/name", [:], "Patient.contact[0].name invariant ele-1"),
        BrokenRule("Patient", "/telecom", [], "Patient.telecom invariant ele-1"),
        BrokenRule("Patient", "/birthDate", .null, "Patient.birthDate invariant ele-1"),
        BrokenRule("Patient", "/name/0/_given/1", .null, "Patient.name[0].given[1] invariant ele-1"),
        BrokenRule("Patient", "/_active", [:], "Patient.active invariant ele-1"),
        BrokenRule("Patient", "/extension/0/valueCode", "x", "Patient.extension[0] invariant ext-1"),
        BrokenRule("Patient", "/extension/0/extension", nil, "Patient.extension[0] invariant ext-1"),
        BrokenRule(
            "Patient", "/_birthDate/extension/0/valueDateTime", nil, "Patient.birthDate.extension[0] invariant ext-1"),
        BrokenRule(
            "DocumentReference", "/content/0/attachment/contentType", nil,
            "DocumentReference.content[0].attachment invariant att-1"),
        BrokenRule("Patient", "/telecom/0/system", nil, "Patient.telecom[0] invariant cpt-2"),
        BrokenRule("RelatedPerson", "/period/end", "1989", "RelatedPerson.period invariant per-1"),
        BrokenRule("Task", "/executionPeriod/end", "2026-03-02T14:59:59Z", "Task.executionPeriod invariant per-1"),
        BrokenRule("Observation", "/valueQuantity/system", nil, "Observation.value invariant qty-3"),
        BrokenRule(
            "MedicationStatement", "/dosage/0/maxDosePerPeriod/numerator", nil,
            "MedicationStatement.dosage[0].maxDosePerPeriod invariant rat-1"),
        BrokenRule("AllergyIntolerance", "/onsetRange/low/value", 5, "AllergyIntolerance.onset invariant rng-2"),
        BrokenRule(
            "ServiceRequest", "/occurrenceTiming/repeat/periodUnit", nil,
            repeated + "invariant tim-2"),
        BrokenRule(
            "ServiceRequest", "/occurrenceTiming/repeat/duration", 3, repeated + "invariant tim-1"
        ),
        BrokenRule(
            "ServiceRequest", "/occurrenceTiming/repeat/period", -2, repeated + "invariant tim-5"),
        BrokenRule(
            "ServiceRequest", "/occurrenceTiming/repeat/durationMax", 2,
            repeated + "invariant tim-7"),
        BrokenRule(
            "ServiceRequest", "/occurrenceTiming/repeat/countMax", 2, repeated + "invariant tim-8"
        ),
        BrokenRule(
            "ServiceRequest", "/occurrenceTiming/repeat/timeOfDay", ["08:00:00"],
            repeated + "invariant tim-10"),
        BrokenRule("ServiceRequest", "/code", nil, "ServiceRequest invariant prr-1"),
        BrokenRule("Task", "/lastModified", "2026-03-02T14:59:59Z", "Task invariant inv-1"),
        BrokenRule("Patient", "/contact/0/name", nil, "Patient.contact[0] invariant pat-1"),
        BrokenRule("Organization", "/address/0/use", "home", "Organization invariant org-2"),
        BrokenRule("Organization", "/telecom/0/use", "home", "Organization invariant org-3"),
        BrokenRule("Appointment", "/participant/1/type", nil, "Appointment.participant[1] invariant app-1"),
        BrokenRule("Appointment", "/cancelationReason", ["text": "x"], "Appointment invariant app-4"),
        BrokenRule(
            "QuestionnaireResponse", "/item/0/item", [["linkId": "9"]],
            "QuestionnaireResponse.item[0] invariant qrs-1"),
        BrokenRule("Consent", "/policyRule", nil, "Consent invariant ppc-1"),
        BrokenRule("Condition", "/clinicalStatus/coding/0/code", "active", "Condition invariant con-4"),
        BrokenRule("Condition", "/verificationStatus/coding/0/code", "entered-in-error", "Condition invariant con-5"),
        BrokenRule("Condition", "/stage/0", ["type": ["text": "x"]], "Condition.stage[0] invariant con-1"),
        BrokenRule("Condition", "/evidence/0", ["id": "x"], "Condition.evidence[0] invariant con-2"),
        BrokenRule("FamilyMemberHistory", "/bornDate", "1960-01-01", "FamilyMemberHistory invariant fhs-1"),
        BrokenRule("FamilyMemberHistory", "/ageAge", nil, "FamilyMemberHistory invariant fhs-2"),
        BrokenRule("AllergyIntolerance", "/clinicalStatus", nil, "AllergyIntolerance invariant ait-1"),
        BrokenRule(
            "AllergyIntolerance", "/verificationStatus/coding/0/code", "entered-in-error",
            "AllergyIntolerance invariant ait-2"),
        BrokenRule("Immunization", "/education/0", ["id": "x"], "Immunization.education[0] invariant imm-1"),
        BrokenRule("Observation", "/dataAbsentReason", ["text": "x"], "Observation invariant obs-6"),
        BrokenRule(
            "Observation", "/referenceRange/0", ["age": ["low": ["value": 1]]],
            "Observation.referenceRange[0] invariant obs-3"),
        BrokenRule(
            "Parameters", "/parameter/0/part", [["name": "a", "valueId": "b"]],
            "Parameters.parameter[0] invariant inv-1"),
        BrokenRule("AuditEvent", "/entity/0/query", "AAAA", "AuditEvent.entity[0] invariant sev-1"),
        BrokenRule("CapabilityStatement", "/implementation", nil, "CapabilityStatement invariant cpb-14"),
        BrokenRule(
            "CapabilityStatement", "/rest/0/resource/-", ["type": "Task"], "CapabilityStatement.rest[0] invariant cpb-9"
        ),
        BrokenRule(
            "CapabilityStatement", "/rest/0/resource/0/searchParam/-", ["name": "status", "type": "token"],
            "CapabilityStatement.rest[0].resource[0] invariant cpb-12"),
    ]

    @Test("a shape that R4 does not know is an error at its place", arguments: shapes)
    func shape(_ rule: BrokenRule) throws { try check(rule) }

    @Test("a value of another form, or outside a required value set, is an error at its place", arguments: values)
    func value(_ rule: BrokenRule) throws { try check(rule) }

    @Test("a broken invariant is an error with its key at its element", arguments: invariants)
    func invariant(_ rule: BrokenRule) throws { try check(rule) }

    private func check(_ rule: BrokenRule) throws {
        let broken = try Example.changed(Example.value(rule.example), rule.pointer, rule.value)
        let report = StructureValidator().validate(broken)
        #expect(Example.errors(report) == [rule.error])
        #expect(!report.isValid)
    }

    /// A rule of a data type, a value that keeps it and one that breaks it, as the output of a task.
    struct TypeRule: Sendable, CustomTestStringConvertible {
        let rule: String
        let type: String
        let good: JSONValue
        let bad: JSONValue
        var place = ""
        var testDescription: String { "\(rule) of \(type)" }
    }

    private static let ucum: JSONValue = "http://unitsofmeasure.org"
    private static let typeRules: [TypeRule] = [
        TypeRule(rule: "age-1", type: "Age", good: ["value": 3, "system": ucum, "code": "a"], bad: ["value": 3]),
        TypeRule(rule: "age-1", type: "Age", good: ["unit": "years"], bad: ["value": 0, "system": ucum, "code": "a"]),
        TypeRule(
            rule: "age-1", type: "Age", good: ["value": 1, "code": "a", "system": ucum],
            bad: ["value": 1, "code": "a", "system": "http://example.org"]),
        TypeRule(rule: "cnt-3", type: "Count", good: ["value": 3, "code": "1", "system": ucum], bad: ["value": 3]),
        TypeRule(
            rule: "cnt-3", type: "Count", good: ["code": "1", "system": ucum],
            bad: ["value": 3, "code": "m", "system": ucum]),
        TypeRule(rule: "dis-1", type: "Distance", good: ["value": 2, "code": "km", "system": ucum], bad: ["value": 2]),
        TypeRule(rule: "drt-1", type: "Duration", good: ["value": 2], bad: ["code": "h", "system": ucum]),
        TypeRule(
            rule: "exp-1", type: "Expression", good: ["language": "text/cql", "expression": "1"],
            bad: ["language": "text/cql"]),
        TypeRule(
            rule: "drq-1", type: "DataRequirement", good: ["type": "Task", "codeFilter": [["path": "code"]]],
            bad: ["type": "Task", "codeFilter": [["path": "code", "searchParam": "code"]]], place: ".codeFilter[0]"),
        TypeRule(
            rule: "drq-2", type: "DataRequirement",
            good: ["type": "Task", "dateFilter": [["searchParam": "period", "valueDateTime": "2026"]]],
            bad: ["type": "Task", "dateFilter": [["valueDateTime": "2026"]]], place: ".dateFilter[0]"),
        TypeRule(
            rule: "trd-1", type: "TriggerDefinition",
            good: ["type": "data-added", "data": [["type": "Task"]]],
            bad: ["type": "data-added", "data": [["type": "Task"]], "timingDate": "2026"]),
        TypeRule(
            rule: "trd-2", type: "TriggerDefinition", good: ["type": "named-event", "name": "x"],
            bad: ["type": "named-event", "name": "x", "condition": ["language": "text/cql", "expression": "1"]]),
        TypeRule(
            rule: "trd-3", type: "TriggerDefinition", good: ["type": "periodic", "timingDate": "2026"],
            bad: ["type": "periodic"]),
        TypeRule(
            rule: "trd-3", type: "TriggerDefinition", good: ["type": "named-event", "name": "x"],
            bad: ["type": "named-event"]),
        TypeRule(
            rule: "trd-3", type: "TriggerDefinition", good: ["type": "data-added", "data": [["type": "Task"]]],
            bad: ["type": "data-modified", "name": "x"]),
        TypeRule(
            rule: "tim-4", type: "Timing", good: ["repeat": ["duration": 1, "durationUnit": "h"]],
            bad: ["repeat": ["duration": -1, "durationUnit": "h"]], place: ".repeat"),
        TypeRule(
            rule: "tim-6", type: "Timing", good: ["repeat": ["periodMax": 2, "period": 1, "periodUnit": "d"]],
            bad: ["repeat": ["periodMax": 2]], place: ".repeat"),
        TypeRule(
            rule: "tim-9", type: "Timing", good: ["repeat": ["offset": 5, "when": ["ACM"]]],
            bad: ["repeat": ["offset": 5, "when": ["CM"]]], place: ".repeat"),
    ]

    @Test("rules of data types hold wherever the type is used", arguments: typeRules)
    func typeRule(_ rule: TypeRule) throws {
        for (value, isGood) in [(rule.good, true), (rule.bad, false)] {
            var output: JSONValue = ["type": ["text": "x"]]
            output["value\(rule.type)"] = value
            let task = try Example.changed(
                Example.value("Task"), "/output",
                [output])
            let expected = isGood ? [] : ["Task.output[0].value\(rule.place) invariant \(rule.rule)"]
            #expect(Example.errors(StructureValidator().validate(task)) == expected)
        }
    }

    @Test("documents of a statement differ, its name is an identifier, and a component does not repeat its observation")
    func pairs() throws {
        let document: JSONValue = ["mode": "producer", "profile": "http://example.org/a"]
        var statement = try Example.changed(Example.value("CapabilityStatement"), "/document", [document, document])
        #expect(Example.errors(StructureValidator().validate(statement)) == ["CapabilityStatement invariant cpb-7"])
        statement = try Example.changed(statement, "/document/1/mode", "consumer")
        #expect(Example.errors(StructureValidator().validate(statement)) == [])
        statement["name"] = "two words"
        let report = StructureValidator().validate(statement)
        #expect(report.isValid)
        #expect(report.issues.map(\.rule) == ["cpb-0"])

        let coding: JSONValue = ["system": "http://loinc.org", "code": "85354-9"]
        var observation: JSONValue = [
            "resourceType": "Observation", "status": "final", "code": ["coding": [coding]], "valueString": "x",
            "component": [["code": ["coding": [coding]]]],
        ]
        #expect(Example.errors(StructureValidator().validate(observation)) == ["Observation invariant obs-7"])
        observation["valueString"] = nil
        #expect(Example.errors(StructureValidator().validate(observation)) == [])
    }

    @Test("nothing stands beside an id")
    func noSiblingOfID() throws {
        let broken = try Example.changed(Example.value("Patient"), "/_id", ["extension": []])
        #expect(Example.errors(StructureValidator().validate(broken)) == ["Patient._id structure"])
    }

    @Test("rules that depend on several elements are told together")
    func several() throws {
        var appointment = try Example.value("Appointment")
        appointment["end"] = nil
        #expect(
            Example.errors(StructureValidator().validate(appointment)) == [
                "Appointment invariant app-2", "Appointment invariant app-3",
            ])
        let organization: JSONValue = ["resourceType": "Organization", "active": true]
        #expect(Example.errors(StructureValidator().validate(organization)) == ["Organization invariant org-1"])
        var statement = try Example.value("CapabilityStatement")
        statement["kind"] = "capability"
        #expect(
            Example.errors(StructureValidator().validate(statement)) == [
                "CapabilityStatement invariant cpb-3", "CapabilityStatement invariant cpb-15",
            ])
        statement["kind"] = "requirements"
        statement["messaging"] = nil
        #expect(Example.errors(StructureValidator().validate(statement)) == ["CapabilityStatement invariant cpb-16"])
        for name in ["rest", "document", "software", "implementation"] { statement[name] = nil }
        #expect(
            Example.errors(StructureValidator().validate(statement)) == [
                "CapabilityStatement invariant cpb-1", "CapabilityStatement invariant cpb-2",
            ])
    }

    @Test("con-3 and doubtful texts are warnings, which do not make a resource invalid")
    func warnings() throws {
        var condition = try Example.value("Condition")
        condition["clinicalStatus"] = nil
        condition["abatementString"] = nil
        condition["note"] = [["text": " "], ["text": "a\u{1}"]]
        let report = StructureValidator().validate(condition)
        #expect(report.isValid)
        #expect(
            report.issues.map { "\($0.severity.rawValue) \($0.expression)" } == [
                "warning Condition", "warning Condition.note[0].text", "warning Condition.note[1].text",
            ])
    }
}
