// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
package import JSON

/// Reads the thin events of Ocean's Patient Engagement API: a reference, no health data.
package enum EngagementEventReader {
    /// What all event types of this API begin with.
    package static let typePrefix = "notify-patient-"

    /// - Returns: a thin message. An event type outside the known ones gets the type `unknown`; it is still thin, so
    ///   that its content can be fetched.
    /// - Throws: `TranslationError` `.noReference` without patient reference, `.invalid` without site.
    package static func read(
        _ json: JSONValue, bytes: [UInt8], mediaType: String
    ) throws(TranslationError) -> InboundMessage {
        guard let object = json.objectValue, let type = object["type"]?.stringValue else {
            throw TranslationError(.unknownFormat, at: "/type", "expected an event object with a type")
        }
        guard let ref = OceanReference.text(object["ref"]) else {
            throw TranslationError(.noReference, at: "/ref", "is missing or is no reference to a patient")
        }
        guard let site = OceanReference.text(object["siteNum"]) else {
            throw TranslationError(.invalid, at: "/siteNum", "is missing or is no site number")
        }
        let log = ReadingLog()
        let root = ObjectReader(object, at: "", log: log)
        var engagement = Engagement()
        engagement.patientRef = ref
        engagement.site = site
        _ = root.text("type", to: "/event/code")
        _ = root.text("ref", to: "/patientRef")
        _ = root.text("siteNum", to: "/site")
        if let properties = root.object("customProperties") {
            engagement.sessionID = properties.text("oceanSessionId", to: "/sessionId")
            engagement.completionSource = properties.text("noteCompletionSource", to: "/completionSource")
            properties.finish()
        }
        root.finish()
        engagement.unmapped = log.unmapped

        var canonical = CanonicalMessage()
        canonical.event.code = type
        canonical.event.thin = true
        canonical.engagement = engagement
        canonical.original = Original(
            bytes: bytes, mediaType: mediaType, dialect: Dialect.patientEngagement.rawValue)
        return InboundMessage(
            type: EventCode(code: type)?.messageType ?? .unknown, subject: "patient-\(site)-\(ref)", time: nil,
            attributes: MessageAttributes(site: site, event: type, dialect: Dialect.patientEngagement.rawValue),
            canonical: canonical, ledger: log.ledger)
    }
}
