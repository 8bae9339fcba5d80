// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import JSON

extension UpdateDraft {
    /// Topic that tells a question from a plain message; for people and for this product's own readers.
    static let informationTopic = "Request for information"

    /// The Communication of a message, question or review mark.
    ///
    /// How Ocean takes attachments of a message is not known; they go as `contentAttachment`, which is FHIR's own way.
    func communication() throws(TranslationError) -> UpdateContent {
        guard let text = update.text.nonEmptyText else {
            throw missing("/text", "the text that Ocean shall show")
        }
        var communication = resource("Communication", id: id("Communication"))
        communication.put("basedOn", [referralReference])
        communication.put("status", text: "completed")
        if update.action == .requestInformation { communication.put("topic", ["text": .string(Self.informationTopic)]) }
        communication.put("sent", text: time)
        var resources: [JSONObject] = []
        if update.action != .needsReview, let sender = person(update.senderName ?? update.actor) {
            communication.put("sender", ["reference": .string(sender.updateReference)])
            resources.append(sender)
        }
        if let reason = update.reason.nonEmptyText {
            communication.put("reasonCode", [["text": .string(reason)]])
        }
        var payload: [JSONValue] = [["contentString": .string(text)]]
        for (index, document) in update.documents.enumerated() {
            payload.append(["contentAttachment": try attachment(document, at: "/documents/\(index)")])
        }
        communication.put("payload", .array(payload))
        return UpdateContent(resources: [communication.object] + resources)
    }

    private func attachment(_ document: Document, at place: String) throws(TranslationError) -> JSONValue {
        guard document.data.nonEmptyText != nil || document.url.nonEmptyText != nil else {
            throw TranslationError(.invalid, at: place, "has neither data (base64) nor url; give one of them")
        }
        var attachment = ResourceDraft()
        attachment.put("contentType", text: document.contentType)
        attachment.put("data", text: document.data)
        attachment.put("url", text: document.url)
        if let size = document.size { attachment.put("size", .number(JSONNumber(size))) }
        attachment.put("hash", text: document.hash)
        attachment.put("title", text: document.title)
        attachment.put("creation", text: document.created)
        return attachment.value
    }
}
