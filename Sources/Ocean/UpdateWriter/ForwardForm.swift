// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import FHIR
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
        let old = currentRequest(patient)
        let newID = id("ServiceRequest")
        var new = old.request.withID(newID)
        new["replaces"] = [referralReference]
        new["category"] = [["coding": [category]]]
        new["performer"] = [["reference": .string(role.object.updateReference)]]
        var task = self.task(status: "requested", code: TaskCode.coding(currentTaskCode))
        task.put("basedOn", [["reference": .string(new.updateReference)]])
        return UpdateContent(resources: [task.object, new, old.request, role.object, patient] + old.roles)
    }

    /// Correction of the health service category: the referral with another `code`; codings of other systems stay.
    func categoryCorrection() throws(TranslationError) -> UpdateContent {
        guard let category = update.category else { throw missing("/category", "the SNOMED CT coding that is right") }
        guard category.code.nonEmptyText != nil, let coding = category.withSystem.updateValue else {
            throw missing("/category/code", "the SNOMED CT code that is right")
        }
        let patient = try storedPatient()
        var (request, roles) = currentRequest(patient)
        let before = request["code"]?["coding"]?.arrayValue ?? []
        let others = before.filter { $0["system"] != coding["system"] }
        request["code"] = ["coding": .array(others + [coding])]
        return UpdateContent(resources: [request, patient] + roles)
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
        // In the place of the received one, to which the other resources refer.
        let before = received.flatMap { $0.patient(of: $0.request(of: update.referral)) }?["id"]?.stringValue
        return UpdateContent(resources: [before.map { resource.withID($0) } ?? resource])
    }

    /// The referral as it stands, with the roles that it names: as received where that is stored, else from the
    /// canonical form.
    private func currentRequest(_ patient: JSONObject) -> (request: JSONObject, roles: [JSONObject]) {
        if let received, let request = received.request(of: update.referral) { return (request, []) }
        var request = resource("ServiceRequest", id: update.referral)
        request.put("identifier", [referralIdentifier])
        request.put("status", text: "active")
        request.put("intent", text: "proposal")
        request.put("category", .array((known?.category ?? []).compactMap(\.updateValue).map { ["coding": [$0]] }))
        request.put("priority", text: RequiredCodes.priority.contains(known?.priority ?? "") ? known?.priority : nil)
        let codings = (known?.code ?? []).compactMap(\.updateValue)
        if !codings.isEmpty { request.put("code", ["coding": .array(codings)]) }
        request.put("subject", ["reference": .string(patient.updateReference)])
        request.put("authoredOn", text: known?.sent.flatMap { UpdateIdentity.instant($0) })
        var roles: [JSONObject] = []
        if let requester = known?.requester.flatMap({ role($0) }) {
            request.put("requester", ["reference": .string(requester.updateReference)])
            roles.append(requester)
        }
        if let listing = known?.receiver.flatMap({ role($0) }) {
            request.put("performer", [["reference": .string(listing.updateReference)]])
            roles.append(listing)
        }
        let notes: [JSONValue] = (known?.notes ?? []).compactMap { note in
            guard let text = note.text.nonEmptyText else { return nil }
            var annotation = ElementBuilder()
            annotation.put("authorString", text: note.author)
            annotation.put("time", text: note.time.flatMap { UpdateIdentity.instant($0) })
            annotation.put("text", text: text)
            return annotation.json
        }
        request.put("note", .array(notes))
        return (request.object, roles)
    }

    private func role(_ person: Participant) -> JSONObject? {
        var role = resource("PractitionerRole", id: id("PractitionerRole/requester"))
        role.put("identifier", .array(person.identifiers.map { identifier($0) }.filter { $0["value"] != nil }))
        role.put("active", person.active.map { .bool($0) })
        if let name = person.name.flatMap({ Self.display($0) }) { role.put("practitioner", ["display": .string(name)]) }
        return role.object.count > 3 ? role.object : nil
    }

    private func role(_ listing: Listing) -> JSONObject? {
        var role = resource("PractitionerRole", id: id("PractitionerRole/listing"))
        let numbers: [(NamingSystem, String?)] = [
            (.listing, listing.ref), (.site, listing.site), (.externalService, listing.externalServiceID),
        ]
        let identifiers: [JSONValue] = numbers.compactMap { system, value in
            guard let value = value.nonEmptyText else { return nil }
            return ["system": .string(system.url(host: context.oceanHost)), "value": .string(value)]
        }
        role.put("identifier", .array(identifiers))
        return identifiers.isEmpty ? nil : role.object
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
        if update.patient == nil, let received,
            let patient = received.patient(of: received.request(of: update.referral))
        {
            return patient
        }
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
