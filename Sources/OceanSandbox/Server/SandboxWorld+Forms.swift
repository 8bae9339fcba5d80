// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import JSON
import Ocean

/// Forms that a hospital asks for through the Open API.
extension SandboxWorld {
    /// Creates forms for a patient. A request under a known key is the same one again.
    ///
    /// - Parameter ref: of a patient whom Ocean knows; nil for a new one.
    func createForms(
        site: String, ref: String?, patient: JSONValue?, forms: [String], key: String?
    ) throws(RefusedChange) -> RequestedForm {
        if let key, let known = requestedForms.values.first(where: { $0.site == site && $0.key == key }) {
            return known
        }
        if let ref, self.forms[ref]?.site != site, requestedForms[ref]?.site != site {
            throw RefusedChange(.notFound, "There is no patient of that reference.")
        }
        var wanted = RequestedForm()
        wanted.site = site
        wanted.forms = forms
        wanted.patient = patient
        wanted.key = key
        wanted.patientRef = ref ?? ""
        var entry = JournalEntry(.formCreated)
        entry.site = site
        entry.text = wanted.json.text()
        return try createForms(again: entry)
    }

    func createForms(again entry: JournalEntry) throws(RefusedChange) -> RequestedForm {
        try change(entry) { entry throws(RefusedChange) in
            var unknown: [JSONPointer] = []
            guard let json = try? JSONValue(parsing: entry.text ?? ""),
                var wanted = try? RequestedForm(json: json, at: .root, unknown: &unknown)
            else { throw RefusedChange(.invalid, "The journal's form request cannot be read.") }
            if wanted.patientRef.isEmpty {
                patientCount += 1
                wanted.patientRef = String(patientCount)
            }
            wanted.token = nextID()
            entry.reference = wanted.patientRef
            requestedForms[wanted.patientRef] = wanted
            publish(.formCreated(patient: wanted.patientRef, site: wanted.site))
            return wanted
        }
    }

    /// The patient of a requested form completes it.
    func completeForm(of patientRef: String) throws(RefusedChange) {
        var entry = JournalEntry(.requestedFormCompleted)
        entry.reference = patientRef
        try change(entry) { entry throws(RefusedChange) in
            guard let wanted = requestedForms[patientRef] else {
                throw RefusedChange(.notFound, "No form was asked for this patient.")
            }
            guard let webhook = directory.site(wanted.site)?.engagementWebhook else {
                throw RefusedChange(.notFound, "The site has no engagementWebhook.")
            }
            entry.site = wanted.site
            let known = forms[patientRef]?.patient
            let form = CompletedForm(
                patientRef: patientRef, site: wanted.site, session: "\(now.milliseconds)t\(patientRef)",
                noteID: nextID(), patient: wanted.patient ?? known ?? ["siteNum": .string(wanted.site)],
                note: wanted.note,
                externalRef: wanted.patient?["externalPatientRef"]?.stringValue ?? forms[patientRef]?.externalRef,
                oneTimeKey: nextKey())
            announce(form, webhook: webhook)
        }
    }

    /// The forms asked for and their links' last parts, oldest patient first.
    func formRequests() -> [RequestedForm] {
        requestedForms.values.sorted { (Int($0.patientRef) ?? 0) < (Int($1.patientRef) ?? 0) }
    }
}
