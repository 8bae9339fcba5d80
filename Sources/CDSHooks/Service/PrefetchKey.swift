// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

/// What a service asks Ocean to send along (names and templates: Ocean CDS Hooks playbook).
package enum PrefetchKey: String, Sendable, Hashable, CaseIterable {
    case patient
    case questionnaireResponse
    case userPractitioner
    case userPractitionerRole
    /// The message bundle of the referral that is about to be sent, in API version 0.11.1.
    case v11Bundle

    /// The query behind the name, with the tokens of CDS Hooks 2.0 ("Prefetch Template").
    package var template: String {
        switch self {
        case .patient: "Patient/{{context.patientId}}"
        case .questionnaireResponse: "QuestionnaireResponse?encounter={{context.encounterId}}"
        case .userPractitioner: "{{context.userId}}"
        case .userPractitionerRole: "PractitionerRole?practitioner={{context.userId}}"
        case .v11Bundle: "Bundle?_query=on-v11-add-service-request"
        }
    }
}
