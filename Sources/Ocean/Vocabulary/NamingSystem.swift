// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

/// Ocean's identifier systems. Their root is the host that sent the message, so they are compared by their last part.
package enum NamingSystem: String, Sendable, CaseIterable {
    case referral = "id-ereferral-reference"
    case listing = "id-referral-target-reference"
    case externalService = "id-referral-target-external-service"
    case site = "id-site-number"
    case chartNumber = "id-external-patient-reference"
    case form = "id-form-reference"
    case username = "id-practitioner-username"
    case attachment = "id-attachment-reference"

    /// Whether `system` is this one, whatever the host; the bare name counts too.
    package func matches(_ system: String?) -> Bool {
        guard let system, system.hasSuffix(rawValue) else { return false }
        let rest = system.dropLast(rawValue.count)
        return rest.isEmpty || rest.hasSuffix("/")
    }

    /// The full address under Ocean's `host` (no trailing slash).
    package func url(host: String) -> String { "\(host)/svc/fhir/v1/NamingSystem/\(rawValue)" }

    /// Ontario health number.
    package static let ontarioHealthNumber = "https://fhir.infoway-inforoute.ca/NamingSystem/ca-on-patient-hcn"
    /// Ontario physician licence; note http and the other order of host and path.
    package static let ontarioLicence = "http://infoway-inforoute.ca/fhir/NamingSystem/ca-on-license-physician"
    package static let ontarioBilling = "https://fhir.infoway-inforoute.ca/NamingSystem/ca-on-ohip-billing-id"
    package static let snomed = "http://snomed.info/sct"
    package static let snomedCanada = "https://fhir.infoway-inforoute.ca/CodeSystem/snomedctcaextension"
    package static let loinc = "http://loinc.org"
    /// The current one of three spellings (`http://hl7.org/fhir/v2/0203`, the same with a slash, this).
    package static let identifierType = "http://terminology.hl7.org/CodeSystem/v2-0203"
    package static let eventCode = "https://ehealthontario.ca/fhir/CodeSystem/message-event-code"
}

/// Extension addresses of the Ontario guide and of Ocean.
package enum ExtensionURL {
    /// Referral reference in the header, 0.10.0: `valueString`.
    package static let headerReference = "http://ehealthontario.ca/fhir/StructureDefinition/ext-id-message-header"
    /// Referral reference in the header, 0.11.1: `valueIdentifier`.
    package static let referralIdentifier = "http://ehealthontario.ca/fhir/StructureDefinition/ext-referral-identifier"
    package static let healthCardVersion =
        "http://ehealthontario.ca/fhir/StructureDefinition/ext-id-health-card-version-code"
    package static let patientNeedsToBeSeen =
        "http://ehealthontario.ca/fhir/StructureDefinition/ca-on-eConsult-ext-patient-needs-to-be-seen"
    package static let thirdPartyRedirect = "https://ocean.cognisantmd.com/ext-ocean-third-party-redirect-url"
    /// The bar and the version are part of the address as Ocean reads it.
    package static let importToEMR =
        "https://ocean.cognisantmd.com/svc/v1/Structure-Definition/ext-accept-service-request-import|1.0"
    /// Suffix: the root is the sending host.
    package static let itemVisibilitySuffix = "/StructureDefinition/ext-ocean-eform-item-visibility"
    package static let waitTimeMilestones =
        "https://ocean.cognisantmd.com/svc/fhir/v1/StructureDefinition/ext-ontario-clinical-wait-time-appointment-milestones"
    /// http, unlike the extension's own address.
    package static let waitTimeCodeSystem =
        "http://ocean.cognisantmd.com/svc/fhir/v1/CodeSystem/ontario-clinical-wait-time-codes"
}
