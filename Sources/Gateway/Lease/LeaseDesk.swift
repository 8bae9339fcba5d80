// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

package import BridgeCore

/// Lends messages of the bus to callers that have no connection of their own, each for a time.
///
/// One subscription per queue serves all callers while there is interest. A lease that runs out puts its message back
/// at its old place here, before anything that came later; only when nobody has asked for a while, the subscription is
/// given up, and all that is unsettled returns to the queue in its old order. Settling through the bus one by one
/// would not keep the order on a quorum queue.
package actor LeaseDesk {
    /// How much is lent, and for how long.
    package struct Limits: Sendable, Hashable {
        /// Unsettled messages of one queue, lent or ready to be lent.
        package var prefetch = 64
        /// Body bytes in one answer; a single larger message is still handed out.
        package var batchBytes = 16 << 20
        /// Without a request for this long, a queue is given up.
        package var idle: Duration = .seconds(30)
        /// What a subscription gets to bring its first message when the caller does not wait at all.
        package var warmUp: Duration = .milliseconds(500)
        /// The same for questions: while a desk has them, no other service can answer.
        package var questionIdle: Duration = .seconds(5)
        /// How long after its limit a question can still be answered, to be told that it was too late.
        package var questionGrace: Duration = .seconds(10)

        package init() {}
    }

    /// A message lent to a caller.
    package struct Loan: Sendable {
        /// Unguessable; settles this loan and no other.
        package let receipt: String
        package let redelivered: Bool
        package let message: Message
    }

    /// What became of one receipt.
    package enum Settled: String, Sendable, Hashable {
        case done
        /// Run out, settled before, or never given: the message will come, or has come, again.
        case expired
        /// The bus could not settle it now; the lease goes on, try again.
        case failed
    }

    struct Item {
        let number: UInt64
        let delivery: Delivery
        var redelivered: Bool
        /// When nobody wants an answer any more; nil for what is no question.
        var over: Timestamp?
    }

    struct Lease {
        let item: Item
        let expires: Timestamp
    }

    enum Phase {
        case opening
        case open(Subscription, since: ContinuousClock.Instant)
        case closing
    }

    struct Lane {
        let epoch: UInt64
        var phase = Phase.opening
        /// Ready to be lent, in the queue's order.
        var items: [Item] = []
        var leases: [String: Lease] = [:]
        var settling = 0
        var waiters: [UInt64: CheckedContinuation<Void, Never>] = [:]
        var lastInterest: Timestamp
    }

    private let bus: any MessageBus
    private let clock: any WallClock
    let limits: Limits
    private var lanes: [String: Lane] = [:]
    private var lastNumber: UInt64 = 0
    private var isStopping = false

    package init(bus: any MessageBus, clock: any WallClock = SystemClock(), limits: Limits = Limits()) {
        self.bus = bus
        self.clock = clock
        self.limits = limits
    }

    /// Lends up to `maximum` messages, waiting up to `wait` for the first one.
    ///
    /// - Throws: what subscribing throws, such as `notFound`.
    package func receive(
        from queue: String, maximum: Int, wait: Duration, lease: Duration
    ) async throws(BusError) -> [Loan] {
        let start = ContinuousClock.now
        while !isStopping {
            try await open(queue)
            sweep(queue)
            lanes[queue]?.lastInterest = clock.now()
            let loans = lend(queue, maximum: maximum, lease: lease)
            let deadline = start + (isWarm(queue) ? wait : max(wait, limits.warmUp))
            if !loans.isEmpty || ContinuousClock.now >= deadline { return loans }
            await waitForChange(queue, until: deadline)
        }
        return []
    }

    /// Tells the bus that the messages are done with.
    package func ack(_ receipts: [String], in queue: String) async -> [(receipt: String, result: Settled)] {
        await settle(receipts, in: queue) { delivery throws(BusError) in try await delivery.ack() }
    }

    /// Gives messages back to be lent again in their old order, or, without `requeue`, gives them up.
    package func nack(
        _ receipts: [String], requeue: Bool, in queue: String
    ) async -> [(receipt: String, result: Settled)] {
        guard requeue else {
            return await settle(receipts, in: queue) { delivery throws(BusError) in
                try await delivery.nack(requeue: false)
            }
        }
        sweep(queue)
        let results = receipts.map { receipt -> (receipt: String, result: Settled) in
            guard let lease = lanes[queue]?.leases.removeValue(forKey: receipt) else { return (receipt, .expired) }
            putBack([lease.item], queue)
            return (receipt, .done)
        }
        return results
    }

    /// Ends leases that have run out and gives up queues that nobody asks for.
    package func sweep() async {
        for queue in lanes.keys.sorted() { sweep(queue) }
        let now = clock.now()
        for queue in lanes.keys.sorted() {
            guard let lane = lanes[queue], case .open = lane.phase, lane.waiters.isEmpty, lane.leases.isEmpty,
                lane.settling == 0,
                now.duration(since: lane.lastInterest)
                    >= (BusNames.isRequest(queue) ? limits.questionIdle : limits.idle)
            else { continue }
            await close(queue)
        }
    }

    /// Ends all waiting at once; what is lent stays lent until `shutdown`.
    package func stopWaiting() {
        isStopping = true
        for queue in lanes.keys { wakeAll(queue) }
    }

    /// Gives up every queue: what is unsettled returns to the bus in its old order.
    package func shutdown() async {
        stopWaiting()
        for queue in lanes.keys.sorted() { await close(queue) }
    }

    /// The question of this id, when it is lent or ready to be lent.
    package func question(_ id: String) -> Message? {
        for (queue, lane) in lanes where BusNames.isRequest(queue) {
            let items = lane.leases.values.lazy.map(\.item)
            if let item = items.first(where: { $0.delivery.message.id == id }) { return item.delivery.message }
            if let item = lane.items.first(where: { $0.delivery.message.id == id }) { return item.delivery.message }
        }
        return nil
    }

    /// Settles the question of this id: it is answered.
    package func finish(_ id: String) async {
        for (queue, lane) in lanes where BusNames.isRequest(queue) {
            if let receipt = lane.leases.first(where: { $0.value.item.delivery.message.id == id })?.key {
                _ = await ack([receipt], in: queue)
                return
            }
            if let index = lane.items.firstIndex(where: { $0.delivery.message.id == id }) {
                let item = lane.items[index]
                lanes[queue]?.items.remove(at: index)
                discard([item])
                return
            }
        }
    }

    /// How many messages of a queue are lent, and how many are ready to be.
    package func held(in queue: String) -> (lent: Int, ready: Int) {
        (lanes[queue]?.leases.count ?? 0, lanes[queue]?.items.count ?? 0)
    }
}

