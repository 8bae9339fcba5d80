// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

package import BridgeCore
import FHIR
import JSON

/// Writes a canonical message as one clean FHIR R4 message bundle: every entry with `urn:uuid:` fullUrl and
/// `resource.id`, references by fullUrl, MessageHeader first, valid by the base specification.
///
/// Pure; the same input gives the same bytes. What R4 has no element for stands in extensions, one for each field
/// (`NormalisedForm`), so that `NormalisedFHIRReader` gives the same message back. Only Ocean's own bytes are left out.
package struct NormalisedFHIRWriter: HospitalWriter {
    package init() {}

    package var contentType: String { "application/fhir+json" }

    /// - Throws: `TranslationError` `unsupported` for a message with neither referral nor form content.
    package func write(_ message: Message, _ canonical: CanonicalMessage) throws(TranslationError) -> Translated {
        try write(message, canonical, detail: .everything)
    }

    package func write(
        _ message: Message, _ canonical: CanonicalMessage, detail: LedgerDetail
    ) throws(TranslationError) -> Translated {
        var writing = BundleWriting(message: message, canonical: canonical, detail: detail)
        if let referral = canonical.referral {
            writing.write(referral)
        } else if let engagement = canonical.engagement {
            writing.write(engagement)
        } else {
            throw TranslationError(
                .unsupported, "the message holds neither a referral nor a form: take it in the canonical form")
        }
        return writing.finish()
    }
}
