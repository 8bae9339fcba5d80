// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import FHIR
import JSON

extension UpdateDraft {
    /// Topic that tells a question from a plain message; for people and for this product's own readers.
    static let informationTopic = "Request for information"

    /// The Communication of a message, question or review mark.
    ///
    func communication() throws(TranslationError) -> UpdateContent {
        guard let text = update.text.nonEmptyText else {
            throw missing("/text", "the text that Ocean shall show")
        }
        var communication = resource("Communication", id: id("Communication"))
        // The listing's system with the referral's reference: so it stands in the messages of Ocean's integrator.
        communication.put(
            "identifier",
            [
                [
                    "system": .string(NamingSystem.listing.url(host: context.oceanHost)),
                    "value": .string(update.referral),
                ]
            ])
        communication.put("basedOn", [referralReference])
        communication.put("status", text: "completed")
        if update.action == .requestInformation { communication.put("topic", ["text": .string(Self.informationTopic)]) }
        communication.put("sent", text: time)
        var resources: [JSONObject] = []
        let isNamed = context.dialect == .fhir0111 && context.conventions.messageEvent == .sendCommunication
        let sender = person(update.senderName ?? update.actor ?? (isNamed ? "Ocean Bridge" : nil))
        if update.action != .needsReview, let sender {
            communication.put("sender", ["reference": .string(sender.updateReference)])
            resources.append(sender)
        }
        if let reason = update.reason.nonEmptyText {
            communication.put("reasonCode", [["text": .string(reason)]])
        }
        var payload: [JSONValue] = [["contentString": .string(text)]]
        for (index, document) in update.documents.enumerated() {
            let place = "/documents/\(index)"
            let attachment = try attachment(document, at: place)
            switch context.conventions.attachments {
            case .inline: payload.append(["contentAttachment": attachment])
            case .documentReference:
                var reference = resource("DocumentReference", id: id("DocumentReference/\(index)"))
                reference.put("status", text: "current")
                reference.put("date", text: time)
                reference.put("content", [["attachment": attachment]])
                payload.append(["contentReference": ["reference": .string(reference.object.updateReference)]])
                resources.append(reference.object)
            case .refuse:
                throw TranslationError(
                    .unsupported, at: place,
                    "files are not sent (sites.*.updates.attachments is refuse); add them in the Ocean Portal")
            }
        }
        communication.put("payload", .array(payload))
        return UpdateContent(resources: [communication.object] + resources)
    }

    private func attachment(_ document: Document, at place: String) throws(TranslationError) -> JSONValue {
        guard document.data.nonEmptyText != nil || document.url.nonEmptyText != nil else {
            throw TranslationError(.invalid, at: place, "has neither data (base64) nor url; give one of them")
        }
        try DocumentFitness.check(document, at: place)
        var attachment = ElementBuilder()
        // Data without a type is broken for FHIR (att-1); this one says that nothing is known.
        let unknown = document.data.nonEmptyText == nil ? nil : "application/octet-stream"
        attachment.put("contentType", text: document.contentType.nonEmptyText ?? unknown)
        attachment.put("data", text: document.data)
        attachment.put("url", text: document.url)
        if let size = document.size { attachment.put("size", .number(JSONNumber(size))) }
        attachment.put("hash", text: document.hash)
        attachment.put("title", text: document.title)
        attachment.put("creation", text: document.created)
        return attachment.json
    }
}
