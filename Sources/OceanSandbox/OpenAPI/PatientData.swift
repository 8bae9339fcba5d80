// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import JSON

/// The plaintext of Ocean's Open API objects.
struct PatientData: Sendable {
    let patient: SyntheticPatient
    let form: SyntheticForm

    /// What a referral's `encryptedPtData` decrypts to.
    var referralData: JSONValue {
        object(
            ("externalPatientRef", text(patient.chartNumber)), ("demographics", demographics), ("cpp", cpp),
            ("completedForms", completedForms))
    }

    /// The patient of the Patient Engagement API; Ocean leaves `ref` out.
    func oceanPatient(site: String) -> JSONValue {
        object(
            ("siteNum", .string(site)), ("externalPatientRef", text(patient.chartNumber)),
            ("reasonForVisit", "Invented visit"), ("demographics", demographics), ("cpp", cpp), ("results", results))
    }

    /// The note of a completed form (`PtUpdate`).
    var note: JSONValue {
        let lines = form.items.compactMap { item in item.answer.map { "\(item.linkID): \($0)" } }
        let hidden = form.items.filter(\.isHidden).map { JSONMember(name: $0.linkID, value: ["hidden": true]) }
        return object(
            (
                "progressNote",
                object(
                    ("title", .string(form.reference)), ("text", .string(lines.joined(separator: "\n"))),
                    ("noteType", "PROGRESS_NOTE"))
            ), ("completedForms", completedForms), ("emrFieldUpdates", [:]),
            (
                "formMetadata",
                .object(JSONObject([JSONMember(name: form.reference, value: .object(JSONObject(hidden)))]))
            ))
    }

    private var completedForms: JSONValue {
        let answers = form.items.compactMap { item in
            item.answer.map { JSONMember(name: item.linkID, value: .string($0)) }
        }
        return .object(JSONObject([JSONMember(name: form.reference, value: .object(JSONObject(answers)))]))
    }

    private var cpp: JSONValue {
        func items(_ texts: String...) -> JSONValue {
            [
                "items": .array(
                    texts.enumerated().map { ["key": .string(String($0 + 1)), "desc": .string($1), "data": [:]] })
            ]
        }
        return [
            "prob": items("Back pain (invented)", "Hypertension (invented)"),
            "pmhx": items("Appendectomy (invented)"), "fhx": items("Mother: diabetes (invented)"),
            "allg": items("Penicillin (invented)"), "tx": items("Physiotherapy (invented)"),
            "rx": items("Naproxen 250 mg (invented)"), "immu": items("Influenza (invented)"),
            "soc": items("Does not smoke (invented)"),
        ]
    }

    private var results: JSONValue { [["key": "BMI", "val": "24.5", "date": "2024-01-10"]] }

    private var demographics: JSONValue {
        let sex = patient.gender == "female" ? "F" : patient.gender == "male" ? "M" : nil
        let address = object(
            ("line1", text(patient.address?.line)), ("city", text(patient.address?.city)),
            ("province", text(patient.address?.province)), ("postalCode", text(patient.address?.postalCode)),
            ("country", "CA"), ("phone", text(patient.phone)), ("email", text(patient.email)))
        return object(
            ("firstName", text(patient.given.first)),
            ("secondName", text(patient.given.count > 1 ? patient.given[1] : nil)),
            ("surname", .string(patient.family)), ("hn", text(patient.healthNumber)),
            ("hnProv", patient.healthNumber == nil ? nil : "ON"), ("hnVC", text(patient.versionCode)),
            ("birthDate", text(patient.birthDate)), ("sex", text(sex)), ("address", address))
    }
}
