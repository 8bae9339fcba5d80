// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

package import BridgeCore
package import Logging

extension PartitionConsumer {
    /// Runs a translator over the partitions of `ocean.inbound`.
    ///
    /// - Parameter crashGuard: the one of the process; nil to try all messages alike.
    package static func translator(
        _ translator: Translator, bus: any MessageBus, settings: Settings, crashGuard: CrashGuard? = nil,
        backoff: Backoff = Backoff(), logger: Logger
    ) -> PartitionConsumer {
        PartitionConsumer(
            bus: bus, settings: settings, backoff: backoff, logger: logger,
            isolation: crashGuard.map { CrashIsolation(crashGuard: $0, stage: Translator.name) }
        ) { delivery, stop, window in
            await translator.handle(delivery, stop: stop, window: window)
        }
    }

    /// Runs a publisher over the partitions of `ocean.updates`; gives them back while Ocean is down.
    ///
    /// - Parameter crashGuard: the one of the process; nil to try all messages alike.
    package static func publisher(
        _ publisher: Publisher, bus: any MessageBus, settings: Settings, crashGuard: CrashGuard? = nil,
        backoff: Backoff = Backoff(), logger: Logger
    ) -> PartitionConsumer {
        PartitionConsumer(
            bus: bus, settings: settings, backoff: backoff, logger: logger,
            isolation: crashGuard.map { CrashIsolation(crashGuard: $0, stage: Publisher.name) },
            resume: { await publisher.awaitOcean(stop: $0) }
        ) { delivery, stop, window in
            await publisher.handle(delivery, stop: stop, window: window)
        }
    }

    /// Runs a documents worker over the partitions of `ocean.documents`; gives them back while Ocean or the claim-check
    /// store is down.
    ///
    /// - Parameter crashGuard: the one of the process; nil to try all messages alike.
    package static func documents(
        _ worker: DocumentWorker, bus: any MessageBus, settings: Settings, crashGuard: CrashGuard? = nil,
        backoff: Backoff = Backoff(), logger: Logger
    ) -> PartitionConsumer {
        PartitionConsumer(
            bus: bus, settings: settings, backoff: backoff, logger: logger,
            isolation: crashGuard.map { CrashIsolation(crashGuard: $0, stage: DocumentWorker.name) },
            resume: { await worker.awaitService(stop: $0) }
        ) { delivery, stop, window in
            await worker.handle(delivery, stop: stop, window: window)
        }
    }

    /// Runs a forms worker over the partitions of `ocean.forms`; gives them back while Ocean is down.
    ///
    /// - Parameter crashGuard: the one of the process; nil to try all messages alike.
    package static func forms(
        _ worker: FormWorker, bus: any MessageBus, settings: Settings, crashGuard: CrashGuard? = nil,
        backoff: Backoff = Backoff(), logger: Logger
    ) -> PartitionConsumer {
        PartitionConsumer(
            bus: bus, settings: settings, backoff: backoff, logger: logger,
            isolation: crashGuard.map { CrashIsolation(crashGuard: $0, stage: FormWorker.name) },
            resume: { await worker.awaitOcean(stop: $0) }
        ) { delivery, stop, window in
            await worker.handle(delivery, stop: stop, window: window)
        }
    }
}
