// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

package import BridgeCore

/// What a `$process-messages` bundle asks for, as Ocean would understand it.
package struct ReceivedOceanUpdate: Sendable, Hashable {
    /// Ocean's referral reference.
    package var referral = ""
    /// Event code, as spelled.
    package var event = ""
    /// The event's meaning; nil for codes that are not known.
    package var code: EventCode?
    package var bundleID: String?
    /// MessageHeader.id.
    package var headerID: String?
    /// Bundle.timestamp, as spelled.
    package var timestamp: String?
    /// Types in focus, in order, dangling ones included.
    package var focus: [String] = []
    /// Name in MessageHeader.author, where the bundle shows one.
    package var author: String?
    /// The only Ocean site number in the bundle; nil when there is none or more than one.
    package var site: String?
    /// The Task in focus.
    package var task: ProcessTask?
    /// The listing to which the Task forwards the referral.
    package var forward: ForwardTarget?
    /// The Appointment in focus.
    package var appointment: Appointment?
    /// Appointment.cancelationReason, else Appointment.comment.
    package var appointmentReason: String?
    /// The Communication in focus.
    package var communication: Communication?
    /// Communication.topic.
    package var topic: String?
    /// Communication.reasonCode.
    package var communicationReason: String?
    /// `code` of the ServiceRequest in focus.
    package var correctedCategory: Coding?
    /// `status` of the ServiceRequest in focus.
    package var requestStatus: String?
    /// The Patient in focus.
    package var patient: Patient?

    package init() {}
}

/// Where a referral is forwarded to.
package struct ForwardTarget: Sendable, Hashable {
    /// Listing reference of the new receiver.
    package var listing: String
    /// Health service category of the new request.
    package var category: Coding?

    package init(listing: String, category: Coding?) {
        self.listing = listing
        self.category = category
    }
}
