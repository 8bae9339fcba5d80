// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

package import BridgeCore

/// The parts of a referral that an update overwrites, each by itself: an old acceptance must not undo a new decline, but
/// does nothing to a new appointment.
///
/// Messages, notes and requests for information add to a referral and overwrite nothing.
package enum ReferralAspect {
    /// Accepted, declined, completed, cancelled, reopened.
    package static let status = "status"
    /// The listing that has the referral: forwarding and assigning.
    package static let listing = "listing"
    /// eReferral or eConsult.
    package static let kind = "kind"
    package static let category = "category"
    /// Demographic data.
    package static let patient = "patient"
    package static let redirect = "redirect"
    /// Booking comments.
    package static let comments = "comments"
    /// The appointments of a referral, where it is not known which.
    package static let appointments = "appointments"

    /// One appointment.
    package static func appointment(_ id: String) -> String { "appointment:\(id)" }

    /// What the update overwrites.
    ///
    /// - Parameter appointmentID: the id under which its appointment goes to Ocean.
    package static func aspects(of update: ReferralUpdate, appointmentID: String?) -> Set<String> {
        switch update.action {
        case .accept, .decline, .complete, .reopen: [status]
        case .convertToConsult, .convertToReferral: [status, kind]
        case .redirect: [status, redirect]
        case .forward, .assign: [listing]
        case .book, .confirmBooking, .reschedule, .cancelBooking:
            [appointmentID.map { appointment($0) } ?? appointments]
        case .bookingComments: [comments]
        case .correctCategory: [category]
        case .updateDemographics: [patient]
        case .message, .requestInformation, .needsReview: []
        }
    }

    /// What the changes of a received referral concern.
    ///
    /// - Parameter changes: words of `ChangeFingerprint.changes(in:since:)`.
    package static func aspects(of changes: [String], in referral: Referral) -> Set<String> {
        var output: Set<String> = []
        for change in changes { output.formUnion(aspects(of: change, in: referral)) }
        return output
    }

    /// What one change concerns; nothing for what no update overwrites.
    package static func aspects(of change: String, in referral: Referral) -> Set<String> {
        guard let end = change.firstIndex(of: ":") else { return [] }
        switch change[..<end] {
        case "task", "status": return [status]
        case "listing": return [listing]
        case "kind": return [kind]
        case "category": return [category]
        case "patient": return [patient]
        case "redirect": return [redirect]
        case "comments": return [comments]
        case "gone": return [appointments]
        case "appointment":
            let ids = referral.appointments.compactMap(\.id).filter { change.hasPrefix("appointment:\($0):") }
            return ids.isEmpty ? [appointments] : Set(ids.map { appointment($0) })
        // Told beside `appointment:` where the appointment has an id.
        case "slot": return referral.appointments.contains { $0.id == nil } ? [appointments] : []
        default: return []
        }
    }

    /// Those of `aspects` of which the known state said something before: what is told for the first time overwrites
    /// nothing.
    package static func changed(_ aspects: Set<String>, in known: Referral) -> Set<String> {
        aspects.filter { aspect in
            switch aspect {
            case listing: known.receiver?.ref != nil
            case kind: known.kind != nil
            case category: !(known.category + known.code).isEmpty
            case patient: known.patient != nil
            default: true
            }
        }
    }
}
