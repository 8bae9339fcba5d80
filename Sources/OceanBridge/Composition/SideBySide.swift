// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import ServiceLifecycle
import Spool

/// Services that start together and, unlike those of a service group, stop together.
struct SideBySide: Service {
    let services: [any Service]

    func run() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for service in services { group.addTask { try await service.run() } }
            while try await group.next() != nil {
                guard Task.isShuttingDownGracefully else {
                    // None ends by itself while it is wanted: the process cannot go on without it.
                    group.cancelAll()
                    return
                }
            }
        }
    }
}

/// Drains the spool as long as the process runs.
struct SpoolDrainService: Service {
    let spool: SpoolingBus

    func run() async throws {
        await withGracefulShutdownHandler {
            await spool.runDrain()
        } onGracefulShutdown: {
            spool.stopDraining()
        }
    }
}
