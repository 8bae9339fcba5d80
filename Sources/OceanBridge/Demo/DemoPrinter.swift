// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import OceanSandbox
import Workers

/// Prints each hop in one line as it happens; holds no patient data.
struct DemoPrinter: HopObserver {
    private let start = ContinuousClock.now
    private let print: @Sendable (String) -> Void

    init(print: @escaping @Sendable (String) -> Void) {
        self.print = print
    }

    /// `  0.412 s  ingress     …`
    func say(_ who: String, _ what: String) {
        let (seconds, attoseconds) = start.duration(to: .now).components
        let milliseconds = seconds * 1000 + attoseconds / 1_000_000_000_000_000
        print("\(Self.right("\(milliseconds)", 7)) ms  \(Self.left(who, 11))  \(what)")
    }

    func hop(_ event: HopEvent) {
        let reference = event.subject.map { Self.short($0) } ?? "?"
        let detail = event.detail.map { " (\($0))" } ?? ""
        let name = event.event ?? event.type.shortName
        switch event.stage {
        case .translate: say("translator", "\(reference) \(name): \(event.outcome)\(detail)")
        case .deliver: say("translator", "\(reference) \(name) → \(event.outcome)\(detail)")
        case .publish: say("publisher", "\(reference) \(name) → Ocean: \(event.outcome)\(detail)")
        case .document: say("documents", "\(reference) document: \(event.outcome)\(detail)")
        case .form: say("forms", "\(reference) form: \(event.outcome)\(detail)")
        case .result: say("publisher", "\(reference) → ocean.results: \(event.outcome)\(detail)")
        }
    }

    func sandbox(_ event: SandboxEvent) {
        switch event {
        case .referralSent(let reference, let listing):
            say("Ocean", "\(Self.short(reference)) is sent to listing \(listing)")
        case .referralChanged(let reference, let change, let sender, let receiver):
            say(
                "Ocean",
                "\(Self.short(reference)) \(change): receiver sees \(receiver.rawValue), sender sees \(sender.rawValue)"
            )
        case .updateRefused(let reference, let site, let status):
            say("Ocean", "\(reference.map { Self.short($0) } ?? "?") refuses site \(site) with \(status)")
        case .formCreated(let patient, let site):
            say("Ocean", "creates forms for patient \(patient) of site \(site) and gives the link")
        case .formCompleted(let patient, let site):
            say("Ocean", "patient \(patient) of site \(site) completes a form")
        case .webhookAttempt(let attempt):
            say(
                "Ocean",
                "\(Self.short(attempt.reference)) \(attempt.event) → webhook \(attempt.webhook): "
                    + "\(attempt.status.map(String.init) ?? "no answer")")
        case .cardsShown(let talk):
            let short = Self.short(talk.reference)
            let came = talk.failure ?? (talk.cards.isEmpty ? "no card" : "\(talk.cards.count) card(s)")
            say("Ocean", "\(short) asks \(talk.service) before sending: \(came), \(talk.milliseconds) ms")
            for card in talk.cards { say("Ocean", "\(short) \(card.indicator): \(card.summary)") }
            if talk.isStopped { say("Ocean", "\(short) is not sent") }
        case .fetched(let what, let site):
            say("Ocean", "gives \(what) to site \(site)")
        }
    }

    /// The first part of a UUID is enough to follow a line with the eye; UUIDv7 of one run share their beginning.
    static func short(_ reference: String) -> String {
        reference.utf8.count == 36 ? "…" + reference.suffix(8) : reference
    }

    static func left(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }

    static func right(_ text: String, _ width: Int) -> String {
        String(repeating: " ", count: max(0, width - text.count)) + text
    }

    /// Prints rows under a heading, columns as wide as their widest cell.
    func table(_ heading: [String], _ rows: [[String]]) {
        let all = [heading] + rows
        let widths = heading.indices.map { column in all.map { $0[column].count }.max() ?? 0 }
        func line(_ cells: [String]) -> String {
            zip(cells, widths).map { Self.left($0, $1) }.joined(separator: "  ")
        }
        print(line(heading))
        print(widths.map { String(repeating: "-", count: $0) }.joined(separator: "  "))
        for row in rows { print(line(row)) }
    }
}
