// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// At most so many calls at once per site; the others wait in the order in which they came.
///
/// Waiting is not cancelled: a permit comes back when a call ends, and every call has a deadline.
final class SitePermits: Sendable {
    private struct Site {
        var used = 0
        var waiters: [CheckedContinuation<Void, Never>] = []
    }

    private let limit: Int
    private let sites = Mutex<[String: Site]>([:])

    init(limit: Int) {
        self.limit = max(1, limit)
    }

    func acquire(_ site: String?) async {
        await withCheckedContinuation { continuation in
            let isFree = sites.withLock { sites in
                var entry = sites[site ?? ""] ?? Site()
                defer { sites[site ?? ""] = entry }
                guard entry.used >= limit else {
                    entry.used += 1
                    return true
                }
                entry.waiters.append(continuation)
                return false
            }
            if isFree { continuation.resume() }
        }
    }

    func release(_ site: String?) {
        let next = sites.withLock { sites -> CheckedContinuation<Void, Never>? in
            guard var entry = sites[site ?? ""] else { return nil }
            if !entry.waiters.isEmpty {
                let next = entry.waiters.removeFirst()
                sites[site ?? ""] = entry
                return next
            }
            entry.used -= 1
            sites[site ?? ""] = entry.used > 0 ? entry : nil
            return nil
        }
        next?.resume()
    }
}
