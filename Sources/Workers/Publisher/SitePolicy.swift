// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

package import BridgeCore
import Ocean

/// What an installation lets updates of one Ocean site do.
package struct SitePolicy: Sendable, Hashable {
    /// Calls to Ocean at once; nil for the publisher's default.
    package var concurrency: Int?
    /// Least time between the beginnings of two calls of this process; zero for none.
    package var interval: Duration = .zero
    /// Actions that are never sent.
    package var denied: Set<UpdateAction> = []
    /// When set, only these are sent.
    package var allowed: Set<UpdateAction>?
    /// Bundles are rendered and not sent.
    package var isDryRun = false
    /// The site has OAuth credentials, and so a way to Ocean's FHIR interface.
    package var hasFHIR = true

    package init() {}

    /// The setting that forbids the action, such as `sites.1234.actions.deny`; nil when it may be sent.
    package func prohibition(of action: UpdateAction, site: String) -> String? {
        if denied.contains(action) { return "sites.\(site).actions.deny" }
        if let allowed, !allowed.contains(action) { return "sites.\(site).actions.allow" }
        return nil
    }
}

extension Publisher.Settings {
    /// The refusal of an update whose action is switched off for its site; nil when it may be sent.
    func refusal(of update: ReferralUpdate) -> Refusal? {
        guard let policy = sites[update.site] else { return nil }
        if let setting = policy.prohibition(of: update.action, site: update.site) {
            return Refusal(switchedOff: update.action, by: setting)
        }
        let isReply = conventions[update.site]?.transport == .openAPI && OpenReply.carries(update.action)
        return policy.hasFHIR || isReply ? nil : Refusal(withoutFHIR: update)
    }
}

extension Refusal {
    /// Only the FHIR interface has a form for it, and the site has no credentials for that.
    init(withoutFHIR update: ReferralUpdate) {
        let known = KnownRefusal.noFHIRAccess
        reason = known.rawValue
        detail =
            "\(update.action.rawValue) goes by FHIR only; sites.\(update.site).oauth has no credentials"
        status = nil
        answer = nil
        explanation = known.explanation
        word = known.rawValue
        remedy = known.remedy
    }

    /// The installation does not want it.
    init(switchedOff action: UpdateAction, by setting: String) {
        reason = KnownRefusal.actionSwitchedOff.rawValue
        detail = "\(action.rawValue) is switched off by \(setting)"
        status = nil
        answer = nil
        explanation =
            "Your hospital has switched this action off for the bridge (\(action.rawValue); setting \(setting)). "
            + "Nothing was sent to Ocean."
        word = KnownRefusal.actionSwitchedOff.rawValue
        remedy = "Make the change in Ocean itself, or ask the bridge's administrator to switch the action on."
    }
}
