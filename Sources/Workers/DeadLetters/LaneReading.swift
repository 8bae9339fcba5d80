// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import Synchronization

/// A side lane held by the desk: everything that stands in it, in order, until it is given back.
struct HeldLane: Sendable {
    struct Item: Sendable {
        let letter: FiledLetter
        let delivery: Delivery
    }

    let lane: String
    /// What stands in the lane, without bodies.
    let letters: [FiledLetter]
    /// What the caller asked to hold.
    let items: [Item]
    /// Nothing stands in the lane but `letters`: no other consumer was there, and the limit was not reached. As far as
    /// the bus knows: RabbitMQ's word about consumers is late by moments, after a lost connection by its heartbeat.
    let isComplete: Bool
    private let subscription: Subscription?
    private let bus: any MessageBus
    private let basket: Basket
    private let others: Int

    /// How long a look lasts.
    struct Pace: Sendable {
        /// So long without a delivery, and the rest that the bus spoke of is somebody else's.
        var quiet: Duration
        /// The same once all that the bus spoke of is there; not zero, since its word may be late.
        var settle: Duration
    }

    private static let step = Duration.milliseconds(25)
    private static let longestReturn = Duration.seconds(5)

    /// Takes what stands in the lane now, at most `limit` letters.
    ///
    /// - Parameter keeping: which letters to hold with their bodies.
    static func take(
        _ lane: String, on bus: any MessageBus, limit: Int, pace: Pace,
        keeping: @escaping @Sendable (FiledLetter) -> Bool
    ) async throws(BusError) -> HeldLane {
        let basket = Basket()
        guard let depth = try await bus.depth(of: lane) else {
            // Somebody deleted the queue: the other lanes can be looked at all the same.
            return HeldLane(
                lane: lane, letters: [], items: [], isComplete: true, subscription: nil, bus: bus, basket: basket,
                others: 0)
        }
        let subscription = try await bus.subscribe(to: lane, prefetch: limit)
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                for await delivery in subscription.deliveries {
                    let letter = FiledLetter(delivery.message, lane: lane)
                    if basket.add(letter, keeping(letter) ? delivery : nil) >= limit { return }
                }
            }
            group.addTask { await basket.rest(expecting: depth.ready, pace, step: step) }
            await group.next()
            group.cancelAll()
        }
        let (letters, items) = basket.content
        return HeldLane(
            lane: lane, letters: letters, items: items,
            isComplete: depth.consumers == 0 && depth.unsettled == 0 && letters.count >= depth.ready
                && letters.count < limit,
            subscription: subscription, bus: bus, basket: basket, others: depth.consumers)
    }

    /// Removes a letter from the lane.
    func remove(_ item: Item) async throws(BusError) {
        try await item.delivery.ack()
        basket.countRemoved()
    }

    /// Gives everything that was not removed back, in its old order, and waits until it is there again: who looks next
    /// must find it.
    func giveBack() async {
        guard let subscription else { return }
        await subscription.cancel()
        let left = letters.count - basket.removedCount
        let deadline = ContinuousClock.now + Self.longestReturn
        while ContinuousClock.now < deadline {
            do throws(BusError) {
                guard let depth = try await bus.depth(of: lane) else { return }
                if depth.ready >= left, depth.consumers <= others { return }
            } catch {
                // The bus is away: its broker has the letters back with the lost connection.
                return
            }
            do { try await Task.sleep(for: Self.step) } catch { return }
        }
    }
}

/// Collects while two tasks look.
private final class Basket: Sendable {
    private struct State {
        var letters: [FiledLetter] = []
        var items: [HeldLane.Item] = []
        var removed = 0
    }

    private let state = Mutex(State())

    var count: Int { state.withLock { $0.letters.count } }
    var removedCount: Int { state.withLock { $0.removed } }
    var content: ([FiledLetter], [HeldLane.Item]) { state.withLock { ($0.letters, $0.items) } }

    func add(_ letter: FiledLetter, _ delivery: Delivery?) -> Int {
        state.withLock { state in
            state.letters.append(letter)
            if let delivery { state.items.append(HeldLane.Item(letter: letter, delivery: delivery)) }
            return state.letters.count
        }
    }

    func countRemoved() {
        state.withLock { $0.removed += 1 }
    }

    /// Returns when nothing has come for a while.
    func rest(expecting expected: Int, _ pace: HeldLane.Pace, step: Duration) async {
        var seen = 0
        var still = Duration.zero
        while true {
            let now = count
            if now != seen {
                seen = now
                still = .zero
            }
            if still >= (now >= expected ? pace.settle : pace.quiet) { return }
            do { try await Task.sleep(for: step) } catch { return }
            still += step
        }
    }
}
