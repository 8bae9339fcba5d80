// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

package import BridgeCore
import JSON

/// A card as a CDS service gave it, as far as the pretend Ocean shows it.
package struct HookCard: JSONRecord {
    package var uuid: String?
    /// `info`, `warning`, `critical`; a `critical` one stops the sending.
    package var indicator = ""
    package var summary = ""
    package var detail: String?
    /// `source.label`.
    package var source = ""
    /// Addresses of its links.
    package var links: [String] = []

    package init() {}

    package static let fields: [Field<HookCard>] = [
        .optional("uuid", \.uuid), .required("indicator", \.indicator), .required("summary", \.summary),
        .optional("detail", \.detail), .required("source", \.source), .list("links", \.links),
    ]

    package var isCritical: Bool { indicator == "critical" }

    /// Nil when a member that every card has is missing (CDS Hooks 2.0, "Card Attributes").
    init?(answer: JSONValue) {
        guard let summary = answer["summary"]?.stringValue, !summary.isEmpty, summary.count < 140,
            let indicator = answer["indicator"]?.stringValue, ["info", "warning", "critical"].contains(indicator),
            let source = answer["source"]?["label"]?.stringValue, !source.isEmpty
        else { return nil }
        uuid = answer["uuid"]?.stringValue
        self.indicator = indicator
        self.summary = summary
        detail = answer["detail"]?.stringValue
        self.source = source
        links = (answer["links"]?.arrayValue ?? []).compactMap { $0["url"]?.stringValue }
    }
}

/// One call of a CDS service and what came of it.
package struct HookConversation: JSONRecord {
    package var time = Timestamp(milliseconds: 0)
    /// Name of the integration.
    package var client = ""
    package var service = ""
    package var listing = ""
    /// Of the referral that is not sent yet.
    package var reference = ""
    package var hookInstance = ""
    package var status: Int?
    /// Why there was no answer, or none that can be read.
    package var failure: String?
    package var milliseconds = 0
    package var cards: [HookCard] = []
    /// Cards that lack what every card has: not shown.
    package var unreadableCards = 0
    /// A critical card kept the referral from being sent.
    package var isStopped = false
    /// Status of the answer to the feedback.
    package var feedback: Int?

    package init() {}

    package static let fields: [Field<HookConversation>] = [
        .required("time", \.time), .required("client", \.client), .required("service", \.service),
        .required("listing", \.listing), .required("referralRef", \.reference),
        .required("hookInstance", \.hookInstance), .optional("status", \.status), .optional("failure", \.failure),
        .required("milliseconds", \.milliseconds), .list("cards", \.cards),
        .defaulted("unreadableCards", \.unreadableCards), .flag("stopped", \.isStopped),
        .optional("feedbackStatus", \.feedback),
    ]
}
