// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

/// Pairs what the broker says with what was published, by delivery tag. Pure: no clock, no I/O.
///
/// A publish leaves the tracker exactly once, with its token. One that passed its deadline leaves early; its tag stays
/// counted until the broker answers it, so that a broker which does not confirm is not given ever more.
struct ConfirmTracker<Token> {
    enum Outcome: Sendable, Hashable {
        case confirmed
        /// Returned as unroutable before its confirm.
        case unroutable
        /// Nacked.
        case refused
    }

    /// What a returned message is recognised by; AMQP returns carry no delivery tag.
    struct Identity: Hashable {
        var messageID: String?
        var exchange: String
        var routingKey: String
    }

    private struct Entry {
        /// Nil once the deadline has passed.
        var token: Token?
        let identity: Identity
        let bytes: Int
        var deadline: Int64
        var isReturned = false
    }

    private var entries: [UInt64: Entry] = [:]
    private var lowest: UInt64 = 1
    private var next: UInt64 = 1
    /// Not later than the earliest deadline of a token.
    private(set) var earliestDeadline = Int64.max
    /// Bytes written and not answered.
    private(set) var bytes = 0

    /// The tag that the next publish gets: no higher one was ever used.
    var nextTag: UInt64 { next }

    /// When the caller that has waited longest must have an answer; never later than that.
    ///
    /// Deadlines come in the order of publishing, but for the few that were given a shorter one.
    mutating func oldestDeadline() -> Int64 {
        while lowest < next, entries[lowest] == nil { lowest += 1 }
        guard let oldest = entries[lowest] else { return .max }
        return oldest.token == nil ? earliestDeadline : oldest.deadline
    }

    /// Messages written and not answered.
    var count: Int { entries.count }
    /// Whether callers still wait.
    var hasTokens: Bool { entries.contains { $0.value.token != nil } }

    /// Notes a publish; call it for every message written, in the order of writing.
    @discardableResult
    mutating func add(_ token: Token, identity: Identity, bytes size: Int, deadline: Int64) -> UInt64 {
        let tag = next
        next += 1
        entries[tag] = Entry(token: token, identity: identity, bytes: size, deadline: deadline)
        bytes += size
        earliestDeadline = min(earliestDeadline, deadline)
        return tag
    }

    /// Notes a `basic.return`. Equal identities return in the order of publishing.
    ///
    /// - Returns: false when nothing under way matches.
    mutating func markReturned(_ identity: Identity) -> Bool {
        var best: UInt64?
        for (tag, entry) in entries where !entry.isReturned && entry.identity == identity && tag < best ?? .max {
            best = tag
        }
        guard let best else { return false }
        entries[best]?.isReturned = true
        return true
    }

    /// Takes a `basic.ack` or `basic.nack`. Tags that are not under way are ignored. AMQP: tag 0 with `multiple` means
    /// all.
    mutating func settle(_ tag: UInt64, multiple: Bool, positive: Bool, _ resolve: (Token, Outcome) -> Void) {
        guard multiple else {
            settleOne(tag, positive, resolve)
            return
        }
        let last = tag == 0 ? next - 1 : min(tag, next - 1)
        while lowest <= last {
            settleOne(lowest, positive, resolve)
            lowest += 1
        }
    }

    private mutating func settleOne(_ tag: UInt64, _ positive: Bool, _ resolve: (Token, Outcome) -> Void) {
        guard let entry = entries.removeValue(forKey: tag) else { return }
        bytes -= entry.bytes
        guard let token = entry.token else { return }
        resolve(token, !positive ? .refused : entry.isReturned ? .unroutable : .confirmed)
    }

    /// The tokens whose deadline has passed, in the order of publishing.
    mutating func expire(now: Int64) -> [Token] {
        guard now >= earliestDeadline else { return [] }
        var late: [(UInt64, Token)] = []
        earliestDeadline = .max
        for (tag, entry) in entries {
            guard let token = entry.token else { continue }
            if entry.deadline <= now {
                late.append((tag, token))
                entries[tag]?.token = nil
            } else {
                earliestDeadline = min(earliestDeadline, entry.deadline)
            }
        }
        return late.sorted { $0.0 < $1.0 }.map(\.1)
    }

    /// Lets nobody wait longer than `deadline`.
    mutating func cutDeadlines(to deadline: Int64) {
        for tag in entries.keys where entries[tag]?.deadline ?? 0 > deadline {
            entries[tag]?.deadline = deadline
        }
        if !entries.isEmpty { earliestDeadline = min(earliestDeadline, deadline) }
    }

    /// Everything still waiting, in the order of publishing; the tracker is empty and numbers from 1 afterwards, as a
    /// new channel does.
    mutating func drain() -> [(Identity, Token)] {
        let all = entries.sorted { $0.key < $1.key }.compactMap { entry in
            entry.value.token.map { (entry.value.identity, $0) }
        }
        self = ConfirmTracker()
        return all
    }
}
