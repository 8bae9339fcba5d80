// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

/// A field of a partner's messages that the bridge cannot place, by its path without indices; never a value.
package struct KnownLoss: Sendable, Hashable {
    /// Integration, dialect and event code, separated by `|`.
    package let partner: String
    package let path: String
    package let firstSeen: Timestamp

    package init(partner: String, path: String, firstSeen: Timestamp) {
        self.partner = partner
        self.path = path
        self.firstSeen = firstSeen
    }
}

/// What `LossBook.learn` found.
package struct LossLesson: Sendable, Hashable {
    /// Paths that were not known of the partner and are now, in the order given.
    package let new: [String]
    /// Whether paths were left out for want of room, for the first time.
    package let isNewlyFull: Bool

    package init(new: [String], isNewlyFull: Bool) {
        self.new = new
        self.isNewlyFull = isNewlyFull
    }
}

/// The fields that partners send and the bridge cannot place, over restarts, so that a new one is told once.
package protocol LossBook: Sendable {
    /// Writes down which of `paths` are new of the partner, as long as it has less than `limit` of them. Of several
    /// processes that learn the same path, one is told that it is new.
    func learn(
        _ paths: [String], of partner: String, limit: Int, now: Timestamp
    ) async throws(StoreError) -> LossLesson

    /// The partner's known paths, sorted.
    func losses(of partner: String) async throws(StoreError) -> [String]

    /// Known losses of all partners, newest first.
    func losses(limit: Int) async throws(StoreError) -> [KnownLoss]
}
