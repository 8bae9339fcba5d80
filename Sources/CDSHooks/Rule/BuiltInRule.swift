// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

/// The built-in rules, by the names that settings, metrics and feedback use. Each is off unless a service lists it.
package enum BuiltInRule: String, Sendable, Hashable, CaseIterable {
    case requiredAnswers = "required-answers"
    case healthNumber = "health-number"
    case openReferral = "open-referral"
    case listingState = "listing-state"
    case exclusionCriteria = "exclusion-criteria"
}
