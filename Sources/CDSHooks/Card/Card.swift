// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

/// A card of a CDS service's answer (CDS Hooks 2.0, "Card Attributes").
package struct Card: Sendable, Hashable {
    /// How urgent the card is. Ocean stops the sending of a referral on `critical`.
    package enum Indicator: String, Sendable, Hashable {
        case info, warning, critical
    }

    /// Who says it.
    package struct Source: Sendable, Hashable {
        package var label: String
        /// An absolute `https` address.
        package var url: String?

        package init(label: String, url: String? = nil) {
            self.label = label
            self.url = url
        }
    }

    /// A way onward.
    package struct Link: Sendable, Hashable {
        package var label: String
        /// An absolute `https` address.
        package var url: String

        package init(label: String, url: String) {
            self.label = label
            self.url = url
        }
    }

    /// Told in feedback; nil until the responder gives it one.
    package var uuid: String?
    /// One sentence, fewer than 140 characters.
    package var summary: String
    /// GitHub Flavored Markdown.
    package var detail: String?
    package var indicator: Indicator
    package var source: Source
    package var links: [Link]

    package init(
        uuid: String? = nil, summary: String, detail: String? = nil, indicator: Indicator, source: Source,
        links: [Link] = []
    ) {
        self.uuid = uuid
        self.summary = summary
        self.detail = detail
        self.indicator = indicator
        self.source = source
        self.links = links
    }
}
