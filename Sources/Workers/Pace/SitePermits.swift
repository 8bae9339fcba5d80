// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// At most so many calls at once per site; the others wait in the order in which they came. After an outage one call
/// goes first, and each round of calls that Ocean answered doubles their number, so that all who waited do not come at
/// once.
///
/// Waiting is not cancelled: a permit comes back when a call ends, and every call has a deadline.
final class SitePermits: Sendable {
    private struct Site {
        var used = 0
        var waiters: [CheckedContinuation<Void, Never>] = []
        var outage: Int
        /// Calls at once, for now.
        var ceiling: Int
        /// Answered calls of this round.
        var answered = 0
    }

    private struct State {
        var sites: [String: Site] = [:]
        /// Outages so far.
        var outage = 0
    }

    private let limit: Int
    private let limits: [String: Int]
    private let state = Mutex(State())

    /// - Parameters:
    ///   - limit: of a site that has none of its own.
    ///   - limits: by site number.
    init(limit: Int, limits: [String: Int] = [:]) {
        self.limit = max(1, limit)
        self.limits = limits
    }

    private func limit(of site: String?) -> Int { max(1, site.flatMap { limits[$0] } ?? limit) }

    func acquire(_ site: String?) async {
        await withCheckedContinuation { continuation in
            let isFree = state.withLock { state in
                var entry = entry(of: site, in: state)
                defer { state.sites[site ?? ""] = entry }
                guard entry.used >= entry.ceiling else {
                    entry.used += 1
                    return true
                }
                entry.waiters.append(continuation)
                return false
            }
            if isFree { continuation.resume() }
        }
    }

    /// - Parameter answered: whether Ocean answered the call.
    func release(_ site: String?, answered: Bool = true) {
        let next = state.withLock { state -> [CheckedContinuation<Void, Never>] in
            guard state.sites[site ?? ""] != nil else { return [] }
            var entry = entry(of: site, in: state)
            entry.used -= 1
            Self.count(answered, in: &entry, limit: limit(of: site))
            let room = min(max(0, entry.ceiling - entry.used), entry.waiters.count)
            let next = Array(entry.waiters.prefix(room))
            entry.waiters.removeFirst(room)
            entry.used += room
            let isFresh = entry.ceiling == initial(state, site) && entry.answered == 0
            state.sites[site ?? ""] = entry.used == 0 && isFresh ? nil : entry
            return next
        }
        for continuation in next { continuation.resume() }
    }

    /// Ocean went down: each site begins with one call again.
    func restrict() {
        state.withLock { $0.outage += 1 }
    }

    /// Calls at once to a site, for now.
    func ceiling(of site: String?) -> Int { state.withLock { entry(of: site, in: $0).ceiling } }

    private func initial(_ state: State, _ site: String?) -> Int { state.outage == 0 ? limit(of: site) : 1 }

    private func entry(of site: String?, in state: State) -> Site {
        guard var entry = state.sites[site ?? ""] else {
            return Site(outage: state.outage, ceiling: initial(state, site))
        }
        if entry.outage < state.outage {
            entry.outage = state.outage
            entry.ceiling = 1
            entry.answered = 0
        }
        return entry
    }

    /// A round is as many answered calls in a row as may run at once.
    private static func count(_ answered: Bool, in entry: inout Site, limit: Int) {
        guard entry.ceiling < limit else { return }
        entry.answered = answered ? entry.answered + 1 : 0
        guard entry.answered >= entry.ceiling else { return }
        entry.ceiling = min(limit, entry.ceiling * 2)
        entry.answered = 0
    }
}
