// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

package import BridgeCore

/// What the pretend Ocean knows of a referral, without the patient.
package struct ReferralSnapshot: JSONRecord {
    package var reference = ""
    /// Site number of the current receiver.
    package var site = ""
    package var listing = ""
    package var senderFolder: ReferralFolder = .sent
    package var receiverFolder: ReferralFolder = .new
    /// The last `Task.status`.
    package var taskStatus: String?
    package var statusReason: String?
    package var isConsult = false
    package var redirectURL: String?
    package var appointments: [SandboxAppointment] = []
    package var bookingComments: String?
    package var messages: [SandboxMessage] = []
    package var correctedCategory: String?
    package var replaces: String?
    package var basedOn: String?
    package var forwardedTo: String?
    package var history: [HistoryEntry] = []

    package init() {}

    init(_ referral: SandboxReferral) {
        reference = referral.reference
        site = referral.site
        listing = referral.listing
        senderFolder = referral.folders.sender
        receiverFolder = referral.folders.receiver
        taskStatus = referral.taskStatus
        statusReason = referral.statusReason
        isConsult = referral.isConsult
        redirectURL = referral.redirectURL
        appointments = referral.appointments
        bookingComments = referral.bookingComments
        messages = referral.messages
        correctedCategory = referral.correctedCategory
        replaces = referral.replaces
        basedOn = referral.basedOn
        forwardedTo = referral.forwardedTo
        history = referral.history
    }

    package static let fields: [Field<ReferralSnapshot>] = [
        .required("referralRef", \.reference), .required("site", \.site), .required("listing", \.listing),
        .required("senderFolder", \.senderFolder), .required("receiverFolder", \.receiverFolder),
        .optional("taskStatus", \.taskStatus), .optional("statusReason", \.statusReason),
        .flag("consult", \.isConsult), .optional("redirectUrl", \.redirectURL),
        .list("appointments", \.appointments), .optional("bookingComments", \.bookingComments),
        .list("messages", \.messages), .optional("correctedCategory", \.correctedCategory),
        .optional("replaces", \.replaces), .optional("basedOn", \.basedOn),
        .optional("forwardedTo", \.forwardedTo), .list("history", \.history),
    ]
}
