// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
package import JSON

/// A webhook body that is itself an Ocean JSON referral.
package enum OceanJSONInbound {
    /// Members that only a referral has.
    private static let distinctive = [
        "referralTargetRef", "referrer", "encryptedPtData", "ptData", "services", "externalServiceId", "creationDate",
        "sentDate", "srcSiteNum", "appointments", "externalConversation", "internalConversation", "communicationType",
        "oneTimeKeyEncryptedWithSiteSEK",
    ]

    /// Members that an event about a referral could have too; they count where there is no event type.
    private static let shared = [
        "status", "description", "bookingComments", "bookingUrl", "modificationDate", "cancellationReason",
        "scheduledAppointment", "masterReferralRef", "master",
    ]

    /// Whether the object is a referral, and not just an event that names one.
    package static func isReferral(_ object: JSONObject) -> Bool {
        guard object["referralRef"] != nil else { return false }
        return distinctive.contains { object[$0] != nil }
            || (object["type"] == nil && shared.contains { object[$0] != nil })
    }

    /// - Parameters:
    ///   - keys: without them the patient's data stays encrypted in `original` and in `unmapped`.
    ///   - site: the site that the body came through, where it does not name one itself.
    ///   - oneTimeKey: the referral's own key, where it was unwrapped another way than with `keys`.
    /// - Throws: `TranslationError` as `OceanJSONReader.read`.
    package static func read(
        _ json: JSONValue, bytes: [UInt8], mediaType: String, keys: SharedEncryptionKeys?,
        site: String? = nil, oneTimeKey: OneTimeKey? = nil, reader: OceanJSONReader = OceanJSONReader()
    ) throws(TranslationError) -> InboundMessage {
        let (referral, ledger) = try reader.read(json, keys: keys, site: site, oneTimeKey: oneTimeKey)
        let event = json["type"]?.stringValue.flatMap { $0.isEmpty ? nil : $0 }
        var canonical = CanonicalMessage()
        canonical.event.code = event ?? Dialect.oceanJSON.rawValue
        canonical.event.timestamp = referral.modified ?? referral.sent ?? referral.created
        canonical.referral = referral
        canonical.original = Original(
            bytes: bytes, mediaType: mediaType, dialect: Dialect.oceanJSON.rawValue)
        return InboundMessage(
            type: type(of: referral), subject: referral.ref, time: canonical.event.timestamp.flatMap { Timestamp($0) },
            attributes: MessageAttributes(
                site: referral.receiver?.site, listing: referral.receiver?.ref, service: referral.receiver?.service,
                event: event, dialect: Dialect.oceanJSON.rawValue, test: referral.test),
            canonical: canonical, ledger: ledger)
    }

    /// Ocean JSON says how the referral stands, not what happened: a new or unnamed status is a new referral.
    private static func type(of referral: Referral) -> MessageType {
        switch referral.status {
        case .received, nil: .referralReceived
        case .cancelled: .referralCancelled
        case .forwarded: .referralForwarded
        case .draft, .accepted, .booked, .awaitingInformation, .declined, .completed, .external, .unknown:
            .referralUpdated
        }
    }
}
