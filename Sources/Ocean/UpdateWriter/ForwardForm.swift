// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import JSON

extension UpdateDraft {
    /// Forwarding: a new ServiceRequest for the other listing that replaces the received one, and a Task on it.
    ///
    /// Assigning to a person or programme has no message of its own; Ocean's integrators forward to its listing.
    func forwarding() throws(TranslationError) -> UpdateContent {
        guard let target = update.targetListing.nonEmptyText else {
            throw missing("/targetListing", "the reference of the listing that takes over")
        }
        let category = try forwardCategory()
        let patient = try storedPatient()
        var role = resource("PractitionerRole", id: id("PractitionerRole/target"))
        // The bare name, without an address, is what Ocean's integrator sends for the target.
        role.put("identifier", [["system": .string(NamingSystem.listing.rawValue), "value": .string(target)]])
        let subject: JSONValue = ["reference": .string(patient.updateReference)]

        var new = request(id: id("ServiceRequest"), subject: subject)
        new.put("replaces", [referralReference])
        new.put("category", [["coding": [category]]])
        new.put("performer", [["reference": .string(role.object.updateReference)]])

        var old = request(id: update.referral, subject: subject)
        old.put("category", .array((known?.category ?? []).compactMap(\.updateValue).map { ["coding": [$0]] }))

        var task = self.task(status: "requested", code: TaskCode.coding(currentTaskCode))
        task.put("basedOn", [["reference": .string(new.object.updateReference)]])
        return UpdateContent(resources: [task.object, new.object, old.object, role.object, patient])
    }

    /// Correction of the health service category: the referral with another `code`.
    func categoryCorrection() throws(TranslationError) -> UpdateContent {
        guard let category = update.category else { throw missing("/category", "the SNOMED CT coding that is right") }
        guard category.code.nonEmptyText != nil, let coding = category.withSystem.updateValue else {
            throw missing("/category/code", "the SNOMED CT code that is right")
        }
        let patient = try storedPatient()
        var request = request(id: update.referral, subject: ["reference": .string(patient.updateReference)])
        request.put("category", .array((known?.category ?? []).compactMap(\.updateValue).map { ["coding": [$0]] }))
        request.put("code", ["coding": [coding]])
        return UpdateContent(resources: [request.object, patient])
    }

    /// Demographics: the patient as the update gives it.
    func demographics() throws(TranslationError) -> UpdateContent {
        guard var patient = update.patient else { throw missing("/patient", "the corrected demographics") }
        guard patient.clinicDoctor == nil else {
            throw TranslationError(
                .unsupported, at: "/patient/clinicDoctor", "FHIR's Patient has no place for it; leave it out")
        }
        if patient.identifiers.isEmpty, patient.healthNumber == nil, patient.chartNumber == nil {
            patient.identifiers = known?.patient?.identifiers ?? []
            patient.healthNumber = known?.patient?.healthNumber
            patient.chartNumber = known?.patient?.chartNumber
        }
        let resource = patientResource(patient)
        guard resource.count > 3 else { throw missing("/patient", "at least one member to correct") }
        return UpdateContent(resources: [resource])
    }

    private func request(id: String, subject: JSONValue) -> ResourceDraft {
        var request = resource("ServiceRequest", id: id)
        request.put("identifier", [referralIdentifier])
        request.put("status", text: "active")
        request.put("intent", text: "proposal")
        request.put("priority", text: known?.priority)
        request.put("subject", subject)
        request.put("authoredOn", text: known?.sent)
        return request
    }

    private var currentTaskCode: String {
        known?.kind == .consult ? TaskCode.consult : TaskCode.processRequest
    }

    private func forwardCategory() throws(TranslationError) -> JSONValue {
        if let category = update.category {
            guard category.code.nonEmptyText != nil, let value = category.withSystem.updateValue else {
                throw missing("/category/code", "a SNOMED CT code")
            }
            return value
        }
        let candidates = (known?.category ?? []) + (known?.receiver?.specialties ?? [])
        guard let value = candidates.first(where: { $0.isSNOMED && $0.code.nonEmptyText != nil })?.updateValue else {
            throw missing(
                "/category", "the health service category (a SNOMED CT coding) that the target listing offers")
        }
        return value
    }

    private func storedPatient() throws(TranslationError) -> JSONObject {
        guard let patient else {
            throw missing(
                "/patient", "the patient: give it, or have Ocean resend the referral so that the bridge holds a copy")
        }
        return patientResource(patient)
    }
}

extension Coding {
    var isSNOMED: Bool { system == NamingSystem.snomed || system == NamingSystem.snomedCanada }

    /// Categories of Ocean are SNOMED CT; a hospital may leave the system out.
    var withSystem: Coding {
        var output = self
        output.system = system ?? NamingSystem.snomed
        return output
    }
}
