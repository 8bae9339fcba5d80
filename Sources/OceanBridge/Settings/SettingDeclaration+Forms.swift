// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import Ocean

extension SettingDeclaration {
    /// Ocean's eForms: how they are matched, and how they are asked for.
    static let forms: [SettingDeclaration] = [
        .init(
            "forms.matching", .words(MatchRule.allCases.map(\.rawValue) + [Settings.Forms.off]),
            default: MatchRule.allCases.map(\.rawValue).joined(separator: ","),
            "what brings a completed form to a known referral of its site, besides the birth date, first things first; "
                + "`off` where the hospital has an index of its own"),
        .init(
            "forms.create.method", .choice(["POST", "PUT"]), default: "POST",
            "the call that creates forms for a patient (assumed, as are all of `forms.create`: Ocean does not publish "
                + "the call)"),
        .init(
            "forms.create.path", .text, default: FormTemplate.assumedPath,
            "its path for a patient whom Ocean does not know (assumed); words in braces are filled in, see "
                + "docs/messages.md"),
        .init(
            "forms.create.knownPatientPath", .text, default: FormTemplate.assumedKnownPatientPath,
            "its path for a patient of Ocean's, `{ref}` (assumed)"),
        .init(
            "forms.create.body", .text, default: FormTemplate.assumedBody,
            "its body (assumed): JSON, or one word in braces for that text alone"),
        .init(
            "forms.create.idempotencyHeader", .text, default: FormTemplate.assumedIdempotencyHeader,
            "header under which Ocean may know a repeated request again (assumed); `none` to send none"),
        .init(
            "forms.create.link", .text, default: "/link",
            "where the answer has the link for the patient (assumed): a JSON pointer, `header:Location`, or `body`"),
        .init(
            "forms.create.patientRef", .text, default: "/ref",
            "where the answer has Ocean's reference of the patient (assumed), in the same forms"),
    ]
}
