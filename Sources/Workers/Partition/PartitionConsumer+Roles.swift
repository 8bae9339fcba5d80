// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

package import BridgeCore
package import Logging

extension PartitionConsumer {
    /// Runs a translator over the partitions of `ocean.inbound`.
    package static func translator(
        _ translator: Translator, bus: any MessageBus, partitions: Int, backoff: Backoff = Backoff(), logger: Logger
    ) -> PartitionConsumer {
        PartitionConsumer(
            bus: bus, settings: Settings(exchange: BusNames.inbound, partitions: partitions), backoff: backoff,
            logger: logger
        ) { delivery, stop in
            await translator.handle(delivery, stop: stop)
        }
    }

    /// Runs a publisher over the partitions of `ocean.updates`; gives them back while Ocean is down.
    package static func publisher(
        _ publisher: Publisher, bus: any MessageBus, partitions: Int, backoff: Backoff = Backoff(), logger: Logger
    ) -> PartitionConsumer {
        PartitionConsumer(
            bus: bus, settings: Settings(exchange: BusNames.updates, partitions: partitions), backoff: backoff,
            logger: logger, resume: { await publisher.awaitOcean(stop: $0) }
        ) { delivery, stop in
            await publisher.handle(delivery, stop: stop)
        }
    }
}
