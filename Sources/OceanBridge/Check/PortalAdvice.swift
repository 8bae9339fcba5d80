// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

/// What usually goes wrong in Ocean's portal, where the bridge cannot look: printed by `check`, told at length in
/// docs/ocean-setup.md. Names of screens are those of Ocean's help centre; they may have changed since.
package enum PortalAdvice {
    package struct Trouble: Sendable, Hashable {
        /// What is seen on this side.
        package let sign: String
        package let cause: String
        package let remedy: String
    }

    package static let troubles: [Trouble] = [
        Trouble(
            sign: "no webhook arrives though referrals are sent to the listing",
            cause: "the listing is not linked to the integration",
            remedy:
                "Admin > Directory Listings > the listing > Advanced (newer: Enablement): choose the Integration and "
                + "enter the External Service ID; each listing by itself"),
        Trouble(
            sign: "no webhook arrives from any listing of the site",
            cause: "Ocean Cloud Connect is off",
            remedy: "Admin > Site Features > Enable Ocean Cloud Connect"),
        Trouble(
            sign: "webhooks stopped, or never came, with Cloud Connect on",
            cause: "the shared encryption key is not stored in Cloud Connect",
            remedy: "Cloud Connect > Store my encryption key, with the site's shared encryption key"),
        Trouble(
            sign: "a yellow or red mark beside the integration",
            cause: "Ocean cannot reach the request URL, or the bridge refuses its credentials",
            remedy:
                "hover over the mark for the HTTP status, compare it with docs/operations.md, run `ocean-bridge check`, "
                + "then save the integration again"),
        Trouble(
            sign: "webhooks are answered 403",
            cause: "the integration belongs to another site number than the settings say",
            remedy: "compare integrations.*.site with the site number in the portal's address bar (siteNum=)"),
        Trouble(
            sign: "bodies arrive on ocean.invalid, or without patient data",
            cause: "the payload type of the integration is not the kind in the settings",
            remedy:
                "Admin > Integrations > the integration > Payload Type: FHIR v0.11 or v0.10.0 for ereferral-fhir, Open "
                + "API for ereferral-open-api"),
        Trouble(
            sign: "`check` says that Ocean gives no token",
            cause: "credentials of the wrong type, site or system",
            remedy:
                "Admin > Manage Credentials > OAuth, on the site and the host (test or production) of the settings; "
                + "the site key of the Open API is something else"),
        Trouble(
            sign: "updates are refused as not-current-receiver",
            cause: "the referral went to a listing of another site, or was forwarded",
            remedy: "send the update under the site number with which the referral came"),
    ]

    /// One line each, for the terminal.
    package static var lines: [String] {
        ["In Ocean's portal, where this program cannot look, these go wrong most (docs/ocean-setup.md):"]
            + troubles.map { "  \($0.sign): \($0.cause). \($0.remedy)." }
    }
}
