// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import BridgeTestKit
import Gateway
import Ocean
import Telemetry

/// An operations gateway with everything that a test looks at.
struct OperationsBench: Sendable {
    let bus: ScriptedBus
    let clock = ManualClock()
    let log = CapturedLog()
    let metrics = PrometheusRegistry()
    var configuration = OperationsGatewayConfiguration(
        address: ListenerAddress(host: "127.0.0.1", port: 0), publishTimeout: .milliseconds(200))
    var readiness: [ReadinessCheck] = []
    var updateReader: (any UpdateReader)?
    var routes: [Route] = []

    init(_ steps: [ScriptedBus.Step] = [], queues: Set<String>? = nil) {
        bus = ScriptedBus(steps, queues: queues)
    }

    func run<Value: Sendable>(_ body: @escaping @Sendable (Caller) async throws -> Value) async throws -> Value {
        let metrics = metrics
        let gateway = OperationsGateway(
            configuration: configuration, bus: bus, updateReader: updateReader,
            formLane: { _, site in "lane-\(site)" }, readiness: readiness,
            metricsText: { await metrics.text() }, clock: clock, ids: UUIDv7Source(clock: clock), routes: routes,
            metrics: metrics, logger: log.logger())
        return try await withListener({ try gateway.service(bound: $0) }) { port in
            try await body(Caller(port: port))
        }
    }
}
