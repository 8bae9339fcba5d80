// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import Metrics

/// What the embedded bus counts; names and dimensions are those of the RabbitMQ adapter, with another `bus`.
struct BusMetrics: Sendable {
    private static let bus = ("bus", "embedded")

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

    func countPublish(_ error: BusError?, nanoseconds: UInt64) {
        if let error {
            Counter(
                label: "ocean_bridge_bus_published_total", dimensions: [Self.bus, ("outcome", error.code.rawValue)]
            ).increment()
        } else {
            confirmed.increment()
        }
        duration.recordNanoseconds(nanoseconds)
    }

    func countQuestion(_ name: String, _ error: RequestError?, nanoseconds: UInt64) {
        Counter(
            label: "ocean_bridge_questions_total",
            dimensions: [Self.bus, ("name", name), ("outcome", error?.code.rawValue ?? "answered")]
        ).increment()
        Timer(label: "ocean_bridge_question_seconds", dimensions: [Self.bus, ("name", name)])
            .recordNanoseconds(nanoseconds)
    }

    func countLateAnswer(_ name: String?, _ lateness: QuestionBook.Lateness) {
        Counter(
            label: "ocean_bridge_late_answers_total",
            dimensions: [Self.bus, ("name", name ?? "unknown"), ("cause", lateness.rawValue)]
        ).increment()
    }

    func countDeliveries(_ handouts: [Handout]) {
        let again = handouts.count { $0.redelivered }
        if again > 0 { redelivered.increment(by: again) }
        if again < handouts.count { delivered.increment(by: handouts.count - again) }
    }

    func countSettlement(_ settlement: Settlement) {
        switch settlement {
        case .ack: acknowledged.increment()
        case .nack(requeue: true): requeued.increment()
        case .nack(requeue: false): rejected.increment()
        }
    }
}
