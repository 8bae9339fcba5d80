// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

package import BridgeCore

/// Says so when the store knows an open referral of the same patient to the same service.
///
/// Patients are compared by the keyed digest of their health number; without one the rule says nothing.
package struct OpenReferralRule: CardRule {
    /// States in which a referral still waits for something, by which the rule goes unless told otherwise.
    package static let openStatuses: [ReferralStatus] = [.received, .accepted, .booked, .awaitingInformation]

    /// As many are told; one more is looked for besides the referral itself.
    private static let mostTold = 5

    private let index: any ReferralIndex
    private let statuses: Set<ReferralStatus>
    private let indicator: Card.Indicator
    private let source: Card.Source

    package init(
        index: any ReferralIndex, statuses: [ReferralStatus] = OpenReferralRule.openStatuses,
        indicator: Card.Indicator = .warning, source: Card.Source
    ) {
        self.index = index
        self.statuses = Set(statuses)
        self.indicator = indicator
        self.source = source
    }

    package var name: String { BuiltInRule.openReferral.rawValue }

    package func cards(for subject: HookSubject, now: Timestamp) async throws(StoreError) -> [Card] {
        guard let patient = subject.patientKey, let service = subject.service, !statuses.isEmpty else { return [] }
        let query = ReferralQuery(
            site: subject.site, service: service, statuses: Set(statuses.map(\.rawValue)), patientKey: patient)
        let own = Set([subject.referral.ref] + (subject.referral.links?.replaces ?? []))
        let found = try await index.referrals(matching: query, limit: Self.mostTold + own.count + 1)
            .filter { !own.contains($0.reference) }
        guard !found.isEmpty else { return [] }
        let lines = found.prefix(Self.mostTold).map { record in
            "- \(Self.words(record.status)), last changed on \(record.sourceTime.description.prefix(10)) (UTC)"
        }
        let more = found.count > Self.mostTold ? ["- and more"] : []
        return [
            Card(
                summary: found.count == 1
                    ? "The patient already has an open referral to this service."
                    : "The patient already has several open referrals to this service.",
                detail: (lines + more).joined(separator: "\n"), indicator: indicator, source: source)
        ]
    }

    private static func words(_ status: String) -> String {
        switch ReferralStatus(rawValue: status) {
        case .awaitingInformation: "awaiting information"
        case .some(let status): status.rawValue
        case nil: "unknown"
        }
    }
}
