// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import JSON
import Ocean

extension KnownRefusal {
    /// Which refusal it is, by status, by the codes of Ocean's OperationOutcome, by its words, and by what the bridge
    /// knows of the referral.
    init(_ error: OceanServiceError, _ answer: AnswerReading, _ update: ReferralUpdate, _ record: ReferralRecord?) {
        let said = Said(error, answer)
        self =
            Self.beforeReading(error, said)
            ?? Self.byWords(said)
            ?? Self.byRight(said, update, record)
            ?? Self.byState(said, record)
            ?? Self.byContent(said)
    }

    /// What Ocean answered, made fit for looking things up in it.
    private struct Said {
        let status: Int?
        /// Codes of the issues that are errors, or of all when none is.
        let codes: Set<String>
        /// All of its words, in lower case.
        let words: String

        init(_ error: OceanServiceError, _ answer: AnswerReading) {
            status = error.status
            let errors = answer.issues.filter(\.isError)
            codes = Set((errors.isEmpty ? answer.issues : errors).map(\.code))
            // Other servers' errors, such as a proxy's or an application server's, have one of these members.
            let members = ["message", "error", "error_description", "detail", "title"]
                .compactMap { answer.json?[$0]?.stringValue }
            words = (answer.issues.compactMap(\.diagnostics) + members + [answer.text ?? ""])
                .joined(separator: " ").lowercased()
        }

        func says(_ texts: String...) -> Bool { texts.contains { words.contains($0) } }
        func has(_ codes: String...) -> Bool { !self.codes.isDisjoint(with: codes) }
        var isRightDenied: Bool { status == 403 || has("forbidden", "security", "suppressed") }
        var isConflict: Bool { status == 409 || has("conflict", "business-rule", "lock-error") }
        var isMissing: Bool { status == 404 || status == 410 || has("not-found", "deleted") }
    }

    private static func beforeReading(_ error: OceanServiceError, _ said: Said) -> KnownRefusal? {
        switch error.code {
        case .notConfigured: return .siteNotConfigured
        case .undecipherable: return .wrongKey
        case .unauthorized where said.status == nil || said.status == 401: return .credentialsRefused
        default: break
        }
        if said.status == 413 || said.has("too-long", "too-costly") { return .tooLarge }
        if let status = said.status, (200...299).contains(status) { return .errorInAnswer }
        return nil
    }

    private static func byWords(_ said: Said) -> KnownRefusal? {
        if said.says("listing"), said.says("not linked", "not enabled", "not bound", "no integration") {
            return .listingNotLinked
        }
        if said.isRightDenied, said.says("scope", "role", "permission", "privilege", "not authorized", "not authorised")
        {
            return .credentialsLackRole
        }
        if said.isMissing, said.says("appointment") { return .unknownAppointment }
        if said.isMissing, said.says("listing") { return .unknownListing }
        if said.isConflict, said.says("has cancelled", "has canceled", "is cancelled", "is canceled", "was cancelled") {
            // "is cancelled or forwarded already" leaves it open.
            return said.says("forwarded") ? .notInThisState : .referralCancelled
        }
        return nil
    }

    private static func byRight(
        _ said: Said, _ update: ReferralUpdate, _ record: ReferralRecord?
    ) -> KnownRefusal? {
        guard said.isRightDenied else { return nil }
        if let record, !record.site.isEmpty, record.site != update.site { return .wrongSite }
        if record?.status == ReferralStatus.forwarded.rawValue { return .forwarded }
        return .notCurrentReceiver
    }

    private static func byState(_ said: Said, _ record: ReferralRecord?) -> KnownRefusal? {
        if said.isConflict {
            switch record?.status {
            case ReferralStatus.cancelled.rawValue: return .referralCancelled
            case ReferralStatus.forwarded.rawValue: return .forwarded
            default: return .notInThisState
            }
        }
        return said.isMissing ? .unknownReferral : nil
    }

    private static func byContent(_ said: Said) -> KnownRefusal {
        if said.has("not-supported") { return .notSupported }
        if said.status == 400 || said.status == 422 { return .contentRefused }
        return .other
    }
}
