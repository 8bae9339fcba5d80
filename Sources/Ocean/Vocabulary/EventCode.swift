// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

package import BridgeCore

/// What an event code of Ocean means, whatever its spelling.
///
/// The codes of Ocean's API versions 0.10.0 and 0.11.1 in both directions (Ocean Provider Network FHIR Playbook, Ocean's
/// own test clients), those of the guides behind them (Ontario eReferral, pan-Canadian CA:eReC), and the events of the
/// patient-engagement API.
package enum EventCode: String, Sendable, CaseIterable {
    case addServiceRequest = "add-service-request"
    case updateServiceRequest = "notify-update-service-request"
    case revokeServiceRequest = "revoke-service-request"
    /// The feed of a service request repository.
    case reportServiceRequest = "notify-report-service-request"
    case addServiceRecord = "notify-add-service-record"
    case updateServiceRecord = "notify-update-service-record"
    case addProcessRequest = "notify-add-process-request"
    case updateProcessRequest = "notify-update-process-request"
    case updateStatus = "notify-update-status"
    case addAppointment = "notify-add-appointment"
    case updateAppointment = "notify-update-appointment"
    case sendCommunication = "send-communication"
    case communicationFromProvider = "send-communication-from-provider"
    case communicationFromRequester = "send-communication-from-requester"
    case dataCorrection = "notify-data-correction"
    case updatePatientData = "update-patient-data"
    case formsCompletion = "notify-patient-message-forms-completion"
    case noteAdded = "notify-patient-note-added"

    /// Spellings of older material, besides the plural of every code.
    package static let aliases: [String: EventCode] = [
        "notify-add-service-request": .addServiceRequest,
        "update-service-request": .updateServiceRequest,
        "notify-revoke-service-request": .revokeServiceRequest,
        "add-appointment": .addAppointment,
        "update-appointment": .updateAppointment,
        "send-communication-to-provider": .communicationFromRequester,
    ]

    /// Reads a code in any known spelling, singular or plural; nil for unknown codes, which are never an error.
    package init?(code: String) {
        let singular = code.hasSuffix("s") ? String(code.dropLast()) : code
        for spelling in [code, singular] {
            if let known = EventCode(rawValue: spelling) ?? Self.aliases[spelling] {
                self = known
                return
            }
        }
        return nil
    }

    /// Where the code is defined. Codes of one API version are read in messages of every other, too.
    package var dialects: Set<Dialect> {
        switch self {
        case .addServiceRequest, .updateServiceRequest, .revokeServiceRequest, .addAppointment,
            .communicationFromProvider, .communicationFromRequester:
            [.fhir0100, .fhir0111, .fhir012]
        case .addProcessRequest, .updateProcessRequest, .dataCorrection: [.fhir0111, .fhir012]
        case .sendCommunication, .reportServiceRequest: [.fhir0111]
        case .updateStatus, .updateAppointment, .updatePatientData: [.fhir0100]
        case .addServiceRecord, .updateServiceRecord: [.fhir012]
        case .formsCompletion, .noteAdded: [.patientEngagement]
        }
    }

    /// Whether Ocean's documents name the code as one that Ocean sends; the others come as echoes or in feeds of the
    /// guides, and are read alike.
    package var isSentByOcean: Bool {
        switch self {
        case .addServiceRequest, .updateServiceRequest, .revokeServiceRequest, .communicationFromRequester,
            .communicationFromProvider, .reportServiceRequest, .formsCompletion, .noteAdded:
            true
        case .addServiceRecord, .updateServiceRecord, .addProcessRequest, .updateProcessRequest, .updateStatus,
            .addAppointment, .updateAppointment, .sendCommunication, .dataCorrection, .updatePatientData:
            false
        }
    }

    /// The type of a message by its code alone. For referrals the content decides further: see `CanonicalMessage.messageType`.
    package var messageType: MessageType {
        switch self {
        case .addServiceRequest: .referralReceived
        case .updateServiceRequest, .reportServiceRequest, .addServiceRecord, .updateServiceRecord,
            .addProcessRequest, .updateProcessRequest, .updateStatus, .dataCorrection, .updatePatientData:
            .referralUpdated
        case .revokeServiceRequest: .referralCancelled
        case .addAppointment, .updateAppointment: .appointmentChanged
        case .sendCommunication, .communicationFromProvider, .communicationFromRequester: .communicationReceived
        case .formsCompletion: .formCompleted
        case .noteAdded: .noteAdded
        }
    }
}
