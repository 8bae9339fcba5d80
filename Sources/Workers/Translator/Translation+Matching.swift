// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import Ocean

extension Translation {
    /// Names the referral by which it was matched; a reference, no patient data.
    static let matchedHeader = "x-matched-referral"

    /// Brings a form to the referral of its patient, if one is known: says so in the form, and sends it where the
    /// referral went.
    func match(_ canonical: inout CanonicalMessage, _ message: inout Message) async throws(Halt) {
        guard let patient = canonical.engagement?.patient, let site = message.attributes.site,
            let (match, record) = try await match(of: patient, site: site)
        else { return }
        canonical.engagement?.matched = match
        message.headers[Self.matchedHeader] = .string(match.referral)
        message.attributes.listing = message.attributes.listing ?? record.listing
        message.attributes.service = message.attributes.service ?? record.service
        hop.note(.translate, "matched", detail: match.by.rawValue, as: message)
    }

    /// The first rule that fits decides, and of several referrals the one that changed last. One that is known by
    /// another health number is another patient's, whatever else is equal.
    private func match(
        of patient: Patient, site: String
    ) async throws(Halt) -> (ReferralMatch, ReferralRecord)? {
        let keys = translator.reconciler.matchKeys(patient)
        let number = keys[MatchRule.healthNumber.rawValue]
        for rule in translator.settings.matching {
            guard let key = keys[rule.rawValue] else { continue }
            let found = try await store("match") { () async throws(StoreError) in
                try await translator.reconciler.store.referrals(
                    matching: ReferralQuery(site: site, matchKey: key), limit: 100)
            }
            let fitting = found.filter { record in
                guard let number, let other = record.matchKeys[MatchRule.healthNumber.rawValue] else { return true }
                return number == other
            }
            if let first = fitting.first {
                return (
                    ReferralMatch(referral: first.reference, by: rule, candidates: fitting.count), first
                )
            }
        }
        return nil
    }
}
