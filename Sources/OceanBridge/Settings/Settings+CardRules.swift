// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

package import BridgeCore
package import CDSHooks

extension Settings {
    /// The built-in rules of CDS services, with their files read.
    package struct CardRules: Sendable {
        /// Who says the cards.
        package var source = Card.Source(label: CardRules.standardLabel)
        package var healthNumberIndicator = Card.Indicator.warning
        package var openReferralIndicator = Card.Indicator.warning
        package var openReferralStatuses = OpenReferralRule.openStatuses
        package var requiredAnswers: RequiredAnswersRule?
        package var listingState: ListingStateRule?
        package var exclusionCriteria: ExclusionCriteriaRule?

        static let standardLabel = "Referral rules of the receiving hospital"

        /// Nil when the rule's file is not set.
        ///
        /// - Parameter index: where open referrals are looked for.
        package func rule(_ name: BuiltInRule, index: any ReferralIndex) -> (any CardRule)? {
            switch name {
            case .requiredAnswers: requiredAnswers
            case .healthNumber: HealthNumberRule(indicator: healthNumberIndicator, source: source)
            case .openReferral:
                OpenReferralRule(
                    index: index, statuses: openReferralStatuses, indicator: openReferralIndicator, source: source)
            case .listingState: listingState
            case .exclusionCriteria: exclusionCriteria
            }
        }

        /// The setting of the file without which the rule says nothing; nil when there is nothing missing.
        func missingFile(of name: BuiltInRule) -> String? {
            switch name {
            case .requiredAnswers where requiredAnswers == nil: "cds.rules.requiredAnswers.file"
            case .listingState where listingState == nil: "cds.rules.listingState.file"
            case .exclusionCriteria where exclusionCriteria == nil: "cds.rules.exclusionCriteria.file"
            default: nil
            }
        }
    }

    /// What `cds.services.*.rules` may name.
    static let cardRuleNames = BuiltInRule.allCases.map(\.rawValue)
}

extension SettingDeclaration {
    private static let indicators = Kind.choice(Card.Indicator.allCases.map(\.rawValue))

    static let cardRules: [SettingDeclaration] = [
        .init(
            "cds.rules.source.label", .text, default: Settings.CardRules.standardLabel,
            "who says the cards of built-in rules (docs/cds-rules.md)"),
        .init("cds.rules.source.url", .text, "https address for it"),
        .init("cds.rules.requiredAnswers.file", .text, "JSON file of the rule `required-answers`"),
        .init("cds.rules.healthNumber.indicator", indicators, default: "warning", "indicator of `health-number`"),
        .init("cds.rules.openReferral.indicator", indicators, default: "warning", "indicator of `open-referral`"),
        .init(
            "cds.rules.openReferral.statuses", .words(ReferralStatus.allCases.map(\.rawValue)),
            default: OpenReferralRule.openStatuses.map(\.rawValue).joined(separator: ","),
            "states of a referral that count as open"),
        .init("cds.rules.listingState.file", .text, "JSON file of the rule `listing-state`"),
        .init("cds.rules.exclusionCriteria.file", .text, "JSON file of the rule `exclusion-criteria`"),
    ]
}

extension SettingsReader {
    /// Reads the files of the rules, and complains of services that name a rule without its file.
    mutating func cardRules(for services: [String: Settings.HookService]) -> Settings.CardRules {
        func path(_ names: String...) -> [String] { ["cds", "rules"] + names }
        var rules = Settings.CardRules()
        rules.source = Card.Source(
            label: text(path("source", "label")), url: optional(path("source", "url")))
        if let url = rules.source.url, !url.hasPrefix("https://") || url.utf8.count <= 8 {
            complain(path("source", "url"), "must begin with https://")
        }
        let source = rules.source
        func indicator(_ path: [String]) -> Card.Indicator { Card.Indicator(rawValue: text(path)) ?? .warning }
        rules.healthNumberIndicator = indicator(path("healthNumber", "indicator"))
        rules.openReferralIndicator = indicator(path("openReferral", "indicator"))
        rules.openReferralStatuses = SettingsValues.words(text(path("openReferral", "statuses")))
            .compactMap { ReferralStatus(rawValue: $0) }
        rules.requiredAnswers = ruleFile(path("requiredAnswers", "file")) { (bytes, name) throws(RuleFileError) in
            let folder = name.lastIndex(of: "/").map { String(name[...$0]) } ?? ""
            return try RequiredAnswersRule(file: bytes, name: name, source: source) { path in
                SettingsValues.contents(ofFile: path.hasPrefix("/") ? path : folder + path).map { Array($0.utf8) }
            }
        }
        rules.listingState = ruleFile(path("listingState", "file")) { (bytes, name) throws(RuleFileError) in
            try ListingStateRule(file: bytes, name: name, source: source)
        }
        rules.exclusionCriteria = ruleFile(path("exclusionCriteria", "file")) { (bytes, name) throws(RuleFileError) in
            try ExclusionCriteriaRule(file: bytes, name: name, source: source)
        }
        for service in services.values.sorted(by: { $0.id < $1.id }) {
            for rule in service.rules.compactMap({ BuiltInRule(rawValue: $0) }) {
                guard let missing = rules.missingFile(of: rule),
                    optional(missing.split(separator: ".").map(String.init)) == nil
                else { continue }
                complain(["cds", "services", service.id, "rules"], "\(rule.rawValue) needs \(missing)")
            }
        }
        return rules
    }

    private mutating func ruleFile<Rule>(
        _ path: [String], _ make: (_ bytes: [UInt8], _ name: String) throws(RuleFileError) -> Rule
    ) -> Rule? {
        guard let name = optional(path) else { return nil }
        guard let text = SettingsValues.contents(ofFile: name) else {
            complain(path, "the file \(name) cannot be read, or is larger than 1 MiB")
            return nil
        }
        do throws(RuleFileError) {
            return try make(Array(text.utf8), name)
        } catch {
            problems.append(.init(place: error.place, message: "\(path.joined(separator: ".")): \(error.message)"))
            return nil
        }
    }
}
