// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

/// Bounds of the embedded bus.
package struct EmbeddedBusLimits: Sendable, Hashable {
    /// The largest body that is taken, in bytes.
    package var messageBytes: Int
    /// Publishings that may wait for a transaction; beyond it publishing is refused as `blocked`.
    package var waitingMessages: Int
    /// Their bytes together.
    package var waitingBytes: Int
    /// The largest size of the database in pages of 8 KiB; nil for SQLite's own bound. Keeps a runaway queue from
    /// filling the volume.
    package var pages: Int?
    /// Questions that may wait for an answer at once.
    package var waitingQuestions: Int

    package init(
        messageBytes: Int = 16 << 20, waitingMessages: Int = 10_000, waitingBytes: Int = 64 << 20, pages: Int? = nil,
        waitingQuestions: Int = 256
    ) {
        self.messageBytes = messageBytes
        self.waitingMessages = waitingMessages
        self.waitingBytes = waitingBytes
        self.pages = pages
        self.waitingQuestions = waitingQuestions
    }
}
