// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import CDSHooks
import CoreMetrics

/// What the CDS services count. Labels take values from the settings and from fixed lists only.
struct HookMetrics: Sendable {
    /// Stands for every service that the settings do not know.
    static let unknownService = "unknown"

    let factory: any MetricsFactory

    /// - Parameter outcome: a stable word for the branch taken.
    func call(service: String, outcome: String, status: String, duration: Duration) {
        count("calls", [("service", service), ("outcome", outcome), ("status", status)])
        Timer(label: "ocean_bridge_cds_seconds", dimensions: [("service", service)], factory: factory)
            .recordNanoseconds(duration.nanoseconds)
    }

    func answer(_ answer: HookAnswer, service: String) {
        if answer.isOverrun { count("overruns", [("service", service)]) }
        for part in answer.parts {
            count("parts", [("service", service), ("part", part.name), ("outcome", part.outcome)])
        }
        for card in answer.cards {
            count("cards", [("service", service), ("indicator", card.indicator.rawValue)])
        }
        for fault in answer.faults {
            count(
                "card_faults",
                [
                    ("service", service), ("part", fault.part), ("fault", fault.fault),
                    ("outcome", fault.isDropped ? "dropped" : "mended"),
                ])
        }
    }

    func feedback(_ feedback: HookFeedback, service: String) {
        for outcome in feedback.outcomes { count("feedback", [("service", service), ("outcome", outcome.rawValue)]) }
    }

    func refusedToken(service: String, reason: String) {
        count("token_refusals", [("service", service), ("reason", reason)])
    }

    private func count(_ name: String, _ dimensions: [(String, String)]) {
        Counter(label: "ocean_bridge_cds_\(name)_total", dimensions: dimensions, factory: factory).increment()
    }
}
