// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import JSON
import Ocean

/// An event in the form that the listing's integration was given.
struct WebhookPayload: Sendable {
    let file: ReferralFile
    let event: BundleEvent
    let site: PretendSite
    let listing: PretendListing
    let formerListing: PretendListing?
    /// Wraps the referral's key in the JSON form; nil for the Shared Encryption Key.
    var privateKey: SitePrivateKey?

    /// Nil only when encryption fails, which needs an initialization vector of the wrong length.
    func written(
        host: String, documentHost: String, url: String, isTest: Bool, bundleID: String, messageID: String,
        time: Timestamp
    ) -> (contentType: String, body: [UInt8])? {
        switch listing.dialect {
        case .fhir0100, .fhir0111:
            let context = BundleContext(
                dialect: listing.dialect, host: host, documentHost: documentHost, site: site, listing: listing,
                formerListing: formerListing, webhookURL: url, isTest: isTest, bundleID: bundleID, messageID: messageID,
                time: time)
            return ("application/fhir+json", MessageBundle(file: file, event: event, context: context).bytes)
        case .oceanJSON where listing.jsonForm == .thin:
            return ("application/json", thinEvent.bytes())
        case .oceanJSON:
            let referral = OpenReferral(file: file, site: site, listing: listing, privateKey: privateKey)
            return (try? referral.json(event: event.code)).map { ("application/json", $0.bytes()) }
        }
    }

    /// The envelope of the Patient Engagement events, which Ocean's names suggest for referrals too.
    private var thinEvent: JSONValue {
        [
            "ref": .string(file.state.reference), "siteNum": .string(site.number),
            "type": .string(event.code.rawValue), "changeList": .null, "user": .null, "customProperties": [:],
        ]
    }
}
