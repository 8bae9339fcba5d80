// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore

/// What lies in the spool, as far as order and bounds need it. A pure state machine.
///
/// Of the backlog found at start only count, size and age are known; its lanes become known as it is read, so until
/// then every lane counts as having predecessors.
struct SpoolContents: Sendable {
    struct Entry: Sendable, Hashable {
        let lane: SpoolLane
        let bytes: Int
        let since: Timestamp
    }

    private var entries: [String: Entry] = [:]
    private var lanes: [SpoolLane: Int] = [:]
    private var knownBytes = 0
    /// Messages of the backlog that were not read yet.
    private(set) var unread: Int
    private var unreadBytes: Int
    private var unreadSince: Timestamp?
    /// Backlog and new entries each come in the order of their age.
    private var backlogAges = Ages()
    private var ages = Ages()

    init(unread: Int = 0, unreadBytes: Int = 0, oldest: Timestamp? = nil) {
        self.unread = max(0, unread)
        self.unreadBytes = self.unread == 0 ? 0 : max(0, unreadBytes)
        unreadSince = oldest
    }

    var count: Int { entries.count + unread }
    var bytes: Int { knownBytes + unreadBytes }

    /// Whether a message of this lane must queue behind others.
    func holds(_ lane: SpoolLane) -> Bool { unread > 0 || lanes[lane] != nil }

    /// When the oldest message came; nil when there is none.
    mutating func oldest() -> Timestamp? {
        let candidates = [
            unread > 0 ? unreadSince : nil, backlogAges.first { entries[$0] != nil },
            ages.first { entries[$0] != nil },
        ]
        return candidates.compactMap(\.self).min()
    }

    /// A new message is about to be stored.
    mutating func add(_ id: String, _ entry: Entry) {
        ages.append(id, entry.since)
        insert(id, entry)
    }

    /// The drain has read a stored message.
    mutating func read(_ id: String, _ entry: Entry) {
        guard entries[id] == nil, unread > 0 else { return }
        unread -= 1
        unreadBytes = unread == 0 ? 0 : max(0, unreadBytes - entry.bytes)
        // What is still to be read is not older than this.
        unreadSince = entry.since
        backlogAges.append(id, entry.since)
        insert(id, entry)
    }

    /// Drained, or never stored.
    mutating func remove(_ id: String) {
        guard let entry = entries.removeValue(forKey: id) else { return }
        knownBytes -= entry.bytes
        if let left = lanes[entry.lane], left > 1 {
            lanes[entry.lane] = left - 1
        } else {
            lanes[entry.lane] = nil
        }
    }

    private mutating func insert(_ id: String, _ entry: Entry) {
        guard entries.updateValue(entry, forKey: id) == nil else { return }
        knownBytes += entry.bytes
        lanes[entry.lane, default: 0] += 1
    }
}

/// Ids in the order of their age; those that have gone are dropped when they come to the front.
private struct Ages: Sendable {
    private var items: [(id: String, since: Timestamp)] = []
    private var head = 0

    mutating func append(_ id: String, _ since: Timestamp) {
        items.append((id, since))
    }

    mutating func first(where isThere: (String) -> Bool) -> Timestamp? {
        while head < items.count, !isThere(items[head].id) { head += 1 }
        if head > 1024, head * 2 > items.count {
            items.removeFirst(head)
            head = 0
        }
        return head < items.count ? items[head].since : nil
    }
}
