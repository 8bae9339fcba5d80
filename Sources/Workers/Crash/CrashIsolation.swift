// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

package import BridgeCore

/// Sets a message aside over which the process died so many times.
package typealias PoisonHandler = @Sendable (Delivery, _ crashes: Int, StopSignal) async -> HandlerOutcome

/// How a `PartitionConsumer` isolates messages that crash the process.
package struct CrashIsolation: Sendable {
    /// The one of the process.
    package let crashGuard: CrashGuard
    /// The worker: marks of different workers must not meet.
    package let stage: String
    package let onPoison: PoisonHandler

    package init(crashGuard: CrashGuard, stage: String, onPoison: @escaping PoisonHandler) {
        self.crashGuard = crashGuard
        self.stage = stage
        self.onPoison = onPoison
    }

    package init(_ crashGuard: CrashGuard, translator: Translator) {
        self.init(crashGuard: crashGuard, stage: Translator.name) { delivery, crashes, stop in
            await translator.setAside(delivery, crashes: crashes, stop: stop)
        }
    }

    package init(_ crashGuard: CrashGuard, publisher: Publisher) {
        self.init(crashGuard: crashGuard, stage: Publisher.name) { delivery, crashes, stop in
            await publisher.setAside(delivery, crashes: crashes, stop: stop)
        }
    }
}

/// What is said of such a message.
enum CrashedWorker {
    static let reason = "crashed-worker"

    static func detail(_ crashes: Int) -> String {
        "the bridge died \(crashes) times while it worked on this message alone; report it with the bridge's version, "
            + "and replay it after an update"
    }
}
