// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import JSON
import Ocean

extension MessageBundle {
    var header: JSONValue {
        let code: JSONValue = .string(event.code.rawValue)
        let receiver =
            isCurrent
            ? reference("PractitionerRole", file.ids.listingRole)
            : object(
                ("reference", .string("PractitionerRole/\(file.ids.listingRole)")),
                ("identifier", context.listing.externalServiceID.map { identifier(.externalService, $0) }))
        let sender =
            isCurrent
            ? reference(
                "PractitionerRole", file.content.submitter == nil ? file.ids.requesterRole : file.ids.senderRole)
            : object(("reference", "Organization/cognisant-md"))
        let reason: JSONValue? = isCurrent && event == .add ? object(("text", "Initial")) : nil
        return object(
            ("extension", [headerExtension]),
            ("eventCoding", object(("system", .string(NamingSystem.eventCode)), ("code", code), ("display", code))),
            (
                "destination",
                [
                    object(
                        ("name", .string(context.listing.title)), ("endpoint", .string(context.webhookURL)),
                        ("receiver", receiver))
                ]
            ),
            ("sender", sender), ("author", reference("PractitionerRole", file.ids.requesterRole)),
            (
                "source",
                object(("name", "Ocean"), ("endpoint", .string("\(context.host)/svc/fhir/v1/$process-messages")))
            ),
            ("reason", reason), ("focus", .array(focus)))
    }

    private var headerExtension: JSONValue {
        isCurrent
            ? object(
                ("url", .string(ExtensionURL.referralIdentifier)),
                ("valueIdentifier", identifier(.referral, file.state.reference)))
            : object(
                ("url", .string(ExtensionURL.headerReference)), ("valueString", .string(file.state.reference)))
    }

    private var focus: [JSONValue] {
        let request = reference("ServiceRequest", file.state.reference)
        switch event {
        case .add, .revoke: return [request]
        case .communication(let id): return [reference("Communication", id)]
        case .update(let resources, let removed):
            let changed = resources.map { resource in
                switch resource {
                case .task: reference("Task", file.ids.task)
                case .appointment(let id): reference("Appointment", id)
                case .communication(let id): reference("Communication", id)
                case .patient: reference("Patient", file.ids.patient)
                }
            }
            return [request] + changed + removed.map { reference("Appointment", $0) }
        }
    }

    var serviceRequest: JSONValue {
        request(
            reference: file.state.reference, performer: file.ids.listingRole, listing: context.listing,
            status: event == .revoke ? "revoked" : "active", replaces: file.state.replaces,
            basedOn: file.state.basedOn)
    }

    /// A forwarded referral travels with the request that it replaces.
    var formerRequest: [JSONValue] {
        guard let old = file.state.replaces, let listing = context.formerListing else { return [] }
        let resource = request(
            reference: old, performer: file.ids.formerRole, listing: listing, status: "active", replaces: nil)
        let role = object(
            ("identifier", [identifier(.listing, listing.reference)]), ("active", true),
            ("specialty", nil))
        return [
            entry("ServiceRequest", old, resource), entry("PractitionerRole", file.ids.formerRole, role),
        ]
    }

    /// A part of a split referral travels with the whole, never with the other parts.
    var sourceRequest: [JSONValue] {
        guard let source = file.state.basedOn else { return [] }
        let resource = object(
            ("identifier", [identifier(.referral, source)]), ("status", "active"), ("intent", "proposal"),
            ("category", .array(file.sourceCategories.flatMap(concepts))),
            ("subject", reference("Patient", file.ids.patient)), ("authoredOn", .string(file.created.inTorontoSeconds)),
            ("requester", reference("PractitionerRole", file.ids.requesterRole)))
        return [entry("ServiceRequest", source, resource)]
    }

    private func concepts(of category: SyntheticCategory) -> [JSONValue] {
        let snomed = concept(coding(NamingSystem.snomed, category.snomed, category.word))
        return isCurrent ? [snomed] : [snomed, concept(coding(NamingSystem.loinc, category.loinc, category.word))]
    }

