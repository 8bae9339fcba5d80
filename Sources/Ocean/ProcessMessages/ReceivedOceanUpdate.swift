// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

package import BridgeCore

/// What one resource in focus of a `$process-messages` bundle asks for, as Ocean would understand it.
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
    /// Type of the resource.
    package var type = ""
    /// Its place in the bundle as a JSON pointer.
    package var place = ""
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
    /// Files of the Communication that it names and the bundle does not hold.
    package var lostFiles = 0
    /// The ServiceRequest in focus.
    package var request: ReceivedRequest?
    /// Task.businessStatus in words.
    package var businessStatus: String?
    /// Name in Task.owner.
    package var owner: String?
    /// Texts of the notes of Task and ServiceRequest.
    package var notes: [String] = []
    /// The Patient in focus.
    package var patient: Patient?

    package init() {}
}

/// A ServiceRequest as far as it can tell a change.
package struct ReceivedRequest: Sendable, Hashable {
    package var status: String?
    package var priority: String?
    /// First coding of `code`.
    package var code: Coding?
    /// First SNOMED CT coding of `category`, else the first one.
    package var category: Coding?
    /// R4's extension `request-statusReason` in words.
    package var reason: String?

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
