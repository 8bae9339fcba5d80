// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import Metrics

/// The adapter's metrics; names are part of the product's interface.
struct BusMetrics: Sendable {
    private static let bus = ("bus", "rabbitmq")

    private let confirmed = Counter(
        label: "ocean_bridge_bus_published_total", dimensions: [bus, ("outcome", "confirmed")])
    private let duration = Timer(label: "ocean_bridge_bus_publish_seconds", dimensions: [bus])
    private let delivered = Counter(
        label: "ocean_bridge_bus_delivered_total", dimensions: [bus, ("redelivered", "false")])
    private let redelivered = Counter(
        label: "ocean_bridge_bus_delivered_total", dimensions: [bus, ("redelivered", "true")])
    private let acknowledged = Counter(
        label: "ocean_bridge_bus_settled_total", dimensions: [bus, ("settlement", "ack")])
    private let requeued = Counter(
        label: "ocean_bridge_bus_settled_total", dimensions: [bus, ("settlement", "requeue")])
    private let rejected = Counter(
        label: "ocean_bridge_bus_settled_total", dimensions: [bus, ("settlement", "reject")])
    private let oversize = Counter(label: "ocean_bridge_bus_oversize_total", dimensions: [bus])
    private let connectFailures = Counter(label: "ocean_bridge_bus_connect_failures_total", dimensions: [bus])
    private let publisher = Gauge(
        label: "ocean_bridge_bus_connection_state", dimensions: [bus, ("connection", "publisher")])
    private let blocked = Gauge(label: "ocean_bridge_bus_blocked", dimensions: [bus])

    func countPublish(_ error: BusError?, nanoseconds: Int64) {
        if let error {
            Counter(
                label: "ocean_bridge_bus_published_total", dimensions: [Self.bus, ("outcome", error.code.rawValue)]
            ).increment()
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

    func countOversize() { oversize.increment() }
    func countConnectFailure() { connectFailures.increment() }
    /// 1 is connected.
    func setPublisherConnected(_ connected: Bool) { publisher.record(connected ? 1 : 0) }
    func setBlocked(_ isBlocked: Bool) { blocked.record(isBlocked ? 1 : 0) }

    func setConsumerConnected(_ queue: String, _ connected: Bool) {
        Gauge(
            label: "ocean_bridge_bus_connection_state",
            dimensions: [Self.bus, ("connection", "consumer"), ("queue", queue)]
        ).record(connected ? 1 : 0)
    }
}
