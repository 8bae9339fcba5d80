// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

package import BridgeCore
package import Logging
import Metrics

/// Finds the message over which the process dies: one for the whole process.
///
/// A message that was handed out before is a suspect: the process may have died over it, or over another that it held at
/// the same time. The work that can crash, reading and writing a message, is done in windows. Messages that come for the
/// first time are in their windows together; a suspect is in its own alone, after a durable mark that is taken off when
/// the window closes. A mark that is found again was left by a process that died over that message and no other.
package final class CrashGuard: Sendable {
    let history: any MessageHistory
    private let limit: Int
    private let backoff: Backoff
    private let clock: any WallClock
    private let logger: Logger
    private let lock = WindowLock()

    /// - Parameter limit: deaths over one message while it was alone; at the next turn it is set aside. At least 1.
    package init(
        history: any MessageHistory, limit: Int = 3, backoff: Backoff = Backoff(), clock: any WallClock = SystemClock(),
        logger: Logger
    ) {
        self.history = history
        self.limit = max(1, limit)
        self.backoff = backoff
        self.clock = clock
        self.logger = logger
    }

    /// Those who wait for a window, for tests.
    var waiting: Int { lock.waiting }

    /// A window for the work on a delivery, not yet open.
    ///
    /// - Parameter stage: the worker.
    func window(for delivery: Delivery, stage: String, stop: StopSignal) -> CrashWindow {
        CrashWindow(
            crashGuard: self, key: "\(stage)|\(delivery.queue)|\(delivery.message.id)",
            isSuspect: delivery.redelivered, stop: stop)
    }

    func enter(_ key: String, isSuspect: Bool, stop: StopSignal) async -> CrashWindow.Entry {
        var attempt = 0
        while true {
            guard await lock.enter(alone: isSuspect) else { return .stopped }
            if stop.isTriggered || Task.isCancelled {
                lock.leave(alone: isSuspect)
                return .stopped
            }
            guard isSuspect else { return .entered }
            do throws(StoreError) {
                let begun = try await history.begin(suspect: key, now: clock.now())
                guard begun > limit else { return .entered }
                lock.leave(alone: true)
                Counter(label: "ocean_bridge_crashed_over_total").increment()
                return .poison(crashes: begun - 1)
            } catch {
                // The others need not wait for the store behind this one.
                lock.leave(alone: true)
                attempt += 1
                tell(error, attempt, "cannot mark a message before trying it alone; it waits")
            }
            guard await stop.pause(for: backoff.delay(afterAttempt: attempt)) else { return .stopped }
        }
    }

    func leave(_ key: String, isSuspect: Bool, stop: StopSignal) async {
        guard isSuspect else { return lock.leave(alone: false) }
        var attempt = 0
        while true {
            do throws(StoreError) {
                try await history.end(suspect: key)
                // Before the next one begins: a crash over that one must not find this mark.
                if attempt == 0 { lock.leave(alone: true) }
                return
            } catch {
                if attempt == 0 { lock.leave(alone: true) }
                attempt += 1
                tell(error, attempt, "cannot take the mark off a message that was tried alone")
            }
            // A mark that stays counts once, as a crash that was none.
            guard await stop.pause(for: backoff.delay(afterAttempt: attempt)) else { return }
        }
    }

    /// One try: a mark that stays does no harm before the message is put back.
    func forget(_ keys: [String]) async {
        for key in keys {
            do throws(StoreError) {
                try await history.forgetHistory(of: key)
            } catch {
                logger.info("the mark of a message set aside stays", metadata: ["reason": "\(error.reason)"])
            }
        }
    }

    private func tell(_ error: StoreError, _ attempt: Int, _ text: Logger.Message) {
        guard attempt & (attempt - 1) == 0 else { return }
        logger.warning(text, metadata: ["reason": "\(error.reason)", "attempt": "\(attempt)"])
    }
}
