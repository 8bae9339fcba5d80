// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import Metrics

/// The adapter's metrics; names are part of the product's interface.
struct BusMetrics: Sendable {
    private static let bus = ("bus", "rabbitmq")

    private let factory: any MetricsFactory
    private let confirmed: Counter
    private let duration: Timer
    private let delivered: Counter
    private let redelivered: Counter
    private let acknowledged: Counter
    private let requeued: Counter
    private let rejected: Counter
    private let oversize: Counter
    private let watchdog: Counter
    private let hostile: Counter
    private let publisher: Gauge
    private let blocked: Gauge

    /// - Parameter factory: where the metrics go; the process's own unless told.
    init(factory: any MetricsFactory = MetricsSystem.factory) {
        func counter(_ name: String, _ more: (String, String)...) -> Counter {
            Counter(label: "ocean_bridge_bus_\(name)_total", dimensions: [Self.bus] + more, factory: factory)
        }
        self.factory = factory
        confirmed = counter("published", ("outcome", "confirmed"))
        duration = Timer(label: "ocean_bridge_bus_publish_seconds", dimensions: [Self.bus], factory: factory)
        delivered = counter("delivered", ("redelivered", "false"))
        redelivered = counter("delivered", ("redelivered", "true"))
        acknowledged = counter("settled", ("settlement", "ack"))
        requeued = counter("settled", ("settlement", "requeue"))
        rejected = counter("settled", ("settlement", "reject"))
        oversize = counter("oversize")
        watchdog = counter("watchdog_shutdowns")
        hostile = counter("hostile_frames")
        publisher = Gauge(
            label: "ocean_bridge_bus_connection_state", dimensions: [Self.bus, ("connection", "publisher")],
            factory: factory)
        blocked = Gauge(label: "ocean_bridge_bus_blocked", dimensions: [Self.bus], factory: factory)
    }

    func countPublish(_ error: BusError?, nanoseconds: Int64) {
        if let error {
            count("published", ("outcome", error.code.rawValue))
        } else {
            confirmed.increment()
        }
        duration.recordNanoseconds(nanoseconds)
    }

    func countDelivery(redelivered isRedelivered: Bool) {
        (isRedelivered ? redelivered : delivered).increment()
    }

    func countSettlement(_ settlement: Settlement) {
        switch settlement {
        case .ack: acknowledged.increment()
        case .nack(requeue: true): requeued.increment()
        case .nack(requeue: false): rejected.increment()
        }
    }

    func countQuestion(_ name: String, _ error: RequestError?, nanoseconds: Int64) {
        count(
            "", ("name", name), ("outcome", error?.code.rawValue ?? "answered"), label: "ocean_bridge_questions_total")
        Timer(label: "ocean_bridge_question_seconds", dimensions: [Self.bus, ("name", name)], factory: factory)
            .recordNanoseconds(nanoseconds)
    }

    func countLateAnswer(_ name: String?, _ lateness: QuestionBook.Lateness) {
        count(
            "", ("name", name ?? "unknown"), ("cause", lateness.rawValue), label: "ocean_bridge_late_answers_total")
    }

    func setRequestsConnected(_ connected: Bool) {
        Gauge(
            label: "ocean_bridge_bus_connection_state", dimensions: [Self.bus, ("connection", "requests")],
            factory: factory
        ).record(connected ? 1 : 0)
    }

    func countOversize() { oversize.increment() }
    /// Two kinds of fault have counters of their own, whatever the connection was doing.
    private func countOrigin(_ cause: BrokerFailure.Cause) {
        switch cause {
        case .watchdog: watchdog.increment()
        case .hostile: hostile.increment()
        default: break
        }
    }

    func countConnectFailure(_ cause: BrokerFailure.Cause) {
        count("connect_failures", ("cause", cause.rawValue))
        countOrigin(cause)
    }

    func countLost(_ role: BusJournal.Role, _ cause: BrokerFailure.Cause) {
        count("connections_lost", ("connection", role.metric), ("cause", cause.rawValue))
        countOrigin(cause)
    }

    func countReconnect(_ role: BusJournal.Role) {
        count("reconnects", ("connection", role.metric))
    }

    func countRestored(_ succeeded: Bool) {
        count("topology_restored", ("outcome", succeeded ? "restored" : "failed"))
    }

    private func count(_ name: String, _ more: (String, String)..., label: String? = nil) {
        Counter(label: label ?? "ocean_bridge_bus_\(name)_total", dimensions: [Self.bus] + more, factory: factory)
            .increment()
    }

    /// 1 is connected.
    func setPublisherConnected(_ connected: Bool) { publisher.record(connected ? 1 : 0) }
    func setBlocked(_ isBlocked: Bool) { blocked.record(isBlocked ? 1 : 0) }

    func setConsumerConnected(_ queue: String, _ connected: Bool) {
        Gauge(
            label: "ocean_bridge_bus_connection_state",
            dimensions: [Self.bus, ("connection", "consumer"), ("queue", queue)], factory: factory
        ).record(connected ? 1 : 0)
    }
}
