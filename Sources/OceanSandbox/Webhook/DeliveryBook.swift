// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import Synchronization

/// The last deliveries and what became of them.
final class DeliveryBook: Sendable {
    private static let kept = 2000
    private let records = Mutex<[DeliveryRecord]>([])

    func open(_ delivery: WebhookDelivery) {
        records.withLock { records in
            if records.count >= Self.kept {
                let oldest = records.firstIndex { $0.state != .pending } ?? 0
                records.remove(at: oldest)
            }
            records.append(DeliveryRecord(delivery))
        }
    }

    func note(_ attempt: DeliveryAttempt, of id: String, state: DeliveryState) {
        records.withLock { records in
            guard let index = records.lastIndex(where: { $0.id == id }) else { return }
            records[index].attempts.append(attempt)
            records[index].state = state
        }
    }

    func all() -> [DeliveryRecord] { records.withLock { $0 } }
}
