// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore

/// One publish on its way: resumed exactly once, with nil when the broker has confirmed it.
struct PendingPublish: Sendable {
    struct Content: Sendable {
        let exchange: String
        let routingKey: String
        let properties: CloudEventsBinary.Properties
        let body: [UInt8]
        /// Whether it must reach a queue. An answer need not: RabbitMQ returns every mandatory message that goes to a
        /// direct reply-to address.
        var isMandatory = true
    }

    /// Nil for a probe, which only asks whether the connection serves.
    let content: Content?
    /// Monotonic nanoseconds.
    let deadline: Int64
    let continuation: CheckedContinuation<BusError?, Never>
    /// How often its queue or exchange was found gone and was declared again.
    var restorations = 0

    var size: Int { content.map { $0.body.count + 512 } ?? 0 }

    func resume(_ error: BusError?) {
        continuation.resume(returning: error)
    }
}
