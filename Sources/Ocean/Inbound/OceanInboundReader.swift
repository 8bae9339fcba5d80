// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
package import JSON

/// Tells the kinds of webhook body apart and hands each to its reader; the body is parsed once.
package struct OceanInboundReader: InboundReader {
    /// Reads a FHIR message bundle.
    package typealias BundleReader =
        @Sendable (_ json: JSONValue, _ bytes: [UInt8], _ mediaType: String) throws(TranslationError) -> InboundMessage

    /// Longest challenge that is echoed, in bytes of UTF-8.
    package static let longestChallenge = 512

    private let bundleReader: BundleReader
    private let keys: @Sendable (_ site: String?) -> SharedEncryptionKeys?
    private let referralReader: OceanJSONReader
    private let eventReader: OpenReferralEventReader

    /// - Parameters:
    ///   - bundleReader: reads `resourceType` `Bundle`.
    ///   - keys: the Shared Encryption Keys of a site, for bodies that hold an encrypted referral; nil leaves such a
    ///     referral encrypted.
    package init(
        bundleReader: @escaping BundleReader,
        keys: @escaping @Sendable (_ site: String?) -> SharedEncryptionKeys? = { _ in nil },
        referralReader: OceanJSONReader = OceanJSONReader(),
        eventReader: OpenReferralEventReader = OpenReferralEventReader()
    ) {
        self.bundleReader = bundleReader
        self.keys = keys
        self.referralReader = referralReader
        self.eventReader = eventReader
    }

    package func read(_ body: [UInt8], mediaType: String) -> InboundContent {
        read(body, mediaType: mediaType, site: nil)
    }

    package func read(_ body: [UInt8], mediaType: String, site: String?) -> InboundContent {
        read(body, mediaType: mediaType, site: site, oneTimeKey: nil)
    }

    package func read(
        _ body: [UInt8], mediaType: String, site: String?, oneTimeKey: OneTimeKey?
    ) -> InboundContent {
        let json: JSONValue
        do {
            json = try JSONValue(parsing: body)
        } catch {
            return .notJSON(error)
        }
        guard let object = json.objectValue else {
            return .notUnderstood(reason: "not-an-object", detail: "the body is \(json.kindName), expected an object")
        }
        if let challenge = object["challenge"] { return Self.answer(to: challenge) }
        do throws(TranslationError) {
            let read = try message(
                json, object, bytes: body, mediaType: mediaType, site: site, oneTimeKey: oneTimeKey)
            guard let message = read else {
                return .notUnderstood(
                    reason: TranslationError.Code.unknownFormat.rawValue,
                    detail: "an object that is neither bundle, form event, referral nor referral event")
            }
            return .message(message)
        } catch {
            return .notUnderstood(reason: error.reason, detail: error.description)
        }
    }

    private func message(
        _ json: JSONValue, _ object: JSONObject, bytes: [UInt8], mediaType: String, site: String?,
        oneTimeKey: OneTimeKey?
    ) throws(TranslationError) -> InboundMessage? {
        if object["resourceType"]?.stringValue == "Bundle" { return try bundleReader(json, bytes, mediaType) }
        if object["type"]?.stringValue?.hasPrefix(EngagementEventReader.typePrefix) == true {
            return try EngagementEventReader.read(json, bytes: bytes, mediaType: mediaType)
        }
        if OceanJSONInbound.isReferral(object) {
            let known = OceanReference.text(object["siteNum"]) ?? site
            var message = try OceanJSONInbound.read(
                json, bytes: bytes, mediaType: mediaType, keys: keys(known), site: known, oneTimeKey: oneTimeKey,
                reader: referralReader)
            message.canonical.referral?.addPlainTexts()
            return message
        }
        guard OpenReferralEventReader.parts(of: object) != nil else { return nil }
        return try eventReader.read(json, bytes: bytes, mediaType: mediaType)
    }

    /// Only a short text is echoed.
    private static func answer(to challenge: JSONValue) -> InboundContent {
        guard let text = challenge.stringValue, !text.isEmpty else {
            return .notUnderstood(
                reason: "invalid-challenge", detail: "/challenge: expected a text with at least one character")
        }
        guard text.utf8.count <= longestChallenge else {
            return .notUnderstood(
                reason: "invalid-challenge", detail: "/challenge: is longer than \(longestChallenge) bytes")
        }
        return .challenge(text)
    }
}
