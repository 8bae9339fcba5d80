// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import Synchronization

/// An answer that is given exactly once: by whoever works on it, or by the watchdog when that takes too long.
final class TimedAnswer<Value: Sendable>: Sendable {
    private let deadline = Deadline()
    private let receiver: Mutex<(@Sendable (Value) -> Void)?>

    init(_ receiver: @escaping @Sendable (Value) -> Void) {
        self.receiver = Mutex(receiver)
    }

    var isGiven: Bool { receiver.withLock { $0 == nil } }

    /// - Throws: `unavailable` when the watchdog could not be started.
    func expire(after limit: Duration, with value: Value) throws(BusError) {
        // The watchdog holds this object until the answer is given.
        try Watchdog.shared.watch(deadline) { self.give(value) }
        deadline.arm(MonotonicTime.after(limit))
    }

    func give(_ value: Value) {
        let receiver = receiver.withLock { receiver in
            defer { receiver = nil }
            return receiver
        }
        guard let receiver else { return }
        deadline.disarm()
        Watchdog.shared.forget(deadline)
        receiver(value)
    }
}
