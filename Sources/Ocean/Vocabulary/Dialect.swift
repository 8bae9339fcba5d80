// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore

/// The form in which Ocean speaks: an Ontario eReferral guide version, or one of Ocean's own JSON forms.
package enum Dialect: String, JSONWord, CaseIterable {
    case fhir0100 = "0.10.0"
    case fhir0111 = "0.11.1"
    /// Read tolerantly, never emitted: Ocean does not offer it.
    case fhir012 = "0.12"
    case oceanJSON = "ocean-json"
    case patientEngagement = "patient-engagement"

    package var isFHIR: Bool {
        switch self {
        case .fhir0100, .fhir0111, .fhir012: true
        case .oceanJSON, .patientEngagement: false
        }
    }
}
