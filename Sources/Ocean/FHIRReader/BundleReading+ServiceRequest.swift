// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import FHIR
import JSON

extension BundleReading {
    func readRequest(_ entry: FHIREntry) {
        let resource = open(entry, at: "/referral")
        if let fullURL = entry.fullURL, ReferenceIndex.key(fullURL) == ReferenceIndex.key(referral.ref) {
            entryCursors[entry.position]["fullUrl"]?.fold(into: "/referral/ref", "the referral reference again")
        }
        for identifier in resource.objects("identifier")
        where NamingSystem.referral.matches(identifier.peek("system")) && identifier.peek("value") == referral.ref {
            identifier["value"]?.keep(to: "/referral/ref")
            identifier["system"]?.structural(.impliedSystem)
        }
        resource.passConstant("status", "ServiceRequest.status")
        resource.passConstant("intent", "ServiceRequest.intent")
        referral.priority = resource.text("priority", to: "/referral/priority")
        referral.sent = resource.text("authoredOn", to: "/referral/sent")
        referral.modified = resource.object("meta")?.text("lastUpdated", to: "/referral/modified")
        referral.bookingComments = resource.text("patientInstruction", to: "/referral/bookingComments")
        referral.category = codings(resource.objects("category"), at: "/referral/category", withWords: true)
        referral.code = codings([resource.object("code")].compactMap { $0 }, at: "/referral/code", withWords: true)
        for element in resource.objects("extension") { readRequestExtension(element) }
        passAbsence(resource.object("code"))
        var places: [String: Int] = [:]
        for concept in resource.objects("orderDetail") { readService(concept, &places) }
        for note in resource.objects("note") { readNote(note) }
        for reference in resource.objects("supportingInfo") {
            _ = follow(reference, types: ["DocumentReference", "QuestionnaireResponse"])
        }
        readLinks(entry, resource)
        if let patient = follow(resource.object("subject"), types: ["Patient"]) {
            readPatient(patient)
        } else if resource["subject"] == nil {
            readOnlyPatient()
        }
    }

    /// The patient of a message that does not point to one. Never where a reference leads elsewhere or where there is a
    /// choice: a referral under the wrong name is worse than one without.
    func readOnlyPatient() {
        let patients = bundle.entries(of: "Patient")
        guard patients.count == 1, let patient = patients.first else { return }
        readPatient(patient)
    }

    /// One offering of the listing, in words: Ocean sends a coding with display only.
    ///
    /// - Parameter places: where each text stands first.
    private func readService(_ concept: SourceCursor, _ places: inout [String: Int]) {
        func append(_ text: String) {
            if places[text] == nil { places[text] = referral.services.count }
            referral.services.append(text)
        }
        for coding in concept.objects("coding") {
            if let text = coding.text("display", to: "/referral/services/\(referral.services.count)") { append(text) }
        }
        if let text = concept.peek("text"), let same = places[text] {
            concept["text"]?.keep(to: "/referral/services/\(same)")
        } else if let text = concept.text("text", to: "/referral/services/\(referral.services.count)") {
            append(text)
        }
    }

    private func readNote(_ element: SourceCursor) {
        let place = "/referral/notes/\(referral.notes.count)"
        var note = Note()
        note.text = element.text("text", to: "\(place)/text")
        note.plainText = note.text.map { HTMLText.plain($0) }
        note.time = element.text("time", to: "\(place)/time")
        note.author = element.text("authorString", to: "\(place)/author")
        if note.author == nil, let reference = element.object("authorReference") {
            let author = follow(reference, types: ["Practitioner", "PractitionerRole", "Patient", "Organization"])
            note.author = author.flatMap { displayName($0) } ?? reference.text("display", to: "\(place)/author")
        }
        if note != Note() { referral.notes.append(note) }
    }

    /// A person's name as one text, from whichever form it has.
    func displayName(_ entry: FHIREntry) -> String? {
        if entry.type == "PractitionerRole" {
            return bundle.resolve(entry.resource["practitioner"]).flatMap {
                $0.type == "Practitioner" ? displayName($0) : nil
            }
        }
        if entry.type == "Organization" { return entry.resource["name"]?.nonEmptyText }
        guard let name = entry.resource["name"]?[0] else { return nil }
        if let text = name["text"]?.nonEmptyText { return text }
        let parts =
            (name["given"]?.arrayValue ?? []).compactMap(\.nonEmptyText)
            + [name["family"]?.nonEmptyText].compactMap { $0 }
        return parts.isEmpty ? nil : parts.joined(separator: " ")
    }

