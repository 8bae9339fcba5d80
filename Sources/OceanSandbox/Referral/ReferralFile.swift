// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import JSON
import Ocean

/// A referral with all that its payloads are made of.
struct ReferralFile: Sendable {
    var state: SandboxReferral
    let content: SyntheticReferral
    let ids: ResourceIDs
    /// Of the Open API: encrypts this referral's patient data.
    let oneTimeKey: OneTimeKey
    /// Every attached file has its own key.
    let attachmentKeys: [OneTimeKey]
    let created: Timestamp
    var modified: Timestamp
    /// The Patient that the receiver sent as a correction.
    var correctedPatient: JSONValue?
    /// The listing that forwarded it here.
    let formerListing: String?
    /// Everything that the source of a split asked for; empty for a whole referral.
    var sourceCategories: [SyntheticCategory] = []
    /// Files that the receiver sent by the Open API.
    var uploads: [UploadedFile] = []
}

/// Ids of a referral's resources: the same in every message about it.
struct ResourceIDs: Sendable, Hashable {
    let patient: String
    let requesterRole: String
    let requester: String
    let requesterLocation: String
    let senderRole: String
    let sender: String
    let senderLocation: String
    let listingRole: String
    let listingLocation: String
    let formerRole: String
    let form: String
    let task: String
    let letter: String
    let attachments: [String]

    init(attachments count: Int, next: () -> String) {
        patient = next()
        requesterRole = next()
        requester = next()
        requesterLocation = next()
        senderRole = next()
        sender = next()
        senderLocation = next()
        listingRole = next()
        listingLocation = next()
        formerRole = next()
        form = next()
        task = next()
        letter = next()
        attachments = (0..<count).map { _ in next() }
    }
}
