// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import CRabbitMQ
import Glibc

/// An eventfd: wakes the thread that polls it.
final class Wakeup: Sendable {
    let descriptor: Int32

    /// - Throws: `unavailable` when the process is out of descriptors.
    init() throws(BusError) {
        descriptor = eventfd(0, Int32(EFD_NONBLOCK | EFD_CLOEXEC))
        guard descriptor >= 0 else {
            throw BusError(.unavailable, "no eventfd (errno \(errno)); raise the limit of open files")
        }
    }

    deinit {
        close(descriptor)
    }

    func signal() {
        var one: UInt64 = 1
        _ = write(descriptor, &one, 8)
    }

    func clear() {
        var value: UInt64 = 0
        _ = read(descriptor, &value, 8)
    }

    /// Sleeps until a signal, at most `milliseconds`; clears the signal.
    func wait(milliseconds: Int32) {
        var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        _ = poll(&entry, 1, milliseconds)
        clear()
    }
}
