// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore

/// Depth and age of the bridge's own queues, asked for when metrics are scraped.
struct QueueGauges: Sendable {
    private let bus: any MessageBus
    private let clock: any WallClock
    private let queues: [String]

    init(bus: any MessageBus, topology: Topology, clock: any WallClock) {
        self.bus = bus
        self.clock = clock
        // Nothing is ever in the worker queues.
        let idle = BusNames.partitioned.map { BusNames.workers(of: $0) }
        queues = topology.queues.map(\.name).filter { !idle.contains($0) }
    }

    /// Prometheus text; a queue that cannot be asked is left out.
    func text() async -> String {
        var depth =
            "# HELP ocean_bridge_queue_messages Messages in a queue.\n# TYPE ocean_bridge_queue_messages gauge\n"
        var age =
            "# HELP ocean_bridge_queue_oldest_seconds Age of the oldest ready message, where the bus knows it.\n"
            + "# TYPE ocean_bridge_queue_oldest_seconds gauge\n"
        let now = clock.now()
        for queue in queues {
            guard let found = await ask(queue) else { continue }
            depth += "ocean_bridge_queue_messages{queue=\"\(queue)\",state=\"ready\"} \(found.ready)\n"
            depth += "ocean_bridge_queue_messages{queue=\"\(queue)\",state=\"unsettled\"} \(found.unsettled)\n"
            if let oldest = found.oldest {
                let (seconds, attoseconds) = now.duration(since: oldest).components
                let milliseconds = attoseconds / 1_000_000_000_000_000
                let value = Double(max(0, seconds * 1000 + milliseconds)) / 1000
                age += "ocean_bridge_queue_oldest_seconds{queue=\"\(queue)\"} \(value)\n"
            } else if found.ready == 0 {
                age += "ocean_bridge_queue_oldest_seconds{queue=\"\(queue)\"} 0\n"
            }
        }
        return depth + age
    }

    private func ask(_ queue: String) async -> QueueDepth? {
        do throws(BusError) {
            return try await bus.depth(of: queue)
        } catch {
            // Readiness tells that the bus is away; a scrape must still give the other metrics.
            return nil
        }
    }
}