extension LeaseDesk {
    private func open(_ queue: String) async throws(BusError) {
        guard lanes[queue] == nil else { return }
        lastNumber += 1
        let epoch = lastNumber
        lanes[queue] = Lane(epoch: epoch, lastInterest: clock.now())
        let subscription: Subscription
        do throws(BusError) {
            subscription = try await bus.subscribe(to: queue, prefetch: limits.prefetch)
        } catch {
            drop(queue, epoch: epoch)
            throw error
        }
        guard lanes[queue]?.epoch == epoch, !isStopping else {
            await subscription.cancel()
            drop(queue, epoch: epoch)
            return
        }
        lanes[queue]?.phase = .open(subscription, since: .now)
        // Unstructured: the pump lives as long as the subscription, which outlasts this request. It ends with the
        // stream.
        Task {
            for await delivery in subscription.deliveries { self.arrived(delivery, queue, epoch: epoch) }
            self.drop(queue, epoch: epoch)
        }
        wakeAll(queue)
    }

    private func close(_ queue: String) async {
        guard let lane = lanes[queue], case .open(let subscription, _) = lane.phase else { return }
        // Nothing more is lent while the bus takes the messages back.
        lanes[queue]?.phase = .closing
        lanes[queue]?.items = []
        lanes[queue]?.leases = [:]
        await subscription.cancel()
        drop(queue, epoch: lane.epoch)
    }

    private func drop(_ queue: String, epoch: UInt64) {
        guard lanes[queue]?.epoch == epoch else { return }
        let waiters = lanes.removeValue(forKey: queue)?.waiters ?? [:]
        for waiter in waiters.values { waiter.resume() }
    }

    private func arrived(_ delivery: Delivery, _ queue: String, epoch: UInt64) {
        guard lanes[queue]?.epoch == epoch, case .open = lanes[queue]?.phase else { return }
        lastNumber += 1
        // From now, since clocks differ from machine to machine: never too early.
        let over =
            BusNames.isRequest(queue) ? delivery.message.answerLimit.map { clock.now().advanced(by: $0) } : nil
        lanes[queue]?.items.append(
            Item(number: lastNumber, delivery: delivery, redelivered: delivery.redelivered, over: over))
        wakeAll(queue)
    }

    private func isWarm(_ queue: String) -> Bool {
        guard case .open(_, let since) = lanes[queue]?.phase else { return false }
        return ContinuousClock.now - since >= limits.warmUp
    }

    private func lend(_ queue: String, maximum: Int, lease: Duration) -> [Loan] {
        guard var lane = lanes[queue], case .open = lane.phase, !lane.items.isEmpty else { return [] }
        let expires = clock.now().advanced(by: lease)
        var loans: [Loan] = []
        var bytes = 0
        for item in lane.items.prefix(maximum) {
            bytes += item.delivery.message.body.count
            if !loans.isEmpty, bytes > limits.batchBytes { break }
            let receipt = Hexadecimal.text((0..<16).map { _ in UInt8.random(in: .min ... .max) })
            lane.leases[receipt] = Lease(item: item, expires: expires)
            loans.append(Loan(receipt: receipt, redelivered: item.redelivered, message: item.delivery.message))
        }
        lane.items.removeFirst(loans.count)
        lanes[queue] = lane
        return loans
    }

