// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

package import BridgeCore
package import Logging

/// Sorts what was published to a consistent-hash exchange into the partitions, in order per key.
///
/// The exchange leads to one intake queue, since its own placing of keys may change with a restart of the broker. The bus
/// knows the partition of a key and puts the message straight there.
package enum IntakeRouter {
    static let name = "intake"

    /// A consumer of the exchange's intake queue.
    package static func consumer(
        of exchange: String, bus: any MessageBus, prefetch: Int = 256, drain: Duration = .seconds(20),
        backoff: Backoff = Backoff(), logger: Logger
    ) -> PartitionConsumer {
        var settings = PartitionConsumer.Settings(queues: [BusNames.intake(of: exchange)])
        settings.exchange = exchange
        settings.prefetch = prefetch
        settings.concurrency = prefetch
        settings.drain = drain
        let persistence = Persistence(backoff: backoff)
        return PartitionConsumer(bus: bus, settings: settings, backoff: backoff, logger: logger) { delivery, stop, _ in
            let hop = Hop(name, delivery, logger: logger, observer: SilentObserver())
            let key = PartitionConsumer.lane(of: delivery)
            do throws(Interruption<BusError>) {
                // Nothing is final: it was confirmed to somebody.
                try await persistence.until(stop, hop, step: exchange, isFinal: { (_: BusError) in false }) {
                    () async throws(BusError) in
                    try await bus.publish(delivery.message, to: .exchange(exchange, routingKey: key))
                }
                hop.finish("sorted")
                return .done
            } catch {
                hop.finish("returned")
                return .abandoned
            }
        }
    }
}
