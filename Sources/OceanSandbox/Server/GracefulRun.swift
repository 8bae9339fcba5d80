// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import Logging
import ServiceLifecycle

/// Runs a server until graceful shutdown or cancellation, and answers both with a graceful shutdown: a cancelled
/// Hummingbird server traps, because NIO then loses an open writer.
func runGracefully(_ service: some Service, logger: Logger) async throws {
    let group = ServiceGroup(services: [service], logger: logger)
    // Not structured, so that the caller's cancellation does not reach the server; it is awaited below.
    let running = Task { try await group.run() }
    try await withTaskCancellationHandler {
        try await running.value
    } onCancel: {
        // The handler is not async; the group's end is awaited above.
        Task { await group.triggerGracefulShutdown() }
    }
}
