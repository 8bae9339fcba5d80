// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import ServiceLifecycle

/// Sweeps a lease desk once a second, and gives its queues back at the end.
struct LeaseDeskService: Service {
    let desk: LeaseDesk

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                do {
                    try await Task.sleep(for: .seconds(1))
                } catch {
                    // Cancelled by the shutdown.
                    break
                }
                await desk.sweep()
            }
        }
        await desk.shutdown()
    }
}
