// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

/// The formats of `ocean-bridge translate`.
package enum TranslationFormat: String, Sendable, CaseIterable {
    /// Ocean's FHIR message bundle, 0.10.0 or 0.11.1.
    case oceanFHIR = "ocean-fhir"
    /// Ocean's own JSON.
    case oceanJSON = "ocean-json"
    /// The normalised FHIR R4 message bundle that hospitals get.
    case fhir
    /// The bridge's canonical JSON.
    case canonical
}
