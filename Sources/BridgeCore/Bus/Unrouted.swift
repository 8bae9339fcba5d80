// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

extension BusNames {
    /// The exchanges to which hospital systems bind: that nobody has bound yet is nothing out of order there.
    package static let open: Set<String> = [hospitalFHIR, hospitalOcean, hospitalCanonical, results]
}

extension Destination {
    /// Exchange and routing key, where unroutable means that no hospital system wants the message.
    package var open: (exchange: String, routingKey: String)? {
        guard case .exchange(let exchange, let routingKey) = self, BusNames.open.contains(exchange) else { return nil }
        return (exchange, routingKey)
    }
}

extension Message {
    /// The message as it stands in `ocean.unrouted`: no queue was bound for it.
    package func unrouted(from exchange: String, routingKey: String, stage: String, now: Timestamp) -> Message {
        var kept = self
        kept.headers["x-reason"] = .string(BusError.Code.unroutable.rawValue)
        kept.headers["x-exchange"] = .string(exchange)
        kept.headers["x-routing-key"] = .string(routingKey)
        kept.headers["x-stage"] = .string(stage)
        kept.headers["x-attempts"] = .integer(1)
        let time = HeaderValue.string(now.description)
        kept.headers["x-first-at"] = kept.headers["x-first-at"] ?? time
        kept.headers["x-last-at"] = time
        return kept
    }
}
