// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore

/// A section of the cumulative patient profile; its word is Ocean's member name.
enum ProfileSection: String, CaseIterable {
    case problems = "prob"
    case pastHistory = "pmhx"
    case familyHistory = "fhx"
    case allergies = "allg"
    case treatments = "tx"
    case medications = "rx"
    case immunizations = "immu"
    case socialHistory = "soc"

    /// Beside the sections of `cpp` in Ocean's patient.
    static let results = "results"

    /// The canonical field.
    var field: String {
        switch self {
        case .problems: "problems"
        case .pastHistory: "pastHistory"
        case .familyHistory: "familyHistory"
        case .allergies: "allergies"
        case .treatments: "treatments"
        case .medications: "medications"
        case .immunizations: "immunizations"
        case .socialHistory: "socialHistory"
        }
    }

    func items(of profile: PatientProfile) -> [ProfileItem] {
        switch self {
        case .problems: profile.problems
        case .pastHistory: profile.pastHistory
        case .familyHistory: profile.familyHistory
        case .allergies: profile.allergies
        case .treatments: profile.treatments
        case .medications: profile.medications
        case .immunizations: profile.immunizations
        case .socialHistory: profile.socialHistory
        }
    }

    func set(_ items: [ProfileItem], in profile: inout PatientProfile) {
        switch self {
        case .problems: profile.problems = items
        case .pastHistory: profile.pastHistory = items
        case .familyHistory: profile.familyHistory = items
        case .allergies: profile.allergies = items
        case .treatments: profile.treatments = items
        case .medications: profile.medications = items
        case .immunizations: profile.immunizations = items
        case .socialHistory: profile.socialHistory = items
        }
    }
}
