// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import Synchronization

/// Where tasks hand their publishes to the connection's thread: bounded, with a deadline for each.
final class PublisherInbox: Sendable {
    /// What the connection is doing, as far as publishers care.
    enum Phase: Sendable, Hashable {
        /// Not connected; publishes wait for it until their deadline.
        case connecting
        case connected
        /// The broker asked to wait; publishes fail at once.
        case blocked(reason: String)
        /// The broker refuses us; publishes fail at once.
        case refused(BusError)
        case closed
    }

    struct Batch {
        var items: [PendingPublish] = []
        /// The earliest deadline of what still waits.
        var nextDeadline = MonotonicTime.never
        var isStopping = false
        var isEmpty = true
    }

    private struct State {
        var items = FirstInFirstOut<PendingPublish>()
        var bytes = 0
        var phase = Phase.connecting
        var isStopping = false
        /// The thread sleeps and wants to be woken by the next item.
        var threadWaits = false
        /// No confirm has come for a publish that passed its deadline.
        var isStalled = false
    }

    let wakeup: Wakeup
    private let place: String
    private let timeout: Duration
    private let maximumCount: Int
    private let maximumBytes: Int
    private let expiry = Deadline()
    private let state = Mutex(State())

    /// - Throws: `unavailable` when the process is out of descriptors or threads.
    init(configuration: RabbitMQConfiguration) throws(BusError) {
        wakeup = try Wakeup()
        place = configuration.place
        timeout = configuration.publishTimeout
        maximumCount = max(1, configuration.maximumWaiting)
        maximumBytes = configuration.maximumBytesWaiting
        try Watchdog.shared.watch(expiry) { [weak self] in self?.expireWaiting() }
    }

    deinit {
        Watchdog.shared.forget(expiry)
    }

    var phase: Phase { state.withLock { $0.phase } }
    var isStalled: Bool { state.withLock { $0.isStalled } }
    var isStopping: Bool { state.withLock { $0.isStopping } }

    /// Hands a publish (or a probe) over and waits for its end.
    func submit(_ content: PendingPublish.Content?, timeout limit: Duration? = nil) async -> BusError? {
        await withCheckedContinuation { continuation in
            let item = PendingPublish(
                content: content, deadline: MonotonicTime.after(limit ?? timeout), continuation: continuation)
            let (error, wake) = state.withLock { accept(item, &$0) }
            if wake { wakeup.signal() }
            if let error { item.resume(error) }
        }
    }

    private func accept(_ item: PendingPublish, _ state: inout State) -> (BusError?, wake: Bool) {
        if state.isStopping { return (BusError(.closed, "\(place): the bus was shut down"), false) }
        switch state.phase {
        case .blocked(let reason): return (blocked(reason), false)
        case .refused(let error): return (error, false)
        case .closed: return (BusError(.closed, "\(place): the bus was shut down"), false)
        case .connecting, .connected: break
        }
        guard state.items.count < maximumCount, state.items.isEmpty || state.bytes + item.size <= maximumBytes else {
            return (BusError(.unavailable, "\(place): too many publishes wait for the broker"), false)
        }
        state.items.append(item)
        state.bytes += item.size
        if state.phase == .connecting, state.items.count == 1 { expiry.arm(item.deadline) }
        let wake = state.threadWaits
        state.threadWaits = false
        return (nil, wake)
    }

    /// For the thread: what it may write now. Items past their deadline are ended here.
    ///
    /// - Parameter mayExceed: the first item may be larger than `bytes`.
    func take(count: Int, bytes: Int, mayExceed: Bool, now: Int64) -> Batch {
        var batch = Batch()
        let late = state.withLock { state -> [PendingPublish] in
            var late: [PendingPublish] = []
            var room = bytes
            var first = mayExceed
            while let item = state.items.first {
                if item.deadline <= now {
                    late.append(item)
                } else {
                    guard batch.items.count < count, item.size <= room || first else { break }
                    room -= item.size
                    first = false
                    batch.items.append(item)
                }
                _ = state.items.popFirst()
                state.bytes -= item.size
            }
            batch.nextDeadline = state.items.first?.deadline ?? MonotonicTime.never
            batch.isEmpty = state.items.isEmpty
            batch.isStopping = state.isStopping
            state.threadWaits = state.items.isEmpty && batch.items.isEmpty
            return late
        }
        for item in late { item.resume(tooLate) }
        return batch
    }

    /// For the thread: items taken and not written.
    func putBack(_ items: [PendingPublish]) {
        guard !items.isEmpty else { return }
        state.withLock { state in
            state.items.prepend(items)
            for item in items { state.bytes += item.size }
        }
    }

    func connected() {
        state.withLock { $0.phase = .connected }
        expiry.disarm()
    }

    /// The thread is between connections; from now on the watchdog ends what waits too long.
    func disconnected() {
        state.withLock { state in
            state.threadWaits = false
            state.phase = .connecting
            state.isStalled = false
            if let first = state.items.first { expiry.arm(first.deadline) }
        }
    }

    func blocked(reason: String) {
        endWaiting(phase: .blocked(reason: reason), blocked(reason))
    }

    func unblocked() {
        state.withLock { $0.phase = .connected }
    }

    /// The broker refused the login: waiting would not help.
    func refused(_ error: BusError) {
        endWaiting(phase: .refused(error), error)
    }

    func setStalled(_ stalled: Bool) {
        state.withLock { $0.isStalled = stalled }
    }

    /// Takes no more publishes; the thread ends when the last is answered.
    func stop() {
        state.withLock { $0.isStopping = true }
        wakeup.signal()
    }

    /// The thread has ended.
    func close() {
        endWaiting(phase: .closed, BusError(.closed, "\(place): the bus was shut down"))
        expiry.disarm()
    }

    private func endWaiting(phase: Phase, _ error: BusError) {
        let ended = state.withLock { state in
            state.phase = phase
            state.bytes = 0
            return state.items.removeAll()
        }
        for item in ended { item.resume(error) }
    }

    private func expireWaiting() {
        let now = MonotonicTime.now()
        let late = state.withLock { state -> [PendingPublish] in
            guard state.phase == .connecting else { return [] }
            var late: [PendingPublish] = []
            while let item = state.items.first, item.deadline <= now {
                _ = state.items.popFirst()
                state.bytes -= item.size
                late.append(item)
            }
            if let first = state.items.first { expiry.arm(first.deadline) }
            return late
        }
        for item in late { item.resume(tooLate) }
    }

    private var tooLate: BusError {
        BusError(.unavailable, "\(place): no connection within the publish timeout; nothing was sent")
    }

    private func blocked(_ reason: String) -> BusError {
        BusError(
            .blocked,
            "\(place): the broker has an alarm (\(reason)). Free memory or disk on the broker: rabbitmqctl alarms")
    }
}
