// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import FHIR
import FoundationEssentials
import JSON

extension BundleWriting {
    mutating func document(_ document: Document, role: String, patient: Handle, at place: String) -> Handle {
        let handle = handle(role)
        var resource = ElementBuilder(resourceType: "DocumentReference", id: handle.id)
        if let ref = document.ref {
            let system: NamingSystem = document.kind == .letter ? .referral : .attachment
            var element = ElementBuilder()
            element.put("system", .string(system.url(host: Self.host)), from: "\(place)/kind")
            element.put("value", ref, from: "\(place)/ref")
            resource.append("identifier", [element])
        }
        if let status = Self.code(document.status, in: RequiredCodes.documentStatus) {
            resource.put("status", status, from: "\(place)/status")
        } else {
            resource.put("status", "current")
            fillIn(handle, "status", "required")
        }
        if document.kind == .note { resource.put("type", ["text": .string(NormalisedCode.noteType)]) }
        if document.kind == .booking { resource.put("type", ["text": .string(NormalisedCode.bookingType)]) }
        resource.put("subject", patient.reference)
        resource.put("date", Self.instant(document.date), from: "\(place)/date")
        let attachment = attachment(document, at: place)
        var content = ElementBuilder()
        if attachment.isEmpty {
            content.put("attachment", Self.dataAbsent)
        } else {
            content.put("attachment", attachment)
        }
        resource.append("content", [content])
        add(handle, resource)
        return handle
    }

    mutating func form(_ form: Form, role: String, patient: Handle, request: Handle?, at place: String) -> Handle {
        let handle = handle(role)
        var resource = ElementBuilder(resourceType: "QuestionnaireResponse", id: handle.id)
        if let ref = form.ref {
            resource.put(
                "identifier",
                identifier(system: NamingSystem.form.url(host: Self.host), value: ref, from: "\(place)/ref"))
        }
        if let request { resource.put("basedOn", .array([request.reference])) }
        if let status = Self.code(form.status, in: RequiredCodes.responseStatus) {
            resource.put("status", status, from: "\(place)/status")
        } else {
            resource.put("status", "completed")
            fillIn(handle, "status", "required")
        }
        resource.put("subject", patient.reference)
        resource.put("authored", Self.dateTime(form.authored), from: "\(place)/authored")
        resource.append("item", items(form.items, at: "\(place)/items"))
        add(handle, resource)
        return handle
    }

    private func items(_ items: [FormItem], at place: String) -> [ElementBuilder] {
        items.enumerated().map { index, item in
            let spot = "\(place)/\(index)"
            var element = ElementBuilder()
            if item.hidden {
                element.append(
                    "extension",
                    [
                        extensionElement(
                            "\(Self.host)/svc/fhir/v1\(ExtensionURL.itemVisibilitySuffix)", "valueString", "hidden",
                            from: "\(spot)/hidden")
                    ])
            }
            if item.linkID.isEmpty {
                // Required; a form item without it is told by its place.
                element.put("linkId", .string("item-\(index + 1)"))
            } else {
                element.put("linkId", item.linkID, from: "\(spot)/linkId")
            }
            element.put("text", item.text, from: "\(spot)/text")
            element.append("answer", item.answers.enumerated().map { answer($1, from: "\(spot)/answers/\($0)") })
            element.append("item", self.items(item.items, at: "\(spot)/items"))
            return element
        }
    }

    /// The `value[x]` that a bare value was: by its kind, and for objects by their members.
    private func answer(_ value: JSONValue, from source: String) -> ElementBuilder {
        var element = ElementBuilder()
        switch value {
        case .string: element.put("valueString", value, from: source)
        case .bool: element.put("valueBoolean", value, from: source)
        case .number(let number):
            let isInteger = Int32(number.text) != nil
            element.put(isInteger ? "valueInteger" : "valueDecimal", value, from: source)
        case .object(let object):
            if object["reference"] != nil {
                element.put("valueReference", value, from: source)
            } else if object["contentType"] != nil || object["url"] != nil {
                element.put("valueAttachment", value, from: source)
            } else if object["value"]?.numberValue != nil {
                element.put("valueQuantity", value, from: source)
            } else if object["code"] != nil || object["display"] != nil {
                element.put("valueCoding", value, from: source)
            }
        case .array, .null: break
        }
        return element
    }

    /// A completed form or note of the patient-engagement API.
    mutating func write(_ engagement: Engagement) {
        let place = "/engagement"
        var known = engagement.patient ?? Patient()
        if known.chartNumber == nil { known.chartNumber = engagement.externalPatientRef }
        var identifier = Identifier(system: NormalisedCode.patient, value: engagement.patientRef)
        identifier.use = "secondary"
        known.identifiers.append(identifier)
        let patient = patient(known, at: "\(place)/patient")
        var focus = engagement.forms.enumerated().map {
            form(
                $1, role: "form-\($0)-\(engagement.sessionID ?? "")", patient: patient, request: nil,
                at: "\(place)/forms/\($0)")
        }
        if let note = engagement.note, let text = note.text, !text.isEmpty {
            let handle = handle("note-\(engagement.noteID ?? engagement.sessionID ?? "")")
            var resource = ElementBuilder(resourceType: "DocumentReference", id: handle.id)
            if let id = engagement.noteID {
                resource.append(
                    "identifier", [self.identifier(system: NormalisedCode.note, value: id, from: "\(place)/noteId")])
            }
            resource.put("status", "current")
            resource.put("type", ["text": .string(NormalisedCode.noteType)])
            resource.put("subject", patient.reference)
            resource.put("description", note.type, from: "\(place)/note/type")
            var attachment = ElementBuilder()
            attachment.put("contentType", "text/plain; charset=utf-8")
            attachment.put("data", Data(text.utf8).base64EncodedString(), from: "\(place)/note/text")
            attachment.put("title", note.title, from: "\(place)/note/title")
            var content = ElementBuilder()
            content.put("attachment", attachment)
            resource.append("content", [content])
            add(handle, resource)
            focus.append(handle)
        }
        startHeader(focus: focus.isEmpty ? [patient] : focus)
    }
}
