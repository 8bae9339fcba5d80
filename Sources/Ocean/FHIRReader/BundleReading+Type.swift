// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import FHIR
import JSON

extension BundleReading {
    /// The type of the canonical message. Ocean uses one code for many things, so the content decides where the code
    /// does not tell; docs/messages.md says the rules to users.
    var messageType: MessageType {
        guard let code = eventCode else { return .unknown }
        if code == .addServiceRequest {
            return referral.links?.replaces.isEmpty == false ? .referralForwarded : .referralReceived
        }
        guard code.messageType == .referralUpdated else { return code.messageType }
        if request?.resource["status"]?.stringValue == "revoked" { return .referralCancelled }
        if referral.links?.replacedBy.isEmpty == false { return .referralForwarded }
        return typeByFocus ?? .referralUpdated
    }

    /// The request is in focus of nearly everything and a Task beside most: what stands there besides is the news.
    private var typeByFocus: MessageType? {
        let news = focusTypes.filter { $0 != "ServiceRequest" }
        if news.contains("Appointment") { return .appointmentChanged }
        if !news.isEmpty { return news.allSatisfy { $0 == "Communication" } ? .communicationReceived : nil }
        // Ocean reports the removal of an appointment as a change of the referral, by an appointment without times.
        return referral.appointments.contains { $0.isRemoved } ? .appointmentChanged : nil
    }
}
