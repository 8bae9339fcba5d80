// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

package import BridgeCore

/// Remembers which tokens were used.
package protocol ReplayMemory: Sendable {
    /// Whether this is the first use; the digest need not be remembered beyond `until`.
    func isFirst(_ digest: String, now: Timestamp, until: Timestamp) async throws(StoreError) -> Bool
}

/// In the state store: every instance that shares the store knows every token. A token takes one row, which the store's
/// pruning removes; only tokens with a good signature get here.
package struct StoredReplayMemory: ReplayMemory {
    private let store: any StateStore
    private let ids: UUIDv7Source

    package init(store: any StateStore, ids: UUIDv7Source = UUIDv7Source()) {
        self.store = store
        self.ids = ids
    }

    package func isFirst(_ digest: String, now: Timestamp, until: Timestamp) async throws(StoreError) -> Bool {
        // Every use has a holder of its own, so that a second one finds the lease taken.
        let outcome = try await store.lease(key: "cds-token:\(digest)", holder: ids.next(), now: now, until: until)
        return outcome == .acquired
    }
}
