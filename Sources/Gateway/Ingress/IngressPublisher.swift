// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import Logging

/// Publishes within a time, whatever the bus does.
struct IngressPublisher: Sendable {
    enum Outcome: Sendable {
        case durable
        case failed(BusError)
        /// No answer in time. The message may still arrive; the caller is told to come again.
        case late
    }

    /// The bus's own deadline comes first; this much later it is taken as hung.
    private static let grace = Duration.milliseconds(500)

    let bus: any MessageBus
    let timeout: Duration
    let metrics: IngressMetrics
    let logger: Logger

    /// What no hospital system has bound a queue for is kept in `ocean.unrouted`, which is durable too.
    ///
    /// - Parameter reservation: kept as long as the bus holds the message, also after a late answer.
    func publish(
        _ message: Message, to destination: Destination, integration: String,
        holding reservation: BodyBudget.Reservation?
    ) async -> Outcome {
        let outcome = await Deadline.value(
            within: timeout + Self.grace, cancelling: false,
            late: { (outcome: Outcome) in
                guard case .durable = outcome else { return }
                metrics.latePublish(integration: integration)
                logger.warning(
                    "a message became durable after its request was answered 503",
                    metadata: ["message_id": "\(message.id)", "integration": "\(integration)"])
            },
            {
                defer { withExtendedLifetime(reservation) {} }
                do throws(BusError) {
                    try await publishOrKeep(message, destination)
                    return .durable
                } catch {
                    return .failed(error)
                }
            })
        switch outcome {
        case .failed(let error):
            logger.error(
                "publishing failed",
                metadata: [
                    "message_id": "\(message.id)", "integration": "\(integration)", "code": "\(error.code.rawValue)",
                    "detail": "\(error.message)",
                ])
            return .failed(error)
        case .durable: return .durable
        case .late, nil: return .late
        }
    }

    private func publishOrKeep(_ message: Message, _ destination: Destination) async throws(BusError) {
        do throws(BusError) {
            try await bus.publish(message, to: destination)
        } catch {
            guard error.code == .unroutable, let (exchange, routingKey) = destination.open else { throw error }
            let kept = message.unrouted(
                from: exchange, routingKey: routingKey, stage: "ingress", now: SystemClock().now())
            try await bus.publish(kept, to: .queue(BusNames.unrouted))
            metrics.unrouted(exchange: exchange)
        }
    }
}

/// Identifiers of the published JSON Schemas.
enum CanonicalSchema {
    static let message = "https://ocean-bridge.ca/schemas/canonical-message.schema.json"
}