    /// Puts what has run out back in its place.
    private func sweep(_ queue: String) {
        let now = clock.now()
        forgetQuestions(queue, now)
        guard let lane = lanes[queue] else { return }
        let late = lane.leases.filter { $0.value.expires <= now }
        guard !late.isEmpty else { return }
        for receipt in late.keys { lanes[queue]?.leases[receipt] = nil }
        putBack(late.values.map(\.item), queue)
    }

    /// What nobody wants an answer to any more is not lent, and makes room.
    private func forgetQuestions(_ queue: String, _ now: Timestamp) {
        guard BusNames.isRequest(queue), let lane = lanes[queue] else { return }
        func isOver(_ item: Item, _ grace: Duration) -> Bool {
            item.over.map { $0.advanced(by: grace) <= now } ?? false
        }
        var gone = lane.items.filter { isOver($0, .zero) }
        if !gone.isEmpty { lanes[queue]?.items.removeAll { isOver($0, .zero) } }
        for (receipt, lease) in lane.leases where isOver(lease.item, limits.questionGrace) {
            lanes[queue]?.leases[receipt] = nil
            gone.append(lease.item)
        }
        discard(gone)
    }

    private func discard(_ items: [Item]) {
        guard !items.isEmpty else { return }
        // Unstructured: the caller waits for nothing, and a question that is not settled comes again and is over then.
        Task {
            for item in items {
                do throws(BusError) {
                    try await item.delivery.ack()
                } catch {
                    continue
                }
            }
        }
    }

    private func putBack(_ items: [Item], _ queue: String) {
        guard lanes[queue] != nil else { return }
        let returned = items.map { Item(number: $0.number, delivery: $0.delivery, redelivered: true, over: $0.over) }
        lanes[queue]?.items.append(contentsOf: returned)
        lanes[queue]?.items.sort { $0.number < $1.number }
        wakeAll(queue)
    }

    private func settle(
        _ receipts: [String], in queue: String,
        _ settlement: @escaping @Sendable (Delivery) async throws(BusError) -> Void
    ) async -> [(receipt: String, result: Settled)] {
        sweep(queue)
        guard let epoch = lanes[queue]?.epoch else { return receipts.map { ($0, .expired) } }
        // Taken out at once: a second request with the same receipt, or the clock, cannot settle it too.
        var taken: [String: Lease] = [:]
        for receipt in receipts {
            if let lease = lanes[queue]?.leases.removeValue(forKey: receipt) { taken[receipt] = lease }
        }
        lanes[queue]?.settling += taken.count
        var results: [String: Settled] = [:]
        // Together, so that the embedded bus commits them in one group.
        await withTaskGroup(of: (String, Settled).self) { group in
            for (receipt, lease) in taken {
                group.addTask {
                    do throws(BusError) {
                        try await settlement(lease.item.delivery)
                        return (receipt, .done)
                    } catch {
                        return (receipt, error.code == .stale || error.code == .closed ? .expired : .failed)
                    }
                }
            }
            for await (receipt, result) in group { results[receipt] = result }
        }
        if lanes[queue]?.epoch == epoch {
            lanes[queue]?.settling -= taken.count
            for (receipt, lease) in taken where results[receipt] == .failed {
                lanes[queue]?.leases[receipt] = lease
            }
        }
        return receipts.map { ($0, results[$0] ?? .expired) }
    }

    private func waitForChange(_ queue: String, until deadline: ContinuousClock.Instant) async {
        lastNumber += 1
        let number = lastNumber
        // Unstructured: it must outlive nothing, and is cancelled as soon as the wait is over.
        let timer = Task {
            do {
                try await Task.sleep(until: deadline, clock: .continuous)
                self.wake(number, queue)
            } catch {
                // Cancelled: something arrived first.
            }
        }
        await withCheckedContinuation { continuation in
            if lanes[queue] == nil || isStopping {
                continuation.resume()
            } else {
                lanes[queue]?.waiters[number] = continuation
            }
        }
        timer.cancel()
    }

    private func wake(_ number: UInt64, _ queue: String) {
        lanes[queue]?.waiters.removeValue(forKey: number)?.resume()
    }

    private func wakeAll(_ queue: String) {
        guard let waiters = lanes[queue]?.waiters, !waiters.isEmpty else { return }
        lanes[queue]?.waiters = [:]
        for waiter in waiters.values { waiter.resume() }
    }
}
