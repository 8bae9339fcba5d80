// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

package import JSON

/// Reads the bridge's own normalised FHIR bundles back. They are a message bundle like Ocean's, with a code of our own
/// for the state of the referral, so that one reader serves both.
package struct NormalisedFHIRReader: Sendable {
    package init() {}

    /// - Throws: `TranslationError` as `OceanFHIRReader.read`; bundles of forms without a referral have no reference
    ///   and are refused with `no-reference`.
    package func read(
        _ json: JSONValue, bytes: [UInt8], mediaType: String
    ) throws(TranslationError) -> InboundMessage {
        try OceanFHIRReader().read(json, bytes: bytes, mediaType: mediaType)
    }
}
