// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import Ocean

/// What a change makes on its way: ids and keys, new ones or those of the journal's line, and webhook deliveries.
struct Trail: Sendable {
    let entry: JournalEntry
    private(set) var ids: [String] = []
    private(set) var keys: [String] = []
    var deliveries: [WebhookDelivery] = []

    init(_ entry: JournalEntry = JournalEntry()) {
        self.entry = entry
    }

    /// The journal's id at this place, else a new one.
    mutating func nextID(_ make: () -> String) -> String {
        let id = ids.count < entry.ids.count ? entry.ids[ids.count] : make()
        ids.append(id)
        return id
    }

    mutating func nextKey() -> OneTimeKey {
        let known = keys.count < entry.keys.count ? Self.key(entry.keys[keys.count]) : nil
        let key = known ?? .random()
        keys.append(key.bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined())
        return key
    }

    private static func key(_ text: String) -> OneTimeKey? {
        let digits = Array(text.utf8)
        guard digits.count.isMultiple(of: 2) else { return nil }
        var bytes: [UInt8] = []
        for index in stride(from: 0, to: digits.count, by: 2) {
            guard let byte = UInt8(String(decoding: digits[index..<index + 2], as: UTF8.self), radix: 16) else {
                return nil
            }
            bytes.append(byte)
        }
        return OneTimeKey(bytes: bytes)
    }
}
