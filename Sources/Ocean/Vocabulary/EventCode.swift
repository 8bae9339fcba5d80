// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

package import BridgeCore

/// What an event code of Ocean means, whatever its spelling.
package enum EventCode: String, Sendable, CaseIterable {
    case addServiceRequest = "add-service-request"
    case updateServiceRequest = "notify-update-service-request"
    case revokeServiceRequest = "revoke-service-request"
    case reportServiceRequest = "notify-report-service-request"
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

    /// Older and plural spellings seen in the field.
    private static let aliases: [String: EventCode] = [
        "notify-update-service-requests": .updateServiceRequest,
        "update-service-request": .updateServiceRequest,
        "notify-add-service-request": .addServiceRequest,
        "add-service-requests": .addServiceRequest,
        "notify-revoke-service-request": .revokeServiceRequest,
        "revoke-service-requests": .revokeServiceRequest,
        "add-appointment": .addAppointment,
        "update-appointment": .updateAppointment,
        "send-communication-to-provider": .communicationFromRequester,
    ]

    /// Reads a code in any known spelling; nil for unknown codes, which are never an error.
    package init?(code: String) {
        if let exact = EventCode(rawValue: code) {
            self = exact
        } else if let alias = Self.aliases[code] {
            self = alias
        } else {
            return nil
        }
    }

    /// The type of the canonical message for an event that Ocean sends.
    package var messageType: MessageType {
        switch self {
        case .addServiceRequest: .referralReceived
        case .updateServiceRequest, .reportServiceRequest, .addProcessRequest, .updateProcessRequest, .updateStatus,
            .dataCorrection, .updatePatientData:
            .referralUpdated
        case .revokeServiceRequest: .referralCancelled
        case .addAppointment, .updateAppointment: .appointmentChanged
        case .sendCommunication, .communicationFromProvider, .communicationFromRequester: .communicationReceived
        case .formsCompletion: .formCompleted
        case .noteAdded: .noteAdded
        }
    }
}
