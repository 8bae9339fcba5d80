// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore

/// A folder of Ocean's portal in which a referral lies (Ocean FHIR playbook, Task.status eReferral lifecycle).
package enum ReferralFolder: String, JSONWord, CaseIterable {
    /// Sender's side only: nothing has happened yet.
    case sent = "Sent (All)"
    /// Receiver's side only.
    case new = "New"
    case pendingBooking = "Pending Booking"
    case bookingUnconfirmed = "Booking Unconfirmed"
    case bookingConfirmed = "Booking Confirmed"
    /// Receiver's side of an open message.
    case awaitingReply = "Awaiting Reply"
    /// Sender's side of an open message.
    case awaitingResponse = "Awaiting Response"
    case completed = "Completed"
    case declined = "Declined"
    case cancelled = "Cancelled"
    case forwarded = "Forwarded (All)"

    /// Finished, but an active status of the receiver opens it again.
    package var isFinished: Bool { self == .completed || self == .declined || self == .cancelled }
}

/// Where a referral lies on both sides.
package struct FolderPair: Sendable, Hashable {
    package var sender: ReferralFolder
    package var receiver: ReferralFolder

    package init(sender: ReferralFolder, receiver: ReferralFolder) {
        self.sender = sender
        self.receiver = receiver
    }

    /// Sent and not yet touched.
    package static let new = FolderPair(sender: .sent, receiver: .new)
    /// A message of the receiver waits for the sender's answer.
    package static let awaiting = FolderPair(sender: .awaitingResponse, receiver: .awaitingReply)

    /// The folders that carry the same name on both sides.
    package static func both(_ folder: ReferralFolder) -> FolderPair { FolderPair(sender: folder, receiver: folder) }
}

/// What a value of `Task.status` does in Ocean.
package enum TaskEffect: Sendable, Hashable {
    /// No action is taken: the referral stays where it is.
    case stay
    case move(ReferralFolder)
    /// In FHIR's value set, but not supported by Ocean.
    case unsupported

    /// The table of the Ocean FHIR playbook.
    package init(status: String) {
        switch status {
        case "requested", "received": self = .stay
        case "accepted", "in-progress", "on-hold", "ready": self = .move(.pendingBooking)
        case "rejected", "cancelled": self = .move(.declined)
        case "completed": self = .move(.completed)
        default: self = .unsupported
        }
    }
}
