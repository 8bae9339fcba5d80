// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

package import BridgeCore
import FHIR
import JSON

/// Tells hospital systems of a kept document as a FHIR R4 message bundle: MessageHeader and one DocumentReference whose
/// attachment names the claim, never the bytes.
package enum DocumentNotice {
    /// `MessageHeader.eventUri`.
    package static let event = "urn:ocean-bridge:document-available"
    /// On the attachment: SHA-256 of the bytes in hexadecimal; `Attachment.hash` is SHA-1 by definition.
    package static let sha256Extension = "https://ocean-bridge.ca/fhir/StructureDefinition/attachment-sha256"
    /// On the attachment: the path at which the bridge serves the document.
    package static let fetchExtension = "https://ocean-bridge.ca/fhir/StructureDefinition/attachment-fetch-path"
    private static let oceanHost = "https://ocean.cognisantmd.com"

    /// - Parameters:
    ///   - messageID: what the ids of bundle and header are made of.
    ///   - isTest: carries Ocean's label HTEST on.
    /// - Returns: the bundle's bytes, the same for the same input.
    package static func fhir(_ notice: DocumentAvailable, messageID: String, isTest: Bool) -> [UInt8] {
        let bundleID = UUIDv5.make(namespace: UUIDv5.bridge, name: "\(messageID)|bundle")
        let headerID = UUIDv5.make(namespace: UUIDv5.bridge, name: "\(messageID)|header")
        let referral: JSONValue = [
            "system": .string(NamingSystem.referral.url(host: oceanHost)), "value": .string(notice.referral),
        ]
        var header = ElementBuilder(resourceType: "MessageHeader", id: headerID)
        header.put("extension", [["url": .string(ExtensionURL.referralIdentifier), "valueIdentifier": referral]])
        header.put("eventUri", .string(event))
        header.put("source", ["name": "Ocean Bridge", "endpoint": "urn:ocean-bridge:documents"])
        header.put("focus", [["reference": .string("urn:uuid:\(notice.id)")]])
        var bundle = ElementBuilder(resourceType: "Bundle", id: bundleID)
        if isTest {
            let label: JSONValue = [
                "system": "http://terminology.hl7.org/CodeSystem/v3-ActReason", "code": "HTEST",
                "display": "test health data",
            ]
            bundle.put("meta", ["security": [label]])
        }
        bundle.put("type", "message")
        bundle.put("timestamp", .string(notice.storedAt))
        bundle.put(
            "entry",
            [
                ["fullUrl": .string("urn:uuid:\(headerID)"), "resource": header.json],
                ["fullUrl": .string("urn:uuid:\(notice.id)"), "resource": reference(notice, referral).json],
            ])
        return bundle.json.bytes(.compact)
    }

    private static func reference(_ notice: DocumentAvailable, _ referral: JSONValue) -> ElementBuilder {
        let document = notice.document
        var resource = ElementBuilder(resourceType: "DocumentReference", id: notice.id)
        if let ref = document.ref, document.kind != .letter {
            resource.put(
                "identifier",
                [["system": .string(NamingSystem.attachment.url(host: oceanHost)), "value": .string(ref)]])
        } else {
            resource.put("identifier", [referral])
        }
        let status = document.status.flatMap { RequiredCodes.documentStatus.contains($0) ? $0 : nil }
        resource.put("status", .string(status ?? "current"))
        resource.put("type", ["text": .string(document.kind == .letter ? "referral letter" : "attachment")])
        if let date = document.date, Primitive.isInstant(date) { resource.put("date", .string(date)) }
        var attachment = ElementBuilder()
        attachment.put(
            "extension",
            [
                ["url": .string(sha256Extension), "valueString": .string(notice.sha256)],
                ["url": .string(fetchExtension), "valueString": .string(notice.fetch)],
            ])
        attachment.put("contentType", document.contentType.map { .string($0) })
        attachment.put("url", document.url.map { .string($0) })
        attachment.put("size", document.size.map { .number(JSONNumber($0)) })
        attachment.put("hash", document.hash.map { .string($0) })
        attachment.put("title", document.title.map { .string($0) })
        if let created = document.created, Primitive.isDateTime(created) {
            attachment.put("creation", .string(created))
        }
        resource.put("content", [["attachment": attachment.json]])
        resource.put("context", ["related": [["type": "ServiceRequest", "identifier": referral]]])
        return resource
    }
}
