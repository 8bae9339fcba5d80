// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import FHIR
import Logging
import Metrics
import Ocean
import Synchronization

/// Judges the FHIR that passes through, and refuses none of it: a metric for each bundle, and one log line when a
/// partner's bundles break a rule at a place for the first time. Codes, rules and paths only, never a value.
package final class BundleJudge: Sendable {
    /// Which bundles are judged.
    package enum Scope: String, Sendable, Hashable, CaseIterable {
        case off
        /// What Ocean sent.
        case received
        /// What Ocean sent, and what the bridge wrote for hospitals and for Ocean.
        case all
    }

    /// Where a bundle comes from and goes to.
    enum Flow: String, Sendable {
        case received, hospital, ocean
    }

    private struct Known {
        var findings: Set<String> = []
    }

    /// More partners than this share one label, and more findings of one partner are counted only: neither a metric
    /// nor this table grows with what others send.
    private static let limit = (partners: 200, findings: 500)

    package let scope: Scope
    private let validator = StructureValidator(limits: .init(issues: 100))
    private let known = Mutex<[String: Known]>([:])

    package init(_ scope: Scope = .off) { self.scope = scope }

    /// Ocean's own bytes, where they are FHIR.
    func received(_ canonical: CanonicalMessage, partner: String?, _ logger: Logger) {
        let original = canonical.original
        guard scope != .off, Dialect(rawValue: original.dialect)?.isFHIR == true, !original.isBase64 else { return }
        judge(Array(original.body.utf8), .received, partner, logger)
    }

    /// A body that the bridge wrote.
    func written(_ body: [UInt8], contentType: String, to flow: Flow, partner: String?, _ logger: Logger) {
        guard scope == .all, contentType.contains("fhir") else { return }
        judge(body, flow, partner, logger)
    }

    private func judge(_ body: [UInt8], _ flow: Flow, _ partner: String?, _ logger: Logger) {
        let report = validator.validate(body)
        let errors = report.issues.filter { $0.severity == .error || $0.severity == .fatal }
        let (label, unseen) = note(errors, flow, partner ?? "unknown")
        Counter(
            label: "ocean_bridge_validation_total",
            dimensions: [
                ("flow", flow.rawValue), ("partner", label), ("outcome", report.isValid ? "valid" : "invalid"),
            ]
        ).increment()
        for (code, count) in Dictionary(grouping: errors, by: \.code).mapValues(\.count) {
            Counter(
                label: "ocean_bridge_validation_issues_total",
                dimensions: [("flow", flow.rawValue), ("partner", label), ("code", code.rawValue)]
            ).increment(by: count)
        }
        guard !unseen.isEmpty else { return }
        logger.log(
            level: flow == .received ? .notice : .warning,
            flow == .received
                ? "FHIR of a partner is not as R4 has it; it is passed on all the same"
                : "FHIR that the bridge wrote is not as R4 has it",
            metadata: [
                "partner": "\(label)", "flow": "\(flow.rawValue)", "issues": "\(errors.count)",
                "findings": "\(unseen.sorted().prefix(20).joined(separator: "; "))",
            ])
    }

    /// The partner's label, and which findings it has for the first time since the start.
    private func note(_ errors: [ValidationIssue], _ flow: Flow, _ partner: String) -> (String, Set<String>) {
        let findings = Set(errors.map(Self.finding))
        return known.withLock { known in
            let isRoom = known[partner] != nil || known.count < Self.limit.partners
            let label = isRoom ? partner : "other"
            var seen = known[label] ?? Known()
            let unseen = findings.filter { !seen.findings.contains("\(flow.rawValue) \($0)") }
            let room = max(0, Self.limit.findings - seen.findings.count)
            let told = Set(unseen.sorted().prefix(room))
            seen.findings.formUnion(told.map { "\(flow.rawValue) \($0)" })
            known[label] = seen
            return (label, told)
        }
    }

    /// `code rule path`, the path without the numbers of list elements.
    private static func finding(_ issue: ValidationIssue) -> String {
        var path = ""
        var isInIndex = false
        for character in issue.expression {
            if character == "[" { isInIndex = true }
            if !isInIndex { path.append(character) }
            if character == "]" { isInIndex = false }
        }
        return [issue.code.rawValue, issue.rule, path].compactMap { $0 }.joined(separator: " ")
    }
}
