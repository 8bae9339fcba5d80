// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore

/// How much the spool takes. What is in it is never thrown away; beyond a bound nothing more is accepted.
package struct SpoolBounds: Sendable, Hashable {
    package var maximumBytes: Int
    /// Of the oldest message: an outage that nobody mends must become visible to Ocean, which mails the clinic.
    package var maximumAge: Duration

    package init(maximumBytes: Int = 1 << 30, maximumAge: Duration = .seconds(72 * 3600)) {
        self.maximumBytes = maximumBytes
        self.maximumAge = maximumAge
    }

    /// Why one more message of this size is not taken; nil when it is. Fit for a log: no patient data.
    func refusal(of bytes: Int, into contents: inout SpoolContents, now: Timestamp) -> String? {
        if contents.bytes + bytes > maximumBytes {
            return "the spool is full: \(contents.bytes) bytes of spool.maximumBytes \(maximumBytes); "
                + "bring the broker back, or raise the setting"
        }
        if let oldest = contents.oldest(), now.duration(since: oldest) > maximumAge {
            return "the oldest spooled message, of \(oldest), is older than spool.maximumAge; bring the broker back, "
                + "or raise the setting"
        }
        return nil
    }
}
