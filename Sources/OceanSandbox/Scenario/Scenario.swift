// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

package import BridgeCore
import JSON

/// A story for the pretend Ocean: what clinics and patients do, what goes wrong, and where referrals must end up.
package struct Scenario: JSONRecord {
    package var title: String?
    package var steps: [ScenarioStep] = []

    package init() {}

    package static let fields: [Field<Scenario>] = [.optional("title", \.title), .list("steps", \.steps)]

    /// - Throws: `RecordError` naming the step that lacks what its action needs.
    package func check() throws(RecordError) {
        guard !steps.isEmpty else { throw RecordError(at: .root.appending("steps"), message: "must have steps") }
        for (index, step) in steps.enumerated() {
            if let problem = step.problem {
                throw RecordError(at: .root.appending("steps").appending(index), message: problem)
            }
        }
    }
}

/// One step. Which members it needs depends on `action`.
package struct ScenarioStep: JSONRecord {
    package enum Action: String, JSONWord, CaseIterable {
        /// A clinic sends a referral (`kind`, `listing`, `as`).
        case send
        /// A clinic sends a referral for several services, split into `parts`.
        case split
        /// The sender takes it back (`referral`).
        case cancel
        /// The sender writes (`referral`, `text`, `senderName`).
        case message
        /// The receiver forwards it in the portal (`referral`, `listing`, `as`).
        case forward
        /// The sender's browser is to go to the listing's application (`referral`); the report has the address.
        case launch
        /// It is sent again by hand (`referral`, `asNew`).
        case resend
        /// A patient completes a form (`site`, `kind`).
        case completeForm
        /// Faults strike from now on (`faults`); without any, none do.
        case faults
        /// Every access token becomes worthless.
        case revokeTokens
        /// Nothing happens for `seconds`.
        case wait
        /// The referral must come to `expect` within `seconds`.
        case expect
    }

    package var action: Action = .wait
    /// A name given by `as`, or a referral reference.
    package var referral: String?
    package var kind: SyntheticReferral.Kind?
    package var listing: String?
    package var name: String?
    package var text: String?
    package var senderName: String?
    package var site: String?
    package var asNew = false
    package var parts: [ReferralPart] = []
    package var faults: FaultPlan?
    package var expect: Expectation?
    /// Nil: 0 to wait, 30 for an expectation.
    package var seconds: Int?

    package init() {}

    package static let fields: [Field<ScenarioStep>] = [
        .required("do", \.action), .optional("referral", \.referral), .optional("kind", \.kind),
        .optional("listing", \.listing), .optional("as", \.name), .optional("text", \.text),
        .optional("senderName", \.senderName), .optional("site", \.site), .flag("asNew", \.asNew),
        .list("parts", \.parts), .optional("faults", \.faults), .optional("expect", \.expect),
        .optional("seconds", \.seconds),
    ]

    /// What is missing or out of range; nil when the step can be played.
    var problem: String? {
        let needed: [(String, Bool)] =
            switch action {
            case .send: [("listing", listing != nil)]
            case .split: [("parts", !parts.isEmpty)]
            case .cancel, .resend, .launch: [("referral", referral != nil)]
            case .message: [("referral", referral != nil), ("text", text != nil)]
            case .forward: [("referral", referral != nil), ("listing", listing != nil)]
            case .completeForm: [("site", site != nil)]
            case .faults, .revokeTokens: []
            case .wait: [("seconds", seconds != nil)]
            case .expect: [("referral", referral != nil), ("expect", expect != nil)]
            }
        if let missing = needed.first(where: { !$0.1 }) { return "\(action.rawValue) needs \(missing.0)" }
        guard (0...3600).contains(seconds ?? 0) else { return "seconds must be 0 to 3600" }
        do throws(RecordError) {
            try faults?.check()
        } catch {
            return error.description
        }
        return nil
    }
}

/// What a referral must look like; members left out may be anything.
package struct Expectation: JSONRecord {
    package var senderFolder: ReferralFolder?
    package var receiverFolder: ReferralFolder?
    package var taskStatus: String?
    package var isConsult: Bool?
    /// How many there are.
    package var appointments: Int?
    package var messages: Int?

    package init() {}

    package static let fields: [Field<Expectation>] = [
        .optional("senderFolder", \.senderFolder), .optional("receiverFolder", \.receiverFolder),
        .optional("taskStatus", \.taskStatus), .optional("consult", \.isConsult),
        .optional("appointments", \.appointments), .optional("messages", \.messages),
    ]

    /// What differs, in words; nil when the referral is as expected.
    func difference(from referral: SandboxReferral) -> String? {
        func differs<Value: Equatable>(_ name: String, _ wanted: Value?, _ found: Value?) -> String? {
            guard let wanted, wanted != found else { return nil }
            return "\(name) is \(found.map { "\($0)" } ?? "not set"), not \(wanted)"
        }
        let differences = [
            differs("senderFolder", senderFolder?.rawValue, referral.folders.sender.rawValue),
            differs("receiverFolder", receiverFolder?.rawValue, referral.folders.receiver.rawValue),
            differs("taskStatus", taskStatus, referral.taskStatus), differs("consult", isConsult, referral.isConsult),
            differs("appointments", appointments, referral.appointments.count),
            differs("messages", messages, referral.messages.count),
        ]
        let found = differences.compactMap(\.self)
        return found.isEmpty ? nil : found.joined(separator: "; ")
    }
}
