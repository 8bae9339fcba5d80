// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

package import BridgeCore
import JSON

/// Reads what a hospital system publishes on `ocean.updates`.
///
/// An action is never guessed: what can be read in two ways is refused, with the place and what to send instead.
package struct OceanUpdateReader: UpdateReader {
    /// The forms in which a hospital system may speak.
    package enum Form: String, Sendable, Hashable, CaseIterable {
        /// The product's own form, with `action`.
        case canonical
        /// A referral in Ocean JSON with one change.
        case oceanReferral = "ocean-json-referral"
        /// One ReferralComment of Ocean JSON.
        case oceanComment = "ocean-json-comment"
        /// A FHIR message bundle.
        case messageBundle = "fhir-bundle"
        /// One FHIR resource.
        case resource = "fhir-resource"
    }

    /// What a message asks for and how it was read.
    package struct Reading: Sendable {
        package let request: UpdateRequest
        package let form: Form
        /// JSON pointers of members of a canonical update that are not known; they had no effect.
        package let unknown: [String]
    }

    private let statusMaps: StatusMaps

    /// - Parameter statusMaps: what the status words of Ocean JSON mean, by site.
    package init(statusMaps: StatusMaps = StatusMaps()) {
        self.statusMaps = statusMaps
    }

    package func read(_ message: Message) throws(TranslationError) -> UpdateRequest {
        try reading(of: message).request
    }

    /// Like `read`, with the form and what was passed over.
    ///
    /// - Throws: `TranslationError`: `.notJSON`, `.unknownFormat`, `.noReference`, `.unsupported` or `.invalid`.
    package func reading(of message: Message) throws(TranslationError) -> Reading {
        guard !message.attributes.echo else {
            throw TranslationError(
                .invalid, "is Ocean's echo of a change that the bridge made (cloudEvents_echo); do not send it back")
        }
        let json: JSONValue
        do throws(JSONError) {
            json = try JSONValue(parsing: message.body)
        } catch {
            throw TranslationError(.notJSON, "is not JSON: \(error)")
        }
        if message.contentType.lowercased().hasPrefix(CloudEventsStructured.mediaType) {
            return try reading(of: try Self.unwrapped(json, message))
        }
        guard let object = json.objectValue else {
            throw TranslationError(.unknownFormat, "is \(json.kindName); send one update as an object")
        }
        let envelope = UpdateEnvelopeHints(message)
        if object["resourceType"] != nil { return try fhir(json, envelope) }
        if object["action"] != nil { return try canonical(object, envelope) }
        if object["original"] != nil, object["event"] != nil {
            throw TranslationError(
                .unknownFormat, at: "/event",
                "is a message of the bridge, not an update; send an object with referral, site and action")
        }
        if object["referralRef"] != nil, object["message"] == nil, object["encryptedMsg"] == nil {
            let stated = try OceanJSONUpdate(object, envelope, statusMaps).referral()
            return Reading(request: stated.request, form: .oceanReferral, unknown: [])
        }
        if object["message"] != nil || object["encryptedMsg"] != nil {
            let update = try OceanJSONUpdate(object, envelope, statusMaps).comment()
            return Reading(request: UpdateRequest(update), form: .oceanComment, unknown: [])
        }
        throw TranslationError(
            .unknownFormat,
            "has neither action, resourceType, referralRef nor message; send a canonical update, Ocean JSON or FHIR")
    }

    /// A structured CloudEvent that arrives inside a message: its own attributes count.
    private static func unwrapped(_ json: JSONValue, _ message: Message) throws(TranslationError) -> Message {
        do throws(RecordError) {
            var inner = try Message(structured: json, receivedAt: message.time)
            inner.subject = inner.subject ?? message.subject
            inner.attributes.site = inner.attributes.site ?? message.attributes.site
            guard !inner.contentType.lowercased().hasPrefix(CloudEventsStructured.mediaType) else {
                throw RecordError(
                    at: JSONPointer(tokens: ["datacontenttype"]), message: "must not be a CloudEvent again")
            }
            return inner
        } catch {
            throw TranslationError(.invalid, at: error.pointer, error.message)
        }
    }

    private func canonical(_ object: JSONObject, _ envelope: UpdateEnvelopeHints) throws(TranslationError) -> Reading {
        var completed = object
        if object["referral"] == nil, let subject = envelope.subject { completed["referral"] = .string(subject) }
        if object["site"] == nil, let site = envelope.site { completed["site"] = .string(site) }
        guard completed["referral"] != nil else { throw UpdateEnvelopeHints.noReference("/referral") }
        guard completed["site"] != nil else { throw UpdateEnvelopeHints.noSite("/site") }
        do throws(RecordError) {
            var unknown: [JSONPointer] = []
            let update = try ReferralUpdate.read(.object(completed), unknown: &unknown)
            return Reading(request: UpdateRequest(update), form: .canonical, unknown: unknown.map(\.description))
        } catch {
            let isReference = error.pointer == "/referral"
            throw TranslationError(isReference ? .noReference : .invalid, at: error.pointer, error.message)
        }
    }

    private func fhir(_ json: JSONValue, _ envelope: UpdateEnvelopeHints) throws(TranslationError) -> Reading {
        if let bundle = ReceivedBundle(json) {
            let received = try message(json, bundle, envelope)
            let isOne = received.count == 1
            var updates: [FHIRUpdate] = []
            for (index, each) in received.enumerated() {
                let part = isOne ? "" : "\(each.type.lowercased())-\(index + 1)"
                updates.append(try FHIRUpdate(each, prefix: each.place, part: part, envelope))
            }
            return Reading(request: try Self.request(updates), form: .messageBundle, unknown: [])
        }
        let type = json["resourceType"]?.stringValue ?? ""
        guard ["Task", "Appointment", "Communication", "ServiceRequest", "Patient"].contains(type),
            let bundle = ReceivedBundle(["resourceType": "Bundle", "entry": [["resource": json]]])
        else {
            throw TranslationError(
                .unknownFormat, at: "/resourceType",
                "is no resource that tells an update; send Task, Appointment, Communication, ServiceRequest or Patient, "
                    + "or a message Bundle")
        }
        var received = ReceivedOceanUpdate()
        bundle.take(json, into: &received)
        received.referral = bundle.statedReference(of: json, subject: envelope.subject) ?? ""
        received.site = bundle.onlySite
        let update = try FHIRUpdate(received, prefix: "", envelope)
        return Reading(request: try Self.request([update]), form: .resource, unknown: [])
    }

    /// The changes in the order of the focus; forwarding comes last, for after it nothing else may be said.
    private static func request(_ updates: [FHIRUpdate]) throws(TranslationError) -> UpdateRequest {
        guard let first = updates.first else {
            throw TranslationError(.invalid, at: "/entry/0/resource/focus", "names nothing")
        }
        guard updates.allSatisfy({ $0.referral == first.referral && $0.site == first.site }) else {
            throw TranslationError(
                .invalid, at: "/entry/0/resource/focus", "names several referrals; send one message for each")
        }
        return UpdateRequest(
            referral: first.referral, site: first.site, isCompared: true
        ) { record throws(TranslationError) in
            var changes: [RequestedChange] = []
            for update in updates {
                if let change = try update.change(since: record) { changes.append(change) }
            }
            guard !changes.isEmpty else {
                throw first.unclear(
                    "/code",
                    "an active ServiceRequest tells no change; send its corrected code, or a Task with a status")
            }
            return changes.filter { !$0.update.action.isForwarding } + changes.filter { $0.update.action.isForwarding }
        }
    }

    private func message(
        _ json: JSONValue, _ bundle: ReceivedBundle, _ envelope: UpdateEnvelopeHints
    ) throws(TranslationError) -> [ReceivedOceanUpdate] {
        guard json["type"]?.stringValue ?? "message" == "message" else {
            throw TranslationError(
                .unknownFormat, at: "/type", "must be message: header first, then the resource in focus")
        }
        // The envelope may name the referral where the bundle does not.
        var received = try OceanUpdateBundleReader.read(json, referral: envelope.subject)
        guard bundle.headerReference == nil else { return received }
        let focus = (bundle.first("MessageHeader")?["focus"]?.listElements ?? []).compactMap { bundle.resource($0) }
        // The first of them that names it beyond doubt.
        let certain = focus.lazy.compactMap { bundle.statedReference(of: $0, subject: "")?.optionalText }.first
        let stated = focus.lazy.compactMap { bundle.statedReference(of: $0, subject: envelope.subject) }.first
        for index in received.indices {
            received[index].referral = certain ?? stated ?? received[index].referral
        }
        return received
    }
}

