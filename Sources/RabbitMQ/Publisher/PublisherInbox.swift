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
        /// Wait for a lost part of the topology to be declared again.
        var parked: [TopologyLoss: [PendingPublish]] = [:]
        /// What the watchdog will look for next.
        var armed = MonotonicTime.never
        /// Why there is no connection, for the error of those who wait.
        var fault = ""

        var nextDeadline: Int64 {
            let waiting = items.least(\.deadline) ?? MonotonicTime.never
            return parked.values.lazy.flatMap { $0 }.map(\.deadline).reduce(waiting, min)
        }
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
        arm(item.deadline, &state)
        let wake = state.threadWaits
        state.threadWaits = false
        return (nil, wake)
    }

    /// The watchdog ends what waits too long, also while the thread is stuck in a call. Deadlines mostly come in order,
    /// so in steady work this does nothing.
    private func arm(_ deadline: Int64, _ state: inout State) {
        guard deadline < state.armed else { return }
        state.armed = deadline
        expiry.arm(deadline)
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
        if !late.isEmpty {
            let error = tooLate
            for item in late { item.resume(error) }
        }
        return batch
    }

    /// For the thread: items taken and not written.
    func putBack(_ items: [PendingPublish]) {
        guard !items.isEmpty else { return }
        state.withLock { state in
            state.items.prepend(items)
            for item in items {
                state.bytes += item.size
                arm(item.deadline, &state)
            }
        }
    }

    /// Keeps publishes until `unpark`.
    func park(_ item: PendingPublish, for loss: TopologyLoss) {
        let isClosed = state.withLock { state in
            guard state.phase != .closed else { return true }
            state.parked[loss, default: []].append(item)
            arm(item.deadline, &state)
            return false
        }
        if isClosed { item.resume(BusError(.closed, "\(place): the bus was shut down")) }
    }

    /// Publishes again what waited for `loss`, or ends it with `error`.
    func unpark(_ loss: TopologyLoss, _ error: BusError?) {
        let (parked, wake) = state.withLock { state -> ([PendingPublish], Bool) in
            let parked = state.parked.removeValue(forKey: loss) ?? []
            guard error == nil else { return (parked, false) }
            state.items.prepend(parked)
            for item in parked { state.bytes += item.size }
            let wake = state.threadWaits
            state.threadWaits = false
            return (parked, wake)
        }
        if wake { wakeup.signal() }
        if let error { for item in parked { item.resume(error) } }
    }

    func connected() {
        state.withLock { $0.phase = .connected }
    }

    /// The thread is between connections.
    ///
    /// - Parameter fault: host and cause.
    func disconnected(_ fault: String) {
        state.withLock { state in
            state.fault = fault
            state.threadWaits = false
            state.phase = .connecting
            state.isStalled = false
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
            defer { state.parked = [:] }
            return state.items.removeAll() + state.parked.values.flatMap { $0 }
        }
        for item in ended { item.resume(error) }
    }

    private func expireWaiting() {
        let now = MonotonicTime.now()
        let late = state.withLock { state -> [PendingPublish] in
            var late = state.items.removeAll { $0.deadline <= now }
            for item in late { state.bytes -= item.size }
            for (loss, items) in state.parked {
                late += items.filter { $0.deadline <= now }
                state.parked[loss] = items.filter { $0.deadline > now }
            }
            state.armed = MonotonicTime.never
            arm(state.nextDeadline, &state)
            return late
        }
        guard !late.isEmpty else { return }
        let error = tooLate
        for item in late { item.resume(error) }
    }

    private var tooLate: BusError {
        let fault = state.withLock { $0.phase == .connecting ? $0.fault : "" }
        return BusError(
            .unavailable,
            "\(place): no connection that takes messages within the publish timeout; nothing was sent"
                + (fault.isEmpty ? "" : ". Last fault: \(fault)"))
    }

    private func blocked(_ reason: String) -> BusError {
        BusError(
            .blocked,
            "\(place): the broker has an alarm (\(reason)). Free memory or disk on the broker: rabbitmqctl alarms")
    }
}
