// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import JSON
import Ocean

extension Reconciler {
    func record(
        _ referral: Referral, _ message: Message, _ canonical: CanonicalMessage, sourceTime: Timestamp,
        known: ReferralRecord?
    ) -> ReferralRecord {
        let attributes = message.attributes
        let dialect = Dialect(rawValue: canonical.original.dialect).flatMap { $0.isFHIR ? $0.rawValue : nil }
        var appointments = known?.appointmentIDs ?? []
        for id in referral.appointments.compactMap(\.id) where !appointments.contains(id) { appointments.append(id) }
        let site = attributes.site ?? referral.receiver?.site ?? known?.site ?? ""
        // A bundle without the patient is no whole referral.
        let isWhole = dialect != nil && referral.patient != nil
        let received = isWhole ? canonical.original.bytes ?? known?.received : known?.received
        return ReferralRecord(
            reference: referral.ref, site: site,
            listing: attributes.listing ?? referral.receiver?.ref ?? known?.listing,
            service: attributes.service ?? referral.receiver?.service ?? known?.service,
            dialect: dialect ?? known?.dialect,
            status: referral.status?.rawValue ?? known?.status ?? ReferralStatus.unknown.rawValue,
            sourceTime: sourceTime, appointmentIDs: appointments,
            resources: Self.merged(referral.json, over: known?.resources).bytes(),
            received: keepsReceived(site) ? received : nil, patientKey: patientKey(referral) ?? known?.patientKey,
            matchKeys: matchKeys(of: referral, known: known))
    }

    /// A rule of which the message says nothing keeps its key, unless the patient was born on another day now.
    private func matchKeys(of referral: Referral, known: ReferralRecord?) -> [String: String] {
        let before = known?.matchKeys ?? [:]
        guard let patient = referral.patient else { return before }
        guard let old = known.flatMap({ Self.referral(in: $0)?.patient }), old.birthDate == patient.birthDate else {
            return matchKeys(patient)
        }
        return before.merging(matchKeys(patient)) { $1 }
    }

    /// The stored referral; nil when there is none or another version stored it in another form.
    static func referral(in record: ReferralRecord) -> Referral? {
        guard let bytes = record.resources, let json = try? JSONValue(parsing: bytes) else { return nil }
        var unknown: [JSONPointer] = []
        return try? Referral(json: json, at: .root, unknown: &unknown)
    }

    /// Later events carry parts of a referral only (a Task, an appointment): what they leave out stays.
    private static func merged(_ new: JSONValue, over known: [UInt8]?) -> JSONValue {
        // What an older version stored and this one cannot read is replaced.
        guard let known, case .object(var object)? = try? JSONValue(parsing: known), case .object(let members) = new
        else { return new }
        for member in members { object[member.name] = member.value }
        return .object(object)
    }
}