    private func request(
        reference ref: String, performer: String, listing: PretendListing, status: String, replaces: String?,
        basedOn: String? = nil
    ) -> JSONValue {
        let category = file.content.category
        let categories = concepts(of: category)
        var target = reference("PractitionerRole", performer)
        if !isCurrent, let service = listing.externalServiceID {
            target["identifier"] = identifier(.externalService, service)
        }
        let letter = reference("DocumentReference", letterID)
        let form = reference("QuestionnaireResponse", file.ids.form)
        let attached = file.ids.attachments.map { reference("DocumentReference", $0) }
        let offering = isCurrent ? nil : category.offering.map { concept(coding(nil, nil, $0)) }
        let correction = file.state.correctedCategory.map { concept(coding(NamingSystem.snomed, $0, nil)) }
        return object(
            ("identifier", [identifier(.referral, ref)]),
            ("basedOn", list([basedOn.map { reference("ServiceRequest", $0) }])),
            ("replaces", list([replaces.map { reference("ServiceRequest", $0) }])),
            ("status", .string(status)), ("intent", "proposal"), ("category", .array(categories)),
            ("priority", text(file.content.priority)), ("code", correction), ("orderDetail", list([offering])),
            ("subject", reference("Patient", file.ids.patient)), ("authoredOn", .string(file.created.inTorontoSeconds)),
            ("requester", reference("PractitionerRole", file.ids.requesterRole)), ("performer", [target]),
            ("supportingInfo", .array([letter] + attached + [form])), ("note", [note]))
    }

    private var note: JSONValue {
        object(
            ("authorReference", reference("Practitioner", file.ids.requester)),
            ("time", .string(file.created.inToronto)), ("text", text(file.content.note)))
    }

    /// In 0.10.0 the letter's id is made of the referral reference.
    var letterID: String { isCurrent ? file.ids.letter : "referral-\(file.state.reference)" }

    var documents: [JSONValue] {
        let letter = document(
            [identifier(.referral, file.state.reference)],
            url: "\(context.host)/svc/fhir/v1/ServiceRequest/\(file.state.reference)/$letter",
            contentType: "application/pdf", title: "referral-letter.pdf", size: nil)
        let attached = zip(file.ids.attachments, file.content.attachments).map { id, attachment in
            entry(
                "DocumentReference", id,
                document(
                    [identifier(.attachment, id)],
                    url: "\(context.host)/svc/fhir/v1/DocumentReference/\(id)/$binary",
                    contentType: attachment.contentType, title: attachment.title, size: attachment.bytes.count))
        }
        return [entry("DocumentReference", letterID, letter)] + attached
    }

    private func document(
        _ identifiers: [JSONValue], url: String, contentType: String, title: String, size: Int?
    ) -> JSONValue {
        let time: JSONValue = .string(file.created.inToronto)
        return object(
            ("identifier", .array(identifiers)), ("status", "current"), ("date", time),
            (
                "content",
                [
                    object(
                        (
                            "attachment",
                            object(
                                ("contentType", .string(contentType)), ("url", .string(url)),
                                ("size", size.map { .number(JSONNumber($0)) }), ("title", .string(title)),
                                ("creation", time))
                        ))
                ]
            ))
    }

    var questionnaireResponse: JSONValue {
        let items = file.content.form.items.map { item in
            let visibility = object(
                ("url", .string("\(context.host)/svc/fhir/v1\(ExtensionURL.itemVisibilitySuffix)")),
                ("valueString", "hidden"))
            return object(
                ("extension", isCurrent && item.isHidden ? [visibility] : nil), ("linkId", .string(item.linkID)),
                ("text", isCurrent ? text(item.caption) : nil),
                ("answer", item.answer.map { [object(("valueString", .string($0)))] }))
        }
        return object(
            ("identifier", identifier(.form, file.content.form.reference)), ("status", "completed"),
            ("subject", reference("Patient", file.ids.patient)),
            ("author", reference("Practitioner", file.ids.requester)), ("item", .array(items)))
    }
}
