// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import CRabbitMQ
import Glibc
import Synchronization

/// A point in time that the watchdog keeps for somebody; arming it again replaces it.
final class Deadline: Sendable {
    fileprivate let due = Atomic<Int64>(MonotonicTime.never)

    func arm(_ at: Int64) {
        due.store(at, ordering: .sequentiallyConsistent)
        Watchdog.shared.consider(at)
    }

    func disarm() {
        due.store(MonotonicTime.never, ordering: .sequentiallyConsistent)
    }
}

/// One thread per process which acts when a deadline passes: librabbitmq 0.11 can wait for ever inside a publish, and
/// only `shutdown(2)` from outside frees it.
final class Watchdog: Sendable {
    static let shared = Watchdog()

    private struct Entry {
        let deadline: Deadline
        let action: @Sendable () -> Void
    }

    private let entries = Mutex<[ObjectIdentifier: Entry]>([:])
    private let nextWake = Atomic<Int64>(MonotonicTime.never)
    private let wakeup = Mutex<Wakeup?>(nil)

    /// Runs `action` on the watchdog's thread each time `deadline` passes.
    ///
    /// - Throws: `unavailable` when the thread could not be started.
    func watch(_ deadline: Deadline, _ action: @escaping @Sendable () -> Void) throws(BusError) {
        try start()
        entries.withLock { $0[ObjectIdentifier(deadline)] = Entry(deadline: deadline, action: action) }
    }

    func forget(_ deadline: Deadline) {
        _ = entries.withLock { $0.removeValue(forKey: ObjectIdentifier(deadline)) }
    }

    fileprivate func consider(_ at: Int64) {
        // The scan publishes `never` before it reads the deadlines, so either it sees `at` or we see `never`.
        if at < nextWake.load(ordering: .sequentiallyConsistent) {
            wakeup.withLock { $0?.signal() }
        }
    }

    private func start() throws(BusError) {
        let error: BusError? = wakeup.withLock { existing in
            guard existing == nil else { return nil }
            do throws(BusError) {
                let made = try Wakeup()
                try DedicatedThread.start("amqp-watchdog") { self.run(made) }
                existing = made
                return nil
            } catch {
                return error
            }
        }
        if let error { throw error }
    }

    private func run(_ wakeup: Wakeup) {
        while true {
            nextWake.store(MonotonicTime.never, ordering: .sequentiallyConsistent)
            let now = MonotonicTime.now()
            var next = MonotonicTime.never
            var expired: [Entry] = []
            entries.withLock { entries in
                for entry in entries.values {
                    let due = entry.deadline.due.load(ordering: .sequentiallyConsistent)
                    if due > now {
                        next = min(next, due)
                    } else if entry.deadline.due.compareExchange(
                        expected: due, desired: MonotonicTime.never, ordering: .sequentiallyConsistent
                    ).exchanged {
                        expired.append(entry)
                    } else {
                        next = now
                    }
                }
            }
            for entry in expired { entry.action() }
            if !expired.isEmpty { continue }
            nextWake.store(next, ordering: .sequentiallyConsistent)
            let wait =
                next == MonotonicTime.never
                ? -1 : MonotonicTime.pollTimeout(until: next, limit: 60_000, now: now)
            wakeup.wait(milliseconds: wait)
        }
    }
}

/// Shuts a connection's socket down when a call into the library passes its deadline, or on demand.
///
/// It holds a descriptor of its own for the socket: the library closes its one by itself after some faults, and the
/// number may be somebody else's a moment later.
final class SocketFuse: Sendable {
    private let deadline = Deadline()
    private let socket = SocketCell()

    /// - Throws: `unavailable` when the watchdog could not be started.
    init() throws(BusError) {
        try Watchdog.shared.watch(deadline) { [socket] in socket.shutDown(late: true) }
    }

    deinit {
        Watchdog.shared.forget(deadline)
        socket.set(-1)
    }

    /// Whether the watchdog had to shut the present socket down.
    var hasBlown: Bool { socket.wasLate }

    /// - Throws: `unavailable` when the process is out of descriptors.
    func attach(_ descriptor: Int32) throws(BusError) {
        let own = fcntl(descriptor, F_DUPFD_CLOEXEC, 0)
        guard own >= 0 else {
            throw BusError(
                .unavailable, "no descriptor for the watchdog (errno \(errno)); raise the limit of open files")
        }
        socket.set(own)
    }

    func detach() {
        deadline.disarm()
        socket.set(-1)
    }

    func arm(until at: Int64) { deadline.arm(at) }
    func disarm() { deadline.disarm() }
    func blow() { socket.shutDown(late: false) }
}

private final class SocketCell: Sendable {
    private struct State {
        var descriptor: Int32 = -1
        var wasLate = false
    }

    private let state = Mutex(State())

    var wasLate: Bool { state.withLock { $0.wasLate } }

    func set(_ value: Int32) {
        state.withLock { state in
            if state.descriptor >= 0 { close(state.descriptor) }
            state = State(descriptor: value)
        }
    }

    func shutDown(late: Bool) {
        state.withLock { state in
            guard state.descriptor >= 0 else { return }
            _ = shutdown(state.descriptor, Int32(SHUT_RDWR))
            if late { state.wasLate = true }
        }
    }
}
