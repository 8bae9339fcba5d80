// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

package import BridgeCore
import JSON

/// Says so when the service takes no referrals, or its wait is above a bound, by a table.
package struct ListingStateRule: CardRule {
    private let table: ServiceTable<ListingState>
    private let bound: WaitTime?
    private let source: Card.Source

    /// - Parameters:
    ///   - file: JSON, of the form of docs/schemas/cds-listing-state.schema.json.
    ///   - name: of the file, for errors.
    package init(file: [UInt8], name: String, source: Card.Source) throws(RuleFileError) {
        let document: ListingStateFile = try RuleFile.read(file, name: name)
        table = ServiceTable(document.services.map { ($0.service, $0) })
        bound = document.longestWait
        self.source = source
    }

    package var name: String { BuiltInRule.listingState.rawValue }

    package func cards(for subject: HookSubject, now: Timestamp) async throws(StoreError) -> [Card] {
        table.entries(of: subject.service).compactMap(card)
    }

    private func card(_ state: ListingState) -> Card? {
        let links = state.alternative.map { [$0.card] } ?? []
        if state.closed {
            return Card(
                summary: state.text ?? "This service does not take referrals at present.", detail: state.detail,
                indicator: state.indicator ?? .critical, source: source, links: links)
        }
        guard let wait = state.wait, let bound = state.longestWait ?? bound, wait.inDays > bound.inDays else {
            return nil
        }
        return Card(
            summary: state.text ?? "The wait for this service is about \(wait.words), above \(bound.words).",
            detail: state.detail, indicator: state.indicator ?? .warning, source: source, links: links)
    }
}

/// Form of the table of `listing-state`.
struct ListingStateFile: RuleDocument {
    var longestWait: WaitTime?
    var services: [ListingState] = []

    init() {}

    static let fields: [Field<ListingStateFile>] = [
        .optional("longestWait", \.longestWait, "bound for services without one of their own"),
        .required("services", \.services),
    ]

    func check() throws(RecordError) {
        try longestWait?.check(at: JSONPointer.root.appending("longestWait"))
        var names: Set<String> = []
        for (place, state) in services.enumerated() {
            let pointer = JSONPointer.root.appending("services").appending(place)
            guard !state.service.isEmpty, names.insert(state.service).inserted else {
                throw RecordError(
                    at: pointer.appending("service"), message: "must be a service that has no other entry")
            }
            if let text = state.text { try CardText.checkSummary(text, at: pointer.appending("text")) }
            try CardText.checkLink(state.alternative, at: pointer.appending("alternative"))
            try state.wait?.check(at: pointer.appending("wait"))
            try state.longestWait?.check(at: pointer.appending("longestWait"))
            if state.wait == nil, state.longestWait != nil {
                throw RecordError(at: pointer.appending("longestWait"), message: "needs wait beside it")
            }
        }
    }
}

/// What the table says of one service.
struct ListingState: JSONRecord {
    var service = ""
    var closed = false
    var wait: WaitTime?
    var longestWait: WaitTime?
    var text: String?
    var detail: String?
    var indicator: Card.Indicator?
    var alternative: RuleLink?

    init() {}

    static let fields: [Field<ListingState>] = [
        .required("service", \.service, "External Service ID or listing; * for every service"),
        .flag("closed", \.closed), .optional("wait", \.wait, "the wait at present"),
        .optional("longestWait", \.longestWait, "a card is shown above it"),
        .optional("text", \.text, "the card's summary in place of the built-in one, at most 139 characters"),
        .optional("detail", \.detail, "GitHub Flavored Markdown"),
        .optional("indicator", \.indicator, "critical when closed, else warning"),
        .optional("alternative", \.alternative, "another service"),
    ]
}

/// A wait in days or in weeks.
struct WaitTime: JSONRecord {
    var days: Int?
    var weeks: Int?

    init() {}

    static let fields: [Field<WaitTime>] = [.optional("days", \.days), .optional("weeks", \.weeks)]

    func check(at pointer: JSONPointer) throws(RecordError) {
        guard (days == nil) != (weeks == nil), (0...5_000).contains(days ?? weeks ?? -1) else {
            throw RecordError(at: pointer, message: "must have either days or weeks, from 0 to 5000")
        }
    }

    var inDays: Int { days ?? (weeks ?? 0) * 7 }

    var words: String {
        let (count, unit) = days.map { ($0, "day") } ?? (weeks ?? 0, "week")
        return "\(count) \(unit)\(count == 1 ? "" : "s")"
    }
}
