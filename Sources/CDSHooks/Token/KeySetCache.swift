// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

package import BridgeCore
package import Logging

/// Keeps the key sets of clients, fetches each at most once at a time and not too often.
package actor KeySetCache {
    /// Longest key set, in bytes.
    package static let longestSet = 128 << 10
    /// A set is used so long without having been fetched anew: a key that its owner withdrew is not good for ever.
    static let maximumAge = Duration.seconds(24 * 3600)
    /// An unknown key id makes the set be fetched again, but not more often than this.
    static let minimumInterval = Duration.seconds(60)
    /// The same after a fetch that failed.
    static let failureInterval = Duration.seconds(5)

    private struct Kept {
        var keys: KeySet?
        var fetched: Timestamp?
        var attempted: Timestamp
        var hasFailed = false
    }

    private let source: any KeySource
    private let clock: any WallClock
    private let logger: Logger
    private var sets: [String: Kept] = [:]
    private var running: [String: Task<Void, Never>] = [:]

    package init(source: any KeySource, clock: any WallClock = SystemClock(), logger: Logger) {
        self.source = source
        self.clock = clock
        self.logger = logger
    }

    /// - Throws: `unknownKey` when a fresh enough set does not have it, `keysUnavailable` when there is no such set.
    func key(_ id: String, at address: String) async throws(ClientTokenError) -> SigningKey {
        if let key = known(id, at: address) { return key }
        if mayFetch(address) { await fetch(address) }
        if let key = known(id, at: address) { return key }
        guard let kept = sets[address], isUsable(kept), !kept.hasFailed else {
            throw ClientTokenError(.keysUnavailable, "the key set at \(address) cannot be had now")
        }
        throw ClientTokenError(.unknownKey, "the key set at \(address) has no usable key of the token's kid")
    }

    /// Fetches the set now, however old the kept one is; one that is being fetched is waited for.
    package func refresh(_ address: String) async {
        await fetch(address)
    }

    private func known(_ id: String, at address: String) -> SigningKey? {
        guard let kept = sets[address], isUsable(kept) else { return nil }
        return kept.keys?[id]
    }

    private func isUsable(_ kept: Kept) -> Bool {
        guard let fetched = kept.fetched else { return false }
        return clock.now().duration(since: fetched) < Self.maximumAge
    }

    private func mayFetch(_ address: String) -> Bool {
        guard running[address] == nil, let kept = sets[address] else { return true }
        let pause = kept.hasFailed ? Self.failureInterval : Self.minimumInterval
        return clock.now().duration(since: kept.attempted) >= pause
    }

    private func fetch(_ address: String) async {
        if let task = running[address] { return await task.value }
        // Unstructured: it belongs to all who wait, and goes on when the first of them gives up.
        let task = Task { await self.load(address) }
        running[address] = task
        await task.value
    }

    private func load(_ address: String) async {
        let attempted = clock.now()
        var kept = sets[address] ?? Kept(attempted: attempted)
        kept.attempted = attempted
        var fault: String?
        do throws(KeySourceError) {
            let bytes = try await source.keySet(at: address, limit: Self.longestSet)
            if bytes.count <= Self.longestSet, let keys = KeySet(bytes) {
                kept.keys = keys
                kept.fetched = clock.now()
            } else {
                fault = "it is no JWK Set with a P-384 or RSA key that has a kid"
            }
        } catch {
            fault = error.message
        }
        kept.hasFailed = fault != nil
        if let fault {
            logger.warning(
                "cannot take a CDS client's key set", metadata: ["address": "\(address)", "reason": "\(fault)"])
        }
        sets[address] = kept
        running[address] = nil
    }
}
