// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

package import BridgeCore
package import JSON

/// Reads the thin events of Ocean's Open eReferral API. Their event types are not published, so that any type with a
/// reference and a site means: the referral changed, fetch it.
package struct OpenReferralEventReader: Sendable {
    private let types: [String: MessageType]

    /// - Parameter types: message types for Ocean's event types, as a site learns them; others are `referral.updated`.
    package init(types: [String: MessageType] = [:]) {
        self.types = types
    }

    /// The reference and site of the event; nil when the object is no such event.
    package static func parts(of object: JSONObject) -> (ref: String, site: String)? {
        guard let ref = OceanReference.text(object["referralRef"] ?? object["ref"]), OceanReference.isUUID(ref),
            let site = OceanReference.text(object["siteNum"])
        else { return nil }
        return (ref, site)
    }

    /// - Returns: a thin message without a referral; what else the event says stays in the original.
    /// - Throws: `TranslationError` `.noReference` without a referral reference (a UUID) and a site.
    package func read(
        _ json: JSONValue, bytes: [UInt8], mediaType: String
    ) throws(TranslationError) -> InboundMessage {
        guard let object = json.objectValue, let (ref, site) = Self.parts(of: object) else {
            throw TranslationError(.noReference, "expected a referral reference and a site number")
        }
        let type = object["type"]?.stringValue.flatMap { $0.isEmpty ? nil : $0 }
        let log = ReadingLog()
        let root = ObjectReader(object, at: "", log: log)
        _ = root.text("type", to: "/event/code")
        _ = root.text(object["referralRef"] == nil ? "ref" : "referralRef", to: "/subject")
        _ = root.text("siteNum", to: "/site")
        root.leaveRest(note: "stands in the original only: the content is fetched")

        var canonical = CanonicalMessage()
        canonical.event.code = type ?? Dialect.oceanJSON.rawValue
        canonical.event.thin = true
        canonical.original = Original(
            bytes: bytes, mediaType: mediaType, dialect: Dialect.oceanJSON.rawValue)
        return InboundMessage(
            type: type.flatMap { types[$0] } ?? .referralUpdated, subject: ref, time: nil,
            attributes: MessageAttributes(site: site, event: type, dialect: Dialect.oceanJSON.rawValue),
            canonical: canonical, ledger: log.ledger)
    }
}