/// What the envelope says where the body says nothing.
struct UpdateEnvelopeHints {
    let subject: String?
    let site: String?

    init(_ message: Message) {
        subject = message.subject.nonEmptyText
        site = message.attributes.site.nonEmptyText
    }

    static func noReference(_ place: String) -> TranslationError {
        TranslationError(
            .noReference, at: place,
            "names no referral; give Ocean's referral reference here, or as header cloudEvents_subject or routing key")
    }

    static func noSite(_ place: String) -> TranslationError {
        TranslationError(
            .invalid, at: place,
            "names no Ocean site; give the site number here or in the header cloudEvents_site")
    }
}

extension ReceivedBundle {
    var headerReference: String? {
        guard let header = first("MessageHeader") else { return nil }
        return referralReference(header: header, focus: [])
    }

    /// The referral that a hospital's resource names. The id of a hospital's own ServiceRequest is not Ocean's, so a
    /// bare id counts only when it looks like one of Ocean's or the envelope names nothing better.
    func statedReference(of resource: JSONValue, subject: String?) -> String? {
        if let own = ReceivedResource.identifier(.referral, of: resource) { return own }
        var literal: String?
        for reference in Self.links(resource) {
            if let found = self.resource(reference), let own = ReceivedResource.identifier(.referral, of: found) {
                return own
            }
            guard let named = ReceivedResource.referral(reference) else { continue }
            if reference["identifier"] != nil || named.lowercased().isCanonicalUUID { return named }
            literal = literal ?? named
        }
        return subject ?? literal
    }
}
