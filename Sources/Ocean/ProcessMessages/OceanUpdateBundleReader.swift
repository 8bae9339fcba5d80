// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
package import JSON

/// Reads a `$process-messages` bundle of either API version as Ocean would.
///
/// As tolerant as Ocean is seen to be: dangling references, no `fullUrl`, no ids, either header extension or both,
/// focus by `Type/id`, `urn:uuid:` or address.
package enum OceanUpdateBundleReader {
    /// - Throws: `TranslationError`: `.unknownFormat` when it is no message bundle, `.noReference` when it names no
    ///   referral, `.invalid` when nothing in focus is in the bundle.
    package static func read(_ json: JSONValue) throws(TranslationError) -> ReceivedOceanUpdate {
        try read(json, referral: nil)
    }

    /// - Parameter referral: stands in for a reference that the bundle does not give.
    static func read(_ json: JSONValue, referral: String?) throws(TranslationError) -> ReceivedOceanUpdate {
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
        output.focus = references.compactMap { bundle.type(of: $0) }
        let focus = references.compactMap { bundle.resource($0) }
        guard !focus.isEmpty else {
            throw TranslationError(
                .invalid, at: "/entry/0/resource/focus", "names no resource of this bundle; put it into an entry")
        }
        for resource in focus { bundle.take(resource, into: &output) }
        guard let reference = bundle.referralReference(header: header, focus: focus) ?? referral else {
            throw TranslationError(
                .noReference, at: "/entry/0/resource/extension",
                "names no referral; give \(ExtensionURL.referralIdentifier) or Task.basedOn")
        }
        output.referral = reference
        return output
    }
}

extension ReceivedBundle {
    /// Reads one resource in focus. Of two resources of a type the first one counts.
    func take(_ resource: JSONValue, into output: inout ReceivedOceanUpdate) {
        switch resource["resourceType"]?.stringValue {
        case "Task" where output.task == nil:
            output.task = ReceivedResource.task(resource)
            output.forward = forwardTarget(resource)
        case "Appointment" where output.appointment == nil:
            output.appointment = ReceivedResource.appointment(resource)
            output.appointmentReason =
                resource["cancelationReason"].flatMap { ReceivedResource.words($0) }
                ?? resource["comment"]?.stringValue.nonEmptyText
        case "Communication" where output.communication == nil:
            var communication = ReceivedResource.communication(resource)
            communication.senderName = personName(resource["sender"])
            switch output.code {
            case .communicationFromRequester: communication.direction = .fromRequester
            case .communicationFromProvider: communication.direction = .fromProvider
            default: break
            }
            output.communication = communication
            output.topic = resource["topic"].flatMap { ReceivedResource.words($0) }
            output.communicationReason = resource["reasonCode"]?[0].flatMap { ReceivedResource.words($0) }
        case "ServiceRequest" where output.requestStatus == nil:
            output.requestStatus = resource["status"]?.stringValue
            output.correctedCategory = resource["code"].flatMap { ReceivedResource.codings($0).first }
        case "Patient" where output.patient == nil: output.patient = ReceivedPatient.patient(resource)
        default: break
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