    /// Ontario's flag on the request itself, where no Task carries it.
    private func readRequestExtension(_ element: SourceCursor) {
        guard referral.kind == nil, element.peek("url") == ExtensionURL.patientNeedsToBeSeen,
            let flag = element["valueBoolean"], let seen = flag.value.boolValue
        else { return }
        referral.kind = seen ? .referral : .consult
        flag.fold(into: "/referral/kind", "kind of exchange")
        element["url"]?.structural(.extensionURL)
    }

    /// Forwarding and splitting. Which of two forwarded requests carries `replaces` differs between Ocean's guide and
    /// Ocean's own programs; on a new referral the other one is what it replaces, whichever says so. In any other
    /// message a request that replaces this one has taken its place.
    private func readLinks(_ entry: FHIREntry, _ resource: SourceCursor) {
        var links = ReferralLinks()
        for reference in resource.objects("replaces") {
            let place = "/referral/links/replaces/\(links.replaces.count)"
            if let ref = linkedReference(reference, at: place) { links.replaces.append(ref) }
        }
        for reference in resource.objects("basedOn") {
            let place = "/referral/links/basedOn/\(links.basedOn.count)"
            if let ref = linkedReference(reference, at: place) { links.basedOn.append(ref) }
        }
        var known = Set(links.replaces)
        var later = Set(links.replacedBy)
        for other in bundle.entries(of: "ServiceRequest") where other != entry {
            guard let cursor = entryCursors[other.position]["resource"] else { continue }
            for reference in cursor.objects("replaces") where bundle.resolve(reference.value) == entry {
                guard let ref = referralReference(of: other) else { continue }
                if eventCode == .addServiceRequest {
                    if known.insert(ref).inserted { links.replaces.append(ref) }
                } else if !known.contains(ref), later.insert(ref).inserted {
                    links.replacedBy.append(ref)
                }
            }
        }
        if links != ReferralLinks() { referral.links = links }
    }

    func referralReference(of entry: FHIREntry) -> String? {
        referralIdentifier(of: entry) ?? entry.id ?? entry.fullURLID
    }

    /// The referral reference behind a link, whether or not that referral is in the bundle.
    private func linkedReference(_ element: SourceCursor, at place: String) -> String? {
        if let entry = bundle.resolve(element.value, types: ["ServiceRequest"]), entry.type == "ServiceRequest" {
            guard let ref = referralReference(of: entry) else { return nil }
            element["reference"]?.fold(into: place, "followed to the referral reference")
            if let identifier = element["identifier"], identifier.peek("value") == ref {
                identifier["value"]?.keep(to: place)
                identifier["system"]?.structural(.impliedSystem)
            }
            return ref
        }
        if let identifier = element.object("identifier"), let value = identifier.text("value", to: place) {
            element["type"]?.structural(.reference)
            if NamingSystem.referral.matches(identifier.peek("system")) {
                identifier["system"]?.structural(.impliedSystem)
            }
            return value
        }
        guard let text = element.peek("reference"), !text.isEmpty else { return nil }
        element["reference"]?.fold(into: place, "the referral reference in it")
        return ReferenceIndex.typeAndID(text).map { String($0.drop { $0 != "/" }.dropFirst()) }
            ?? ReferenceIndex.key(text)
    }

    /// Whether a resource belongs to the referral of this message: it is in focus, says so, or says nothing.
    func belongs(_ entry: FHIREntry) -> Bool {
        guard !isInFocus(entry) else { return true }
        let references = entry.resource["basedOn"]?.referenceList ?? []
        guard !references.isEmpty else { return true }
        return references.contains { reference in
            if let found = bundle.resolve(reference, types: ["ServiceRequest"]) { return found == request }
            return isOurReference(reference)
        }
    }

    private func isOurReference(_ reference: JSONValue) -> Bool {
        if reference["identifier"]?["value"]?.stringValue == referral.ref { return true }
        guard let text = reference["reference"]?.stringValue else { return false }
        return text == referral.ref
            || ReferenceIndex.typeAndID(text)?.hasSuffix("/" + ReferenceIndex.key(referral.ref)) == true
    }

    /// Ticks off `basedOn` references that lead to the referral of this message.
    func passBasedOn(_ resource: SourceCursor) {
        for reference in resource.objects("basedOn") {
            let leads = bundle.resolve(reference.value, types: ["ServiceRequest"]).map { $0 == request } ?? false
            guard leads || isOurReference(reference.value) else { continue }
            reference["reference"]?.fold(into: "/referral/ref", "the referral of this message")
            reference["identifier"]?.fold(into: "/referral/ref", "the referral of this message")
            reference["type"]?.structural(.reference)
        }
    }
}
