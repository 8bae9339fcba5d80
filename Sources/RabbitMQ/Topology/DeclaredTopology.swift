// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import Synchronization

/// What this bus has declared, for declaring it again when the broker has lost it.
final class DeclaredTopology: Sendable {
    private let topology = Mutex(Topology())

    func add(_ more: Topology) {
        topology.withLock { known in
            for exchange in more.exchanges where !known.exchanges.contains(exchange) {
                known.exchanges.append(exchange)
            }
            for queue in more.queues where !known.queues.contains(where: { $0.name == queue.name }) {
                known.queues.append(queue)
            }
            for binding in more.bindings where !known.bindings.contains(binding) { known.bindings.append(binding) }
        }
    }

    /// The queue, its bindings, and the exchanges of those; empty when the queue was never declared here.
    func part(around queue: String) -> Topology {
        topology.withLock { known in
            let bindings = known.bindings.filter { $0.queue == queue }
            return Topology(
                exchanges: known.exchanges.filter { exchange in bindings.contains { $0.exchange == exchange.name } },
                queues: known.queues.filter { $0.name == queue }, bindings: bindings)
        }
    }

    /// The exchange and its bindings, in their order: a consistent-hash exchange then spreads as before. With the
    /// queues that were declared here.
    func part(behind exchange: String) -> Topology {
        topology.withLock { known in
            let bindings = known.bindings.filter { $0.exchange == exchange }
            return Topology(
                exchanges: known.exchanges.filter { $0.name == exchange },
                queues: known.queues.filter { queue in bindings.contains { $0.queue == queue.name } },
                bindings: bindings)
        }
    }

    func knows(queue: String) -> Bool {
        topology.withLock { $0.queues.contains { $0.name == queue } }
    }

    func knows(exchange: String) -> Bool {
        topology.withLock { $0.exchanges.contains { $0.name == exchange } }
    }
}
