// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

/// The CloudEvents `type` of a message, in full spelling.
package struct MessageType: Sendable, Hashable, CustomStringConvertible {
    package let rawValue: String

    package init(rawValue: String) {
        self.rawValue = rawValue
    }

    package static let referralReceived = bridge("referral.received")
    package static let referralUpdated = bridge("referral.updated")
    package static let referralCancelled = bridge("referral.cancelled")
    package static let referralForwarded = bridge("referral.forwarded")
    package static let appointmentChanged = bridge("appointment.changed")
    package static let communicationReceived = bridge("communication.received")
    package static let documentAvailable = bridge("document.available")
    /// Of the bridge itself: a document is to be fetched.
    package static let documentRequested = bridge("document.requested")
    package static let formCompleted = bridge("form.completed")
    package static let noteAdded = bridge("note.added")
    package static let launchRequested = bridge("launch.requested")
    /// A question to a hospital service, and its answer.
    package static let questionAsked = bridge("question.asked")
    package static let questionAnswered = bridge("question.answered")
    /// A new document for a data source.
    package static let documentReplaced = bridge("data-source.replaced")
    /// What a clinician did with a CDS card.
    package static let hookFeedback = bridge("cds.feedback")
    /// A hospital system asks for an eForm for a patient.
    package static let formRequested = bridge("form.requested")
    package static let formCreated = bridge("form.created")
    package static let formRefused = bridge("form.refused")
    package static let formParked = bridge("form.parked")
    package static let unknown = bridge("unknown")
    package static let updateRequested = bridge("update.requested")
    package static let updateDelivered = bridge("update.delivered")
    package static let updateRefused = bridge("update.refused")
    package static let updateParked = bridge("update.parked")
    package static let updateStale = bridge("update.stale")
    package static let updateDryRun = bridge("update.dry-run")

    package static let all: [MessageType] = [
        .referralReceived, .referralUpdated, .referralCancelled, .referralForwarded, .appointmentChanged,
        .communicationReceived, .documentAvailable, .documentRequested, .formCompleted, .noteAdded, .launchRequested,
        .questionAsked, .questionAnswered, .documentReplaced, .hookFeedback, .formRequested, .formCreated, .formRefused,
        .formParked,
        .unknown,
        .updateRequested, .updateDelivered, .updateRefused, .updateParked, .updateStale, .updateDryRun,
    ]

    package var description: String { rawValue }

    /// The part after the product's prefix, as used in a routing key: `referral.received`.
    package var shortName: String {
        rawValue.hasPrefix(Self.prefix) ? String(rawValue.dropFirst(Self.prefix.count)) : rawValue
    }

    static let prefix = "ca.ocean-bridge."

    private static func bridge(_ name: String) -> MessageType { MessageType(rawValue: prefix + name) }
}
