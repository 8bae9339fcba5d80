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
    /// Nothing stands in the lane but `letters`: nobody else holds any, and the limit was not reached.
    let isComplete: Bool
    private let subscription: Subscription?

    /// Takes what stands in the lane now, at most `limit` letters.
    ///
    /// - Parameters:
    ///   - quiet: after so long without a delivery nothing more is expected: somebody else took the rest.
    ///   - keeping: which letters to hold with their bodies.
    static func take(
        _ lane: String, on bus: any MessageBus, limit: Int, quiet: Duration,
        keeping: @escaping @Sendable (FiledLetter) -> Bool
    ) async throws(BusError) -> HeldLane {
        guard let depth = try await bus.depth(of: lane), depth.ready + depth.unsettled > 0 else {
            return HeldLane(lane: lane, letters: [], items: [], isComplete: true, subscription: nil)
        }
        let count = min(depth.ready, limit)
        guard count > 0 else {
            return HeldLane(lane: lane, letters: [], items: [], isComplete: false, subscription: nil)
        }
        let subscription = try await bus.subscribe(to: lane, prefetch: count)
        let basket = Basket()
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                for await delivery in subscription.deliveries {
                    let letter = FiledLetter(delivery.message, lane: lane)
                    if basket.add(letter, keeping(letter) ? delivery : nil) >= count { return }
                }
            }
            group.addTask {
                var seen = -1
                while seen != basket.count {
                    seen = basket.count
                    do { try await Task.sleep(for: quiet) } catch { return }
                }
            }
            await group.next()
            group.cancelAll()
        }
        let (letters, items) = basket.content
        return HeldLane(
            lane: lane, letters: letters, items: items,
            isComplete: depth.unsettled == 0 && letters.count >= depth.ready, subscription: subscription)
    }

    /// Gives everything that was not settled back, in its old order.
    func giveBack() async {
        await subscription?.cancel()
    }
}

/// Collects while two tasks look.
private final class Basket: Sendable {
    private let state = Mutex<(letters: [FiledLetter], items: [HeldLane.Item])>(([], []))

    var count: Int { state.withLock { $0.letters.count } }
    var content: ([FiledLetter], [HeldLane.Item]) { state.withLock { ($0.letters, $0.items) } }

    func add(_ letter: FiledLetter, _ delivery: Delivery?) -> Int {
        state.withLock { state in
            state.letters.append(letter)
            if let delivery { state.items.append(HeldLane.Item(letter: letter, delivery: delivery)) }
            return state.letters.count
        }
    }
}
