// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore

/// How the workers of one exchange share its partitions.
package struct ShareSettings: Sendable {
    /// A queue to which nothing is ever published: its consumers are the live workers.
    package var queue: String
    /// Between two counts of the live workers, in seconds of `FairShare.pace`.
    package var countEvery = 2

    package init(queue: String) {
        self.queue = queue
    }

    /// The worker queue of `ocean.inbound` or `ocean.updates`.
    package init(exchange: String) {
        self.init(queue: BusNames.workers(of: exchange))
    }
}
