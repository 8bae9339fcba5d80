// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

package import BridgeCore

/// A clinic or hospital with an account in the pretend Ocean.
package struct PretendSite: JSONRecord {
    /// Ocean site number, 4 to 7 digits.
    package var number = ""
    package var name = ""
    /// OAuth2 client credentials for `$process-messages` and documents.
    package var clientID = ""
    package var clientSecret = ""
    /// Headers of the Open API.
    package var siteKey = ""
    package var siteCredential = ""
    package var sharedEncryptionKey = ""
    package var listings: [PretendListing] = []
    /// The webhook that hears of completed forms.
    package var engagementWebhook: String?
    /// How the Open API writes encrypted bodies.
    package var encryptedBodyForm: EncryptedBodyForm = .base64
    /// What one-time keys of referrals are wrapped with.
    package var keyWrapping: KeyWrapping = .shared
    /// The header with the caller's own patient id: `extPatientRef` with the patient and `externalPtRef` with the note,
    /// as seen, or the other way round.
    package var swapsPatientHeaders = false

    package init() {}

    package static let fields: [Field<PretendSite>] = [
        .required("number", \.number), .required("name", \.name), .required("clientId", \.clientID),
        .required("clientSecret", \.clientSecret), .required("siteKey", \.siteKey),
        .required("siteCredential", \.siteCredential), .required("sharedEncryptionKey", \.sharedEncryptionKey),
        .list("listings", \.listings), .optional("engagementWebhook", \.engagementWebhook),
        .defaulted("encryptedBodyForm", \.encryptedBodyForm), .defaulted("keyWrapping", \.keyWrapping),
        .flag("swapsPatientHeaders", \.swapsPatientHeaders),
    ]
}

/// How Ocean wraps the one-time key of a referral for the receiving site.
package enum KeyWrapping: String, JSONWord, CaseIterable {
    /// With the Shared Encryption Key.
    case shared
    /// With the public half of the site's private key.
    case privateKey = "private-key"
}

/// Wire form of an encrypted body of the Open API; Ocean has used both.
package enum EncryptedBodyForm: String, JSONWord, CaseIterable {
    case base64
    /// A JSON array of numbers from -128 to 127.
    case signedBytes = "signed-bytes"
}

/// A directory listing that takes referrals.
package struct PretendListing: JSONRecord {
    /// Ocean's listing reference.
    package var reference = ""
    package var title = ""
    /// The External Service ID set on the listing.
    package var externalServiceID: String?
    package var dialect: ListingDialect = .fhir0111
    /// Name of the webhook of its integration.
    package var webhook = ""
    /// For the dialect `ocean-json`: what is posted.
    package var jsonForm: OceanJSONForm = .full
    /// Name of the Referral System Launch that follows on sending; nil for none.
    package var launch: String?

    package init() {}

    package init(
        reference: String, title: String, externalServiceID: String? = nil, dialect: ListingDialect, webhook: String,
        jsonForm: OceanJSONForm = .full
    ) {
        self.reference = reference
        self.title = title
        self.externalServiceID = externalServiceID
        self.dialect = dialect
        self.webhook = webhook
        self.jsonForm = jsonForm
    }

    package static let fields: [Field<PretendListing>] = [
        .required("ref", \.reference), .required("title", \.title),
        .optional("externalServiceId", \.externalServiceID), .required("dialect", \.dialect),
        .required("webhook", \.webhook), .defaulted("jsonForm", \.jsonForm), .optional("launch", \.launch),
    ]
}

/// The Payload Type of an integration in Ocean's admin pages.
package enum ListingDialect: String, JSONWord, CaseIterable {
    case fhir0100 = "0.10.0"
    case fhir0111 = "0.11.1"
    case oceanJSON = "ocean-json"
}

/// What an Open API listing posts.
package enum OceanJSONForm: String, JSONWord, CaseIterable {
    /// The referral as the Open API returns it, patient data encrypted.
    case full
    /// The event alone: `ref`, `siteNum` and `type`.
    case thin
}
