// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

package import BridgeCore

extension CanonicalMessage {
    /// The CloudEvents type of a message that Ocean sent with an event code. Ocean uses one code for many things, so
    /// the content decides where the code does not tell; docs/messages.md gives the rules to users.
    package var messageType: MessageType {
        guard let code = EventCode(code: event.code) else { return .unknown }
        if code == .addServiceRequest {
            return referral?.links?.replaces.isEmpty == false ? .referralForwarded : .referralReceived
        }
        guard code.messageType == .referralUpdated else { return code.messageType }
        // A receiver cannot cancel, so that only a revoked request leads here.
        if referral?.status == .cancelled { return .referralCancelled }
        if referral?.links?.replacedBy.isEmpty == false { return .referralForwarded }
        return typeByFocus ?? .referralUpdated
    }

    /// The request is in focus of nearly everything and a Task beside most: what stands there besides is the news.
    private var typeByFocus: MessageType? {
        let news = event.focus.filter { $0 != "ServiceRequest" }
        if news.contains("Appointment") { return .appointmentChanged }
        if !news.isEmpty { return news.allSatisfy { $0 == "Communication" } ? .communicationReceived : nil }
        // Ocean reports the removal of an appointment as a change of the referral, by an appointment without times.
        return referral?.appointments.contains { $0.isRemoved } == true ? .appointmentChanged : nil
    }
}
