// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import CRabbitMQ
import Glibc

/// A thread of its own for calls that block: never the cooperative pool.
enum DedicatedThread {
    private final class Job {
        let body: @Sendable () -> Void
        let name: String

        init(name: String, body: @escaping @Sendable () -> Void) {
            self.name = name
            self.body = body
        }
    }

    /// Bytes of address space; pages that are not touched cost nothing. librabbitmq 0.11 decodes nested tables and
    /// arrays by recursion without a limit of its own: the deepest nesting that one frame of 128 KiB can hold (26,000
    /// arrays) must fit, or a hostile broker ends the process.
    private static let stackSize = 64 << 20

    /// Starts `body` on a new detached thread.
    ///
    /// - Parameter name: at most 15 bytes, as Linux shows it.
    /// - Throws: `unavailable` when the system gives no thread.
    static func start(_ name: String, _ body: @escaping @Sendable () -> Void) throws(BusError) {
        let job = Unmanaged.passRetained(Job(name: name, body: body))
        var attributes = pthread_attr_t()
        pthread_attr_init(&attributes)
        pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
        pthread_attr_setstacksize(&attributes, stackSize)
        defer { pthread_attr_destroy(&attributes) }
        var thread = pthread_t()
        let status = pthread_create(
            &thread, &attributes,
            { argument in
                guard let argument else { return nil }
                let job = Unmanaged<Job>.fromOpaque(argument).takeRetainedValue()
                ocean_name_thread(job.name)
                job.body()
                return nil
            }, job.toOpaque())
        guard status == 0 else {
            job.release()
            throw BusError(
                .unavailable, "no thread for the broker connection (errno \(status)); raise the limit of tasks")
        }
    }
}
