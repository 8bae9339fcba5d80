// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

package import BridgeCore

/// Says which answers that the service requires are missing on the form.
///
/// Nothing is said of a form that Ocean did not send, unless the file asks for one; items that the clinician could not
/// see are left out.
package struct RequiredAnswersRule: CardRule {
    private let table: ServiceTable<FormRequirement>
    private let source: Card.Source

    /// - Parameters:
    ///   - file: JSON, of the form of docs/schemas/cds-required-answers.schema.json.
    ///   - name: of the file, for errors.
    ///   - questionnaire: the bytes of a Questionnaire that the file names; nil when it cannot be read.
    package init(
        file: [UInt8], name: String, source: Card.Source, questionnaire: (String) -> [UInt8]?
    ) throws(RuleFileError) {
        let document: RequiredAnswersFile = try RuleFile.read(file, name: name)
        var entries: [(service: String, entry: FormRequirement)] = []
        for (place, service) in document.services.enumerated() {
            var requirement = FormRequirement(service)
            if let path = service.questionnaire {
                guard let bytes = questionnaire(path) else {
                    throw RuleFileError(
                        .unreadable, place: "\(name)#/services/\(place)/questionnaire",
                        "the file cannot be read; write its path as seen from this file")
                }
                requirement.answers += try Questionnaire.requiredAnswers(bytes, name: path)
            }
            entries.append((service.service, requirement))
        }
        table = ServiceTable(entries)
        self.source = source
    }

    package var name: String { BuiltInRule.requiredAnswers.rawValue }

    package func cards(for subject: HookSubject, now: Timestamp) async throws(StoreError) -> [Card] {
        let requirements = table.entries(of: subject.service)
        guard !requirements.isEmpty else { return [] }
        let answers = FormAnswers(subject)
        let facts = Facts(subject, now: now)
        return requirements.compactMap { card($0, answers, facts) }
    }

    private func card(_ requirement: FormRequirement, _ answers: FormAnswers, _ facts: Facts) -> Card? {
        guard !answers.forms(requirement.form).isEmpty else {
            guard requirement.isFormRequired else { return nil }
            return Card(
                summary: "The form that this service requires is missing.",
                detail: requirement.form.map { "Form `\($0)`" }, indicator: requirement.indicator, source: source)
        }
        var labels: [String] = []
        for answer in requirement.answers where isMissing(answer, requirement.form, answers, facts) {
            if !labels.contains(answer.label) { labels.append(answer.label) }
        }
        guard !labels.isEmpty else { return nil }
        return Card(
            summary: labels.count == 1
                ? "1 required answer is missing on the form."
                : "\(labels.count) required answers are missing on the form.",
            detail: labels.map { "- \($0)" }.joined(separator: "\n"), indicator: requirement.indicator, source: source)
    }

    private func isMissing(
        _ required: RequiredAnswer, _ form: String?, _ answers: FormAnswers, _ facts: Facts
    ) -> Bool {
        if let condition = required.when, facts.truth(of: condition) != .yes { return false }
        let items = required.places.flatMap { place in
            switch place {
            case .linkID(let linkID): answers.items(linkID: linkID, form: form)
            case .caption(let caption): answers.items(caption: caption, form: form)
            }
        }
        if items.contains(where: { !$0.answers.isEmpty }) { return false }
        return items.isEmpty || !items.allSatisfy(\.isHidden)
    }
}

/// What a service asks of a form.
struct FormRequirement: Sendable {
    let form: String?
    let isFormRequired: Bool
    let indicator: Card.Indicator
    var answers: [RequiredAnswer]

    init(_ service: RequiredAnswersFile.Service) {
        form = service.form
        isFormRequired = service.formRequired
        indicator = service.indicator
        answers = service.answers.map { answer in
            let place: RequiredAnswer.Place = answer.linkID.map { .linkID($0) } ?? .caption(answer.text ?? "")
            return RequiredAnswer(
                places: [place], label: answer.label ?? answer.text ?? answer.linkID ?? "", when: answer.when)
        }
    }
}

/// One answer that must be there.
struct RequiredAnswer: Sendable {
    enum Place: Sendable {
        case linkID(String)
        case caption(String)
    }

    /// Any of them answered is enough: the items of a required group.
    let places: [Place]
    /// What the card calls it; never a value of the referral's.
    let label: String
    /// Required only if this is certainly so.
    let when: Condition?
}
