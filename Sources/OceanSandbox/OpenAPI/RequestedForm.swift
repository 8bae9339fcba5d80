// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import JSON

/// Forms that a hospital asked for, and that their patient has not completed yet.
struct RequestedForm: JSONRecord {
    var patientRef = ""
    var site = ""
    var forms: [String] = []
    /// The decrypted patient of the request.
    var patient: JSONValue?
    /// Under which the request is known again.
    var key: String?
    /// Last part of the link.
    var token = ""

    static let fields: [Field<RequestedForm>] = [
        .required("ref", \.patientRef), .required("site", \.site), .list("forms", \.forms),
        .optional("patient", \.patient), .optional("key", \.key), .required("token", \.token),
    ]

    /// What a patient is pretended to answer.
    var note: JSONValue {
        let answers: JSONValue = ["pain": "4", "smoker": "N", "comment": "Invented answer", "ax_score": "7"]
        return object(
            (
                "progressNote",
                object(
                    ("title", .string(forms.first ?? "form")), ("text", "Pain 4 of 10, does not smoke (invented)"),
                    ("noteType", "PROGRESS_NOTE"))
            ), ("completedForms", .object(JSONObject(forms.map { JSONMember(name: $0, value: answers) }))),
            (
                "formMetadata",
                .object(JSONObject(forms.map { JSONMember(name: $0, value: ["ax_score": ["hidden": true]]) }))
            ))
    }
}
