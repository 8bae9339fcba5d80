// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

package import BridgeCore

/// How a `SpoolingBus` behaves.
package struct SpoolSettings: Sendable {
    package var bounds: SpoolBounds
    /// Nil: records are stored in the clear.
    package var keys: SpoolKeys?
    /// How long a publish may try the bus before the message goes into the spool.
    package var budget: Duration
    /// Within how long the bus itself ends a publish of the drain.
    package var publishTimeout: Duration
    /// The largest body that the bus takes, in bytes: what it would refuse for ever must not get into the spool.
    package var maximumMessageBytes: Int
    /// Records read from the spool and not drained yet.
    package var prefetch: Int
    /// Lanes drained at once.
    package var concurrency: Int
    /// Pauses between trials while the bus is away, and between attempts of one lane.
    package var retry: RetryPolicy

    package init(
        bounds: SpoolBounds = SpoolBounds(), keys: SpoolKeys? = nil, publishTimeout: Duration = .seconds(10),
        budget: Duration? = nil, maximumMessageBytes: Int = 16 << 20, prefetch: Int = 128, concurrency: Int = 32,
        retry: RetryPolicy = RetryPolicy(base: .seconds(1), cap: .seconds(5), floor: .milliseconds(500))
    ) {
        self.bounds = bounds
        self.keys = keys
        self.publishTimeout = publishTimeout
        // Well inside the caller's own patience, which must also hold for the writing to disk.
        self.budget = budget ?? min(.seconds(2), publishTimeout / 2)
        self.maximumMessageBytes = maximumMessageBytes
        self.prefetch = max(1, prefetch)
        self.concurrency = max(1, concurrency)
        self.retry = retry
    }
}
