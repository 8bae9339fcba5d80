// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore

/// The referral summary that `$letter` serves.
struct ReferralLetter: Sendable {
    let content: SyntheticReferral
    let created: Timestamp
    /// The files follow as pages of the same document.
    let withAttachments: Bool

    var bytes: [UInt8] {
        var lines = [
            "Sent: \(created.inTorontoSeconds)",
            "Patient: \(content.patient.fullName)",
            "Born: \(content.patient.birthDate ?? "not given")",
            "Health number: \(content.patient.healthNumber ?? "not given")",
            "Referred by: \(content.referrer.given) \(content.referrer.family), \(content.referrer.clinic)",
            "Service: \(content.category.offering ?? content.category.word)",
            "Priority: \(content.priority ?? "not given")", "",
        ]
        lines += content.form.items.compactMap { item in
            item.answer.map { "\(item.caption ?? item.linkID): \($0)" }
        }
        lines += ["", "This is an invented referral of a person who does not exist."]
        let attached = withAttachments ? content.attachments.map { ["Attachment: \($0.title)", $0.text] } : []
        return PDFDocument(title: "Referral", pages: [lines] + attached).bytes
    }
}
