// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

package import BridgeCore
import FHIR
package import JSON

/// Reads Ocean's FHIR R4 message bundles (Ontario eReferral guide 0.10.0 and 0.11.1, and 0.12 as far as it is alike)
/// into the canonical form. Tolerant: no profile is enforced, and what has no canonical field becomes `unmapped`.
///
/// Pure: no clock, no network, no randomness.
package struct OceanFHIRReader: Sendable {
    private let detail: LedgerDetail

    /// - Parameter detail: how much of the ledger is kept.
    package init(detail: LedgerDetail = .everything) {
        self.detail = detail
    }

    /// - Parameters:
    ///   - json: the parsed body.
    ///   - bytes: the body as received, kept as `original`.
    /// - Throws: `TranslationError` `unknown-format` when this is no bundle with a MessageHeader, `no-reference` when
    ///   it does not say which referral it is about.
    package func read(
        _ json: JSONValue, bytes: [UInt8], mediaType: String
    ) throws(TranslationError) -> InboundMessage {
        guard let bundle = FHIRBundle(json) else {
            throw TranslationError(.unknownFormat, "not a FHIR Bundle: send a message bundle")
        }
        guard let header = bundle.header else {
            throw TranslationError(
                .unknownFormat, at: "/entry", "the bundle has no MessageHeader: send a bundle of type message")
        }
        let reading = BundleReading(bundle: bundle, header: header)
        guard let reference = reading.findReference() else {
            throw TranslationError(
                .noReference, at: "/entry/\(header.entry.position)",
                "no referral reference in the header, the ServiceRequest or the letter's address")
        }
        reading.readAll(reference: reference)
        var canonical = CanonicalMessage()
        canonical.event = reading.event
        let account = reading.tree.account(unmappedAt: "/referral/unmapped", detail: detail)
        reading.referral.unmapped = account.unmapped
        canonical.referral = reading.referral
        canonical.original = Original(
            bytes: bytes, mediaType: mediaType, dialect: reading.dialect.rawValue)
        return InboundMessage(
            type: canonical.messageType, subject: reference, time: reading.time,
            attributes: reading.attributes, canonical: canonical, ledger: account.ledger)
    }
}
