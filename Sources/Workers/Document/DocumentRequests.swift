// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import JSON
import Ocean

/// Which documents of a referral are asked for.
package struct DocumentRequests: Sendable, Hashable {
    package var letters = true
    package var attachments = true
    /// A letter is asked for again with every change of the referral, even when Ocean dates it no later.
    package var refreshesLetters = false
    /// Sites whose documents can be fetched; nil for all. Where the bridge only listens it has no credentials.
    package var sites: Set<String>?
    /// Sites whose files can be fetched by the Open eReferral API: they have its credentials and a key to decrypt with.
    package var openAPISites: Set<String> = []

    package init() {}

    /// One message for `ocean.documents` per document, each with an id that a second reading of the same referral
    /// repeats: it is made of the referral, the document's reference and what Ocean says of its version.
    ///
    /// - Parameter trace: of the hop that publishes them.
    func messages(for message: Message, _ canonical: CanonicalMessage, trace: TraceContext) -> [Message] {
        guard let referral = canonical.referral, !referral.ref.isEmpty else { return [] }
        let site = message.attributes.site ?? referral.receiver?.site
        let hasFHIR = sites?.contains(site ?? "") ?? true
        let hasOpenAPI =
            canonical.original.dialect == Dialect.oceanJSON.rawValue && openAPISites.contains(site ?? "")
        var seen: Set<String> = []
        var output: [Message] = []
        for var document in referral.documents + referral.communications.flatMap(\.documents)
        where hasFHIR && isWanted(document) || hasOpenAPI && isWantedFile(document) {
            let id = id(of: document, referral.ref, message)
            guard seen.insert(id).inserted else { continue }
            var request = DocumentRequest()
            request.referral = referral.ref
            // The worker asks Ocean for it again: a key waits on no queue, not even a wrapped one.
            document.encryptedKey = nil
            request.document = document
            var attributes = message.attributes
            attributes.site = site
            attributes.causationID = message.id
            attributes.sequence = nil
            output.append(
                Message(
                    id: id, source: "/bridge/translator", type: .documentRequested, subject: referral.ref,
                    time: message.time, attributes: attributes, trace: trace, body: request.json.bytes()))
        }
        return output
    }

    /// A file of the Open eReferral API: a reference without an address.
    private func isWantedFile(_ document: Document) -> Bool {
        attachments && document.kind != .letter && document.url.map(\.isEmpty) ?? true && document.data == nil
            && document.ref.map { !$0.isEmpty } ?? false && document.status != "entered-in-error"
    }

    /// What carries its bytes with it, or can only be had by the Open API, has no address.
    private func isWanted(_ document: Document) -> Bool {
        guard let url = document.url, !url.isEmpty, document.data == nil, document.status != "entered-in-error" else {
            return false
        }
        return document.kind == .letter ? letters : attachments
    }

    private func id(of document: Document, _ referral: String, _ message: Message) -> String {
        var parts = [
            "document", referral, document.kind.rawValue, document.ref ?? "", document.url ?? "",
            document.created ?? document.date ?? "", document.size.map(String.init) ?? "", document.hash ?? "",
        ]
        if refreshesLetters, document.kind == .letter, !message.attributes.echo { parts.append(message.id) }
        return UUIDv5.make(namespace: UUIDv5.bridge, name: parts.joined(separator: "|"))
    }
}
