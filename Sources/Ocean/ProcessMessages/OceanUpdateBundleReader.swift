// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
package import JSON

/// Reads a `$process-messages` bundle of either API version as Ocean would.
///
/// As tolerant as Ocean is seen to be: dangling references, no `fullUrl`, no ids, either header extension or both,
/// focus by `Type/id`, `urn:uuid:` or address.
package enum OceanUpdateBundleReader {
    /// - Parameter referral: stands in for a reference that the bundle does not give.
    /// - Returns: one element for each resource in focus, in order; at least one.
    /// - Throws: `TranslationError`: `.unknownFormat` when it is no message bundle, `.noReference` when it names no
    ///   referral, `.invalid` when something in focus is not in the bundle.
    package static func read(
        _ json: JSONValue, referral: String? = nil
    ) throws(TranslationError) -> [ReceivedOceanUpdate] {
        guard let bundle = ReceivedBundle(json) else {
            throw TranslationError(.unknownFormat, at: "/resourceType", "expected a FHIR Bundle")
        }
        guard let header = bundle.first("MessageHeader") else {
            throw TranslationError(
                .unknownFormat, at: "/entry", "has no MessageHeader; send a message bundle with the header first")
        }
        var output = ReceivedOceanUpdate()
        output.bundleID = json["id"]?.stringValue
        output.timestamp = json["timestamp"]?.stringValue
        output.headerID = header["id"]?.stringValue
        guard
            let event = header["eventCoding"]?["code"]?.stringValue
                ?? header["eventUri"]?.stringValue?.split(separator: "/").last.map({ String($0) }), !event.isEmpty
        else {
            throw TranslationError(.invalid, at: "/entry/0/resource/eventCoding/code", "is required and missing")
        }
        output.event = event
        output.code = EventCode(code: event)
        output.author = bundle.personName(header["author"])
        output.site = bundle.onlySite
        let references = header["focus"]?.listElements ?? []
        guard !references.isEmpty else { throw missing(0, "names nothing; name the resource that tells the change") }
        var focus: [(resource: JSONValue, place: String)] = []
        for (index, reference) in references.enumerated() {
            guard let found = bundle.located(reference) else {
                throw missing(index, "names no resource of this bundle; put it into an entry")
            }
            // Named twice, it is still one change.
            if !focus.contains(where: { $0.place == found.place }) { focus.append(found) }
        }
        guard let reference = bundle.referralReference(header: header, focus: focus.map(\.resource)) ?? referral else {
            throw TranslationError(
                .noReference, at: "/entry/0/resource/extension",
                "names no referral; give \(ExtensionURL.referralIdentifier) or Task.basedOn")
        }
        output.referral = reference
        return focus.map { resource, place in
            var each = output
            each.place = place
            bundle.take(resource, into: &each)
            return each
        }
    }

    private static func missing(_ index: Int, _ message: String) -> TranslationError {
        TranslationError(.invalid, at: "/entry/0/resource/focus" + (index == 0 ? "" : "/\(index)"), message)
    }
}

extension ReceivedBundle {
    /// Reads the resource in focus.
    func take(_ resource: JSONValue, into output: inout ReceivedOceanUpdate) {
        output.type = resource["resourceType"]?.stringValue ?? ""
        output.notes = (resource["note"]?.listElements ?? []).compactMap { $0["text"]?.stringValue.nonEmptyText }
        switch output.type {
        case "Task":
            output.task = ReceivedResource.task(resource)
            output.forward = forwardTarget(resource)
            output.businessStatus = resource["businessStatus"].flatMap { ReceivedResource.words($0) }
            output.owner = personName(resource["owner"])
        case "Appointment":
            output.appointment = ReceivedResource.appointment(resource)
            output.appointmentReason =
                resource["cancelationReason"].flatMap { ReceivedResource.words($0) }
                ?? resource["comment"]?.stringValue.nonEmptyText
        case "Communication": take(communication: resource, into: &output)
        case "ServiceRequest": output.request = ReceivedResource.request(resource)
        case "Patient": output.patient = ReceivedPatient.patient(resource)
        default: break
        }
    }

    private func take(communication resource: JSONValue, into output: inout ReceivedOceanUpdate) {
        var communication = ReceivedResource.communication(resource)
        communication.senderName = personName(resource["sender"])
        switch output.code {
        case .communicationFromRequester: communication.direction = .fromRequester
        case .communicationFromProvider, .sendCommunication: communication.direction = .fromProvider
        default: break
        }
        for reference in (resource["payload"]?.listElements ?? []).compactMap({ $0["contentReference"] }) {
            let files = file(reference)
            if files.isEmpty { output.lostFiles += 1 }
            communication.documents += files
        }
        output.communication = communication
        output.topic = resource["topic"].flatMap { ReceivedResource.words($0) }
        output.communicationReason = resource["reasonCode"]?[0].flatMap { ReceivedResource.words($0) }
    }

    /// The files of a DocumentReference or Binary that a message names.
    private func file(_ reference: JSONValue) -> [Document] {
        guard let found = self.resource(reference) else { return [] }
        switch found["resourceType"]?.stringValue {
        case "DocumentReference":
            return (found["content"]?.listElements ?? []).compactMap { $0["attachment"] }
                .map { ReceivedResource.attachment($0) }
        case "Binary":
            guard let data = found["data"]?.stringValue.nonEmptyText else { return [] }
            var document = Document()
            document.contentType = found["contentType"]?.stringValue
            document.data = data
            return [document]
        default: return []
        }
    }

    /// The Task's new ServiceRequest is performed by the listing that takes over.
    private func forwardTarget(_ task: JSONValue) -> ForwardTarget? {
        for reference in task["basedOn"]?.listElements ?? [] {
            guard let request = resource(reference), request["replaces"] != nil else { continue }
            for performer in request["performer"]?.listElements ?? [] {
                let identifiers =
                    [performer["identifier"]].compactMap { $0 }
                    + (resource(performer)?["identifier"]?.listElements ?? [])
                let listing = identifiers.first { NamingSystem.listing.matches($0["system"]?.stringValue) }
                guard let value = listing?["value"]?.stringValue.nonEmptyText else { continue }
                let category = request["category"]?[0].flatMap { ReceivedResource.codings($0).first }
                return ForwardTarget(listing: value, category: category)
            }
        }
        return nil
    }
}
