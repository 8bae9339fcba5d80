// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

/// The refusals that are known of Ocean, by the word that stands in a result: what a clerk is told and what helps.
///
/// That only the current receiver may update, and that Ocean then answers with an error, is documented (Ocean help
/// centre, June 2025); status codes and texts of Ocean's refusals are not: they are assumed, and so the words never
/// claim more than the answer shows.
package enum KnownRefusal: String, Sendable, Hashable, CaseIterable {
    case notCurrentReceiver = "not-current-receiver"
    case forwarded
    case wrongSite = "wrong-site"
    case referralCancelled = "referral-cancelled"
    case notInThisState = "not-in-this-state"
    case unknownReferral = "unknown-referral"
    case unknownAppointment = "unknown-appointment"
    case unknownListing = "unknown-listing"
    case listingNotLinked = "listing-not-linked"
    case credentialsRefused = "credentials-refused"
    case credentialsLackRole = "credentials-lack-role"
    case siteNotConfigured = "site-not-configured"
    case noFHIRAccess = "no-fhir-access"
    case wrongKey = "wrong-key"
    case notSupported = "not-supported"
    case contentRefused = "content-refused"
    case tooLarge = "too-large"
    case errorInAnswer = "error-in-answer"
    case actionSwitchedOff = "action-switched-off"
    case other

    /// In words a clerk understands.
    var explanation: String {
        switch self {
        case .notCurrentReceiver:
            "Ocean did not allow the change: only the current receiver of a referral may update it. The referral may "
                + "have been forwarded to another receiver meanwhile. Nothing was changed."
        case .forwarded:
            "The referral was forwarded to another receiver: only the new receiver may update it. Nothing was changed."
        case .wrongSite:
            "The update was sent in the name of another Ocean site than the one that received the referral. Nothing "
                + "was changed."
        case .referralCancelled:
            "The sender has cancelled this referral, so Ocean does not take the change. Nothing was changed."
        case .notInThisState:
            "Ocean does not allow this change in the referral's present state: it may have been cancelled, completed, "
                + "declined or forwarded meanwhile. Nothing was changed."
        case .unknownReferral:
            "Ocean does not know this referral: the reference may be wrong, or the referral was deleted. Nothing was "
                + "changed."
        case .unknownAppointment:
            "Ocean does not know the appointment that the update is about; it may have been removed already. Nothing "
                + "was changed."
        case .unknownListing:
            "Ocean does not know the listing that the referral was to go to. Nothing was changed."
        case .listingNotLinked:
            "The listing is not linked to the hospital's integration in Ocean, so Ocean does not take updates for it. "
                + "Nothing was changed."
        case .credentialsRefused:
            "Ocean does not accept the bridge's credentials for this site. Nothing was changed."
        case .credentialsLackRole:
            "Ocean knows the bridge's credentials for this site, but they lack the right to make this change. Nothing "
                + "was changed."
        case .siteNotConfigured:
            "The bridge has no access to Ocean for this site. Nothing was sent."
        case .noFHIRAccess:
            "For this site the bridge has Ocean's Open API only, which has no form for this change. Nothing was sent."
        case .wrongKey:
            "The bridge cannot open this referral in Ocean: its key for the site does not fit. Nothing was sent."
        case .notSupported:
            "Ocean has no such change for a receiver of referrals. Nothing was changed."
        case .contentRefused:
            "Ocean did not accept the content of the update; what Ocean answered is attached. Nothing was changed."
        case .tooLarge:
            "The update is larger than Ocean takes. Nothing was changed."
        case .errorInAnswer:
            "Ocean took the update and answered that something went wrong with it; what Ocean answered is attached. "
                + "The change was probably not made."
        case .actionSwitchedOff:
            "Your hospital has switched this action off for the bridge. Nothing was sent to Ocean."
        case .other:
            "Ocean refused the update; what Ocean answered is attached where there was an answer. Nothing was changed."
        }
    }

    /// What to do, and who.
    var remedy: String {
        switch self {
        case .notCurrentReceiver, .forwarded:
            "Look the referral up in Ocean. If it was forwarded, the new receiver makes the change; if it is still "
                + "yours, ask the bridge's administrator whether the site number is right."
        case .wrongSite:
            "Send the update again under the site number with which the referral arrived."
        case .referralCancelled:
            "Nothing needs to be done unless the sender made a mistake: then ask the sender, or reopen the referral "
                + "first and send the change again."
        case .notInThisState:
            "Look the referral up in Ocean; reopen it first if the change is still wanted, then send it again."
        case .unknownReferral:
            "Compare the referral reference with the one in Ocean and send the update again with the right one. A "
                + "referral of the test system is not known to the production system."
        case .unknownAppointment:
            "Look the referral's appointments up in Ocean; book anew if needed."
        case .unknownListing:
            "Compare the listing reference with Ocean's directory; a referral can only be forwarded to a listing that "
                + "exists there and offers the category."
        case .listingNotLinked:
            "An Ocean administrator of the site links the listing: Admin > Directory Listings > the listing > "
                + "Advanced or Enablement > Integration. Then send the update again."
        case .credentialsRefused:
            "The bridge's administrator checks client id and secret (`ocean-bridge check`); an Ocean administrator of "
                + "the site makes new ones under Admin > Manage Credentials. Then the update is replayed."
        case .credentialsLackRole:
            "An Ocean administrator of the site checks that the credentials are OAuth credentials of this very site "
                + "and that its FHIR eReferral integration is enabled. Then the update is replayed."
        case .siteNotConfigured:
            "The bridge's administrator adds the site and its credentials to the settings. Then the update is replayed."
        case .noFHIRAccess:
            "Make the change in Ocean itself; or the bridge's administrator adds OAuth credentials of the site "
                + "(sites.*.oauth) and replays the update."
        case .wrongKey:
            "The bridge's administrator compares sites.*.openApi.sharedEncryptionKey (and previousSharedEncryptionKey) "
                + "with Ocean's portal and replays the update."
        case .notSupported:
            "Make the change in Ocean itself. A receiver cannot cancel: decline the referral instead."
        case .contentRefused:
            "Correct what Ocean names and send the update again; if nothing is wrong with it, tell the bridge's "
                + "administrator."
        case .tooLarge:
            "Send fewer or smaller documents."
        case .errorInAnswer:
            "Look the referral up in Ocean before sending the update again."
        case .actionSwitchedOff:
            "Make the change in Ocean itself, or ask the bridge's administrator to switch the action on."
        case .other:
            "Look the referral up in Ocean; if the change is still wanted, make it there or send it again, and tell the "
                + "bridge's administrator."
        }
    }
}
