// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

package import BridgeCore
import FHIR
package import JSON

/// Reads the bridge's own normalised bundles back into the canonical message from which they were written: equal in
/// everything but `original`, whose bytes are those of the bundle. Bundles of others are read as Ocean's are.
///
/// Pure: no clock, no network, no randomness.
package struct NormalisedFHIRReader: Sendable {
    private let detail: LedgerDetail

    /// - Parameter detail: how much of the ledger is kept.
    package init(detail: LedgerDetail = .everything) {
        self.detail = detail
    }

    /// - Throws: `TranslationError` as `OceanFHIRReader.read`.
    package func read(
        _ json: JSONValue, bytes: [UInt8], mediaType: String
    ) throws(TranslationError) -> InboundMessage {
        guard let bundle = FHIRBundle(json), let reading = NormalisedReading(bundle) else {
            return try OceanFHIRReader(detail: detail).read(json, bytes: bytes, mediaType: mediaType)
        }
        var (canonical, written) = try reading.read()
        let before = canonical.referral?.unmapped.count ?? canonical.engagement?.unmapped.count ?? 0
        let list = canonical.referral == nil ? "/engagement/unmapped" : "/referral/unmapped"
        let account = reading.tree.account(unmappedAt: list, after: before, detail: detail)
        canonical.referral?.unmapped += account.unmapped
        canonical.engagement?.unmapped += account.unmapped
        let dialect = written.dialect.isEmpty ? "unknown" : written.dialect
        canonical.original = Original(bytes: bytes, mediaType: mediaType, dialect: dialect)
        let event = canonical.event
        let receiver = canonical.referral?.receiver
        return InboundMessage(
            type: canonical.messageType,
            subject: canonical.referral?.ref
                ?? "patient-\(canonical.engagement?.site ?? "")-\(canonical.engagement?.patientRef ?? "")",
            time: event.timestamp.flatMap { Timestamp($0) },
            attributes: MessageAttributes(
                site: receiver?.site ?? canonical.engagement?.site, listing: receiver?.ref, service: receiver?.service,
                event: event.code.isEmpty ? nil : event.code, dialect: dialect,
                test: canonical.referral?.test ?? false),
            canonical: canonical, ledger: account.ledger)
    }
}
