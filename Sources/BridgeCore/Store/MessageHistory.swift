// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

/// What has been tried with one message at one worker, over restarts.
package struct AttemptHistory: Sendable, Hashable {
    /// Failed attempts.
    package var failures: Int
    package var firstAt: Timestamp
    package var lastAt: Timestamp
    /// Why the last one failed: a stable word.
    package var reason: String

    package init(failures: Int, firstAt: Timestamp, lastAt: Timestamp, reason: String) {
        self.failures = failures
        self.firstAt = firstAt
        self.lastAt = lastAt
        self.reason = reason
    }
}

/// Counts attempts ourselves: brokers count differently from version to version, and a requeued message cannot be
/// changed. Keys are `stage|queue|message id`.
package protocol MessageHistory: Sendable {
    /// What is known of earlier attempts; nil for nothing.
    func history(of key: String) async throws(StoreError) -> AttemptHistory?

    /// Counts a failed attempt.
    @discardableResult
    func noteFailure(of key: String, reason: String, now: Timestamp) async throws(StoreError) -> AttemptHistory

    /// A message that was handed out before is about to be worked on alone. Durable when it returns.
    ///
    /// - Returns: how often it was begun, this time included, since `end` was last called: more than one means that
    ///   the process died over it.
    func begin(suspect key: String, now: Timestamp) async throws(StoreError) -> Int

    /// The process survived the work on the suspect.
    func end(suspect key: String) async throws(StoreError)

    /// The message has left the worker: forgets what is known of it.
    func forgetHistory(of key: String) async throws(StoreError)
}
