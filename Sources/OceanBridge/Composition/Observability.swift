// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

package import Logging
import Metrics
package import Telemetry

/// Logs and metrics of the process.
package enum Observability {
    /// The registry behind `/metrics`; becomes the process's metrics system on first use.
    package static let metrics: PrometheusRegistry = {
        let registry = PrometheusRegistry()
        MetricsSystem.bootstrap(registry)
        return registry
    }()

    /// A logger that writes JSON lines to standard error.
    ///
    /// - Parameter level: a word of the setting `log.level`.
    package static func logger(level: String) -> Logger {
        _ = metrics
        return Logger(label: "ocean-bridge") { label in
            JSONLogHandler(label: label, level: Logger.Level(rawValue: level) ?? .info)
        }
    }
}
