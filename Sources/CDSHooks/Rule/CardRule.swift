// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

package import BridgeCore
package import JSON

/// The referral about which a clinician is asked to decide, as far as the hook's prefetch tells.
package struct HookSubject: Sendable {
    /// Read from the prefetched message bundle by the reader of the webhooks.
    package var referral: Referral
    /// Ocean site number of the receiver, where the settings or the bundle name it.
    package var site: String?
    /// External Service ID or listing.
    package var service: String?
    /// Key of the patient in the store's index; nil without a health number.
    package var patientKey: String?
    /// The form's answers as prefetched (a QuestionnaireResponse); nil when Ocean sent none.
    package var questionnaireResponse: JSONValue?

    package init(
        referral: Referral, site: String?, service: String?, patientKey: String?, questionnaireResponse: JSONValue?
    ) {
        self.referral = referral
        self.site = site
        self.service = service
        self.patientKey = patientKey
        self.questionnaireResponse = questionnaireResponse
    }
}

/// A built-in rule: looks at a referral before it is sent and says what the sender should know.
package protocol CardRule: Sendable {
    /// Name in the settings, metrics and feedback, such as `health-number`.
    var name: String { get }

    /// Cards without uuids; none when there is nothing to say. Never a value of the patient's in a summary.
    func cards(for subject: HookSubject, now: Timestamp) async throws(StoreError) -> [Card]
}
