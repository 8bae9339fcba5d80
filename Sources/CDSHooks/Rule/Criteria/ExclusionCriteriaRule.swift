// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

package import BridgeCore
import JSON

/// Says which exclusion criteria of the service the referral certainly meets, by a declarative file.
package struct ExclusionCriteriaRule: CardRule {
    private let table: ServiceTable<ExclusionCriterion>
    private let source: Card.Source

    /// - Parameters:
    ///   - file: JSON, of the form of docs/schemas/cds-exclusion-criteria.schema.json.
    ///   - name: of the file, for errors.
    package init(file: [UInt8], name: String, source: Card.Source) throws(RuleFileError) {
        let document: ExclusionCriteriaFile = try RuleFile.read(file, name: name)
        table = ServiceTable(document.services.flatMap { service in service.criteria.map { (service.service, $0) } })
        self.source = source
    }

    package var name: String { BuiltInRule.exclusionCriteria.rawValue }

    package func cards(for subject: HookSubject, now: Timestamp) async throws(StoreError) -> [Card] {
        let criteria = table.entries(of: subject.service)
        guard !criteria.isEmpty else { return [] }
        let facts = Facts(subject, now: now)
        return criteria.filter { facts.truth(of: $0.when) == .yes }.map { criterion in
            Card(
                summary: criterion.text, detail: criterion.detail, indicator: criterion.indicator, source: source,
                links: criterion.link.map { [$0.card] } ?? [])
        }
    }
}

/// Form of the file of `exclusion-criteria`.
struct ExclusionCriteriaFile: RuleDocument {
    var services: [ServiceCriteria] = []

    init() {}

    static let fields: [Field<ExclusionCriteriaFile>] = [.required("services", \.services)]

    func check() throws(RecordError) {
        var ids: Set<String> = []
        for (place, service) in services.enumerated() {
            let pointer = JSONPointer.root.appending("services").appending(place)
            guard !service.service.isEmpty else {
                throw RecordError(at: pointer.appending("service"), message: "must not be empty")
            }
            for (number, criterion) in service.criteria.enumerated() {
                let at = pointer.appending("criteria").appending(number)
                try CardText.checkSummary(criterion.text, at: at.appending("text"))
                try CardText.checkLink(criterion.link, at: at.appending("link"))
                guard !criterion.id.isEmpty, ids.insert(criterion.id).inserted else {
                    throw RecordError(at: at.appending("id"), message: "must be a word that no other criterion has")
                }
            }
        }
    }
}

/// The criteria of one service.
struct ServiceCriteria: JSONRecord {
    var service = ""
    var criteria: [ExclusionCriterion] = []

    init() {}

    static let fields: [Field<ServiceCriteria>] = [
        .required("service", \.service, "External Service ID or listing; * for every service"),
        .required("criteria", \.criteria),
    ]
}

/// One criterion and its card.
struct ExclusionCriterion: JSONRecord {
    var id = ""
    var text = ""
    var detail: String?
    var indicator: Card.Indicator = .warning
    var link: RuleLink?
    var when: Condition = .all([])

    init() {}

    static let fields: [Field<ExclusionCriterion>] = [
        .required("id", \.id, "unique in the file"),
        .required("text", \.text, "the card's summary, at most 139 characters"),
        .optional("detail", \.detail, "GitHub Flavored Markdown"), .defaulted("indicator", \.indicator),
        .optional("link", \.link), .required("when", \.when),
    ]
}
