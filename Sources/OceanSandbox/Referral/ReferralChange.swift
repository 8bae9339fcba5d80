// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore

/// Who acts on a referral.
package enum ReferralActor: Sendable, Hashable {
    /// The sending clinic, in Ocean's own portal.
    case sender
    /// A receiving system, known by the site number of its token.
    case site(String)

    /// For the history: `sender` or the site number.
    package var name: String {
        switch self {
        case .sender: "sender"
        case .site(let number): "site \(number)"
        }
    }
}

/// One thing that somebody does to a referral.
package enum ReferralChange: Sendable, Hashable {
    /// `Task.status`, with its reason and the extensions that Ocean knows.
    case status(StatusReport)
    /// A dated appointment, new or known by its id.
    case appointment(SandboxAppointment)
    /// The appointment of that id is taken away; nil when the message names none.
    case removeAppointment(id: String?)
    /// Booking comments without a date. With the id of a dated appointment they take that one away, as Ocean's own
    /// form of a removal does.
    case bookingComments(String?, appointmentID: String?)
    /// A message of the receiver to the sender.
    case messageFromProvider(SandboxMessage)
    /// A message of the sender, or a note raised on the receiver's side in the sender's name.
    case messageFromRequester(SandboxMessage)
    /// A corrected health service category.
    case category(String)
    /// Corrected demographics: the Patient resource is kept with the referral.
    case demographics
    /// Handed on to another listing, where it becomes a referral of its own.
    case forward(toListing: String, newReference: String)
    /// The sender takes the referral back.
    case cancel

    /// A stable word for the history.
    package var word: String {
        switch self {
        case .status(let report): "status \(report.status)"
        case .appointment: "appointment"
        case .removeAppointment: "remove appointment"
        case .bookingComments: "booking comments"
        case .messageFromProvider: "message from provider"
        case .messageFromRequester: "message from requester"
        case .category: "category"
        case .demographics: "demographics"
        case .forward: "forward"
        case .cancel: "cancel"
        }
    }
}

/// What a Task reports.
package struct StatusReport: Sendable, Hashable {
    package var status: String
    package var reason: String?
    /// The needs-to-be-seen extension: false makes it an eConsult, true an eReferral again.
    package var needsToBeSeen: Bool?
    /// Where the sender is sent in the browser.
    package var redirectURL: String?

    package init(status: String, reason: String? = nil, needsToBeSeen: Bool? = nil, redirectURL: String? = nil) {
        self.status = status
        self.reason = reason
        self.needsToBeSeen = needsToBeSeen
        self.redirectURL = redirectURL
    }
}

/// Why Ocean does not make a change; the referral is unchanged.
package struct RefusedChange: Error, Sendable, Hashable {
    package enum Code: String, Sendable, Hashable, CaseIterable {
        /// Only the current receiver may update (enforced by Ocean since June 2025).
        case notReceiver = "not-receiver"
        /// The state does not allow it.
        case state
        /// Ocean has no such status or event for a receiver.
        case unsupported
        /// A member is missing or of the wrong form.
        case invalid
        /// There is no such referral or listing.
        case notFound = "not-found"
        /// A critical card of a CDS service keeps it from being sent.
        case stopped
    }

    package let code: Code
    /// Never a value from the payload.
    package let message: String

    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// The HTTP status of the refusal.
    package var status: Int {
        switch code {
        case .notReceiver: 403
        case .notFound: 404
        case .state, .stopped: 409
        case .unsupported, .invalid: 400
        }
    }

    /// The word of FHIR's issue-type value set.
    package var issueType: String {
        switch code {
        case .notReceiver: "forbidden"
        case .notFound: "not-found"
        case .state, .stopped: "business-rule"
        case .unsupported: "not-supported"
        case .invalid: "invalid"
        }
    }
}
