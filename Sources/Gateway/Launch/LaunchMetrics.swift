// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import CoreMetrics

/// What is counted of launches. Labels take values from the settings and from fixed lists only.
struct LaunchMetrics: Sendable {
    /// Stands for every application that the settings do not know.
    static let unknownApplication = "unknown"

    let factory: any MetricsFactory

    func request(application: String, outcome: String, duration: Duration) {
        Counter(
            label: "ocean_bridge_launch_requests_total",
            dimensions: [("application", application), ("outcome", outcome)], factory: factory
        ).increment()
        Timer(label: "ocean_bridge_launch_seconds", dimensions: [("application", application)], factory: factory)
            .recordNanoseconds(duration.nanoseconds)
    }

    /// Parameters whose value could not be used.
    func unusable(_ count: Int, application: String) {
        guard count > 0 else { return }
        Counter(
            label: "ocean_bridge_launch_parameters_unusable_total", dimensions: [("application", application)],
            factory: factory
        ).increment(by: count)
    }

    func exchange(application: String, outcome: String) {
        Counter(
            label: "ocean_bridge_launch_exchanges_total",
            dimensions: [("application", application), ("outcome", outcome)], factory: factory
        ).increment()
    }
}
