// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import CoreMetrics
import HTTPTypes

/// What the public listener counts. Labels take values from the settings and from fixed lists only.
struct IngressMetrics: Sendable {
    /// Stands for every integration that the settings do not know.
    static let unknownIntegration = "unknown"

    let factory: any MetricsFactory

    /// - Parameters:
    ///   - status: the HTTP status, or `aborted` when the caller went away.
    ///   - outcome: a stable word for the branch taken.
    func request(integration: String, status: String, outcome: String, bytes: Int, duration: Duration) {
        Counter(
            label: "ocean_bridge_ingress_requests_total",
            dimensions: [("integration", integration), ("status", status)], factory: factory
        ).increment()
        Counter(
            label: "ocean_bridge_ingress_outcomes_total",
            dimensions: [("integration", integration), ("outcome", outcome)], factory: factory
        ).increment()
        Counter(
            label: "ocean_bridge_ingress_bytes_total", dimensions: [("integration", integration)], factory: factory
        ).increment(by: Int64(bytes))
        Timer(label: "ocean_bridge_ingress_seconds", dimensions: [("integration", integration)], factory: factory)
            .recordNanoseconds(duration.nanoseconds)
    }

    /// A publish that succeeded after its request was answered 503: Ocean will send the same event again.
    func latePublish(integration: String) {
        Counter(
            label: "ocean_bridge_ingress_late_publishes_total", dimensions: [("integration", integration)],
            factory: factory
        ).increment()
    }

    /// A message for hospital systems that none has bound a queue for.
    func unrouted(exchange: String) {
        Counter(label: "ocean_bridge_unrouted_total", dimensions: [("exchange", exchange)], factory: factory)
            .increment()
    }

    func tokenRequest(status: HTTPResponse.Status) {
        Counter(
            label: "ocean_bridge_token_requests_total", dimensions: [("status", String(status.code))], factory: factory
        ).increment()
    }
}

extension Duration {
    /// Whole nanoseconds; saturates after 292 years.
    var nanoseconds: Int64 {
        let (seconds, attoseconds) = components
        let (scaled, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        return overflow ? .max : scaled + attoseconds / 1_000_000_000
    }
}
