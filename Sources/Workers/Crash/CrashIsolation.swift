// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

/// How a `PartitionConsumer` gives its handler windows that find the message over which the process dies.
package struct CrashIsolation: Sendable {
    /// The one of the process.
    package let crashGuard: CrashGuard
    /// The worker: marks of different workers must not meet.
    package let stage: String

    package init(crashGuard: CrashGuard, stage: String) {
        self.crashGuard = crashGuard
        self.stage = stage
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
