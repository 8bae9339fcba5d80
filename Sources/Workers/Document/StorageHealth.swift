// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import Logging
import Metrics
import Synchronization

/// Whether the claim-check store takes documents, judged by what it did. While it does not, nothing is fetched and
/// nothing held; it is asked from time to time.
final class StorageHealth: Sendable {
    private let store: any ClaimCheckStore
    private let backoff: Backoff
    private let logger: Logger
    private let fault = Mutex<String?>(nil)

    init(store: any ClaimCheckStore, backoff: Backoff, logger: Logger) {
        self.store = store
        self.backoff = backoff
        self.logger = logger
        Self.gauge(1)
    }

    /// Why not; nil when it does.
    var reason: String? { fault.withLock { $0 } }
    var isDown: Bool { reason != nil }

    func failed(_ reason: String) {
        let isNews = fault.withLock { fault in
            defer { fault = reason }
            return fault == nil
        }
        guard isNews else { return }
        Self.gauge(0)
        logger.error(
            "the document store takes nothing; documents wait on their queue, referrals go on",
            metadata: ["reason": "\(reason)"])
    }

    /// Returns when the store serves again, or `stop` was given.
    func awaitRecovery(stop: StopSignal) async {
        var attempt = 0
        while isDown, !stop.isTriggered, !Task.isCancelled {
            attempt += 1
            guard await stop.pause(for: backoff.delay(afterAttempt: attempt)) else { return }
            do throws(ClaimCheckError) {
                try await store.check()
            } catch {
                continue
            }
            let wasDown = fault.withLock { fault in
                defer { fault = nil }
                return fault != nil
            }
            guard wasDown else { return }
            Self.gauge(1)
            logger.notice("the document store takes documents again")
        }
    }

    private static func gauge(_ value: Int) {
        Gauge(label: "ocean_bridge_document_store_up").record(value)
    }
}
