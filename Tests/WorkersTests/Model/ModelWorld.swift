// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import BridgeTestKit
import Synchronization

@testable import Workers

/// One run of a scenario: real workers on real decisions, one call at a time, in the order that the choices say.
final class ModelWorld {
    /// A worker with a message in hand.
    private struct Hand {
        let turnstile: ModelTurnstile
        let stop: StopSignal
        let process: String
        let message: String
        var call: String
        /// Everything that its further way depends on: its calls and the world in which each was answered.
        var path: Int
        var calls = 0
        /// Whether the record had the intrusion when it was read last.
        var hasSeenIntrusion = false
    }

    private enum Choice: Hashable {
        case step(Int, ModelTurnstile.Decision)
        case handOver
        case intrude
    }

    private let scenario: ModelScenario
    private let flaw: Flaw?
    private let memory: MemoryStore?
    private let store: any StateStore
    private let clock = ManualClock(Timestamp(milliseconds: 1_767_268_800_000))
    private let witness = Witness()
    private let dead = DeadProcesses()
    private var queue: [(message: Message, redelivered: Bool)]
    /// The first is the one that the broker knows; those behind it lost the partition and do not know yet.
    private var hands: [Hand] = []
    private var isOwned = false
    private var processes = 0
    private var left: (crashes: Int, unheard: Int, handOvers: Int, intrusions: Int)
    private var faults = 0
    private var sentStale = false
    private(set) var steps = 0

    /// - Parameter other: another store than the one in memory; then states cannot be told apart.
    init(_ scenario: ModelScenario, flaw: Flaw?, on other: (any StateStore)? = nil) {
        self.scenario = scenario
        self.flaw = flaw
        let memory = MemoryStore(scenario.initial)
        self.memory = other == nil ? memory : nil
        store = other ?? memory
        queue = scenario.inbox.map { ($0, false) }
        left = (scenario.crashes, scenario.unheard, scenario.handOvers, scenario.intrusion == nil ? 0 : 1)
    }

    struct Result: Sendable {
        /// How many choices there were at each point of the run.
        var widths: [Int] = []
        var violation: String?
        /// It came to a state that was explored before.
        var isKnown = false
        var seen = Witness.Seen()
    }

    /// - Parameters:
    ///   - choices: by number; where they end, the first is taken.
    ///   - isNew: asked for each state after the given choices; false ends the run.
    func run(_ choices: [Int], depth: Int, isNew: (Int) -> Bool) async -> Result {
        var result = Result()
        while true {
            await deliver()
            let enabled = enabled()
            let view = view(isOver: enabled.isEmpty)
            result.seen = view.seen
            if let violation = scenario.check(view) {
                result.violation = violation
                break
            }
            guard !enabled.isEmpty, steps < depth else { break }
            if steps >= choices.count, !isNew(state) {
                result.isKnown = true
                break
            }
            let chosen = steps < choices.count ? choices[steps] : 0
            result.widths.append(enabled.count)
            guard enabled.indices.contains(chosen) else { break }
            await take(enabled[chosen])
            steps += 1
        }
        for index in hands.indices.reversed() { await kill(index, .diesBefore) }
        return result
    }

    private func view(isOver: Bool) -> ModelView {
        ModelView(
            seen: witness.all, store: memory?.state.withLock { $0 }, isOver: isOver, faults: faults,
            sentStale: sentStale)
    }

    /// The broker hands the head of the queue to a worker that is free.
    private func deliver() async {
        while !isOwned, let head = queue.first {
            if processes == 0 || dead.contains("p\(processes)") { processes += 1 }
            let process = "p\(processes)"
            let turnstile = ModelTurnstile()
            let clock = clock
            let stop = StopSignal(sleep: { duration in
                let decision = await turnstile.arrive("pause")
                guard decision == .goes || decision == .unheard else { throw CancellationError() }
                clock.advance(by: duration)
            })
            let handler = scenario.worker(
                ModelPorts(
                    bus: SteppedBus(witness: witness, turnstile: turnstile),
                    store: SteppedStore(base: store, turnstile: turnstile, flaw: flaw),
                    ocean: SteppedOcean(witness: witness, turnstile: turnstile, refuses: scenario.refuses),
                    clock: clock, process: process, isDead: { [dead] in dead.contains($0) }))
            let delivery = Delivery(
                message: head.message, queue: "q.0", routingKey: "ref-1", redelivered: head.redelivered,
                settle: { (_) async throws(BusError) in })
            // A worker of the model runs beside the checker, which waits for its next call.
            Task {
                let outcome = await handler(delivery, stop)
                guard outcome == .done else { return turnstile.finish(false) }
                turnstile.finish(await turnstile.arrive("ack") == .goes)
            }
            isOwned = true
            hands.insert(
                Hand(
                    turnstile: turnstile, stop: stop, process: process, message: head.message.id, call: "",
                    path: head.message.id.hashValue),
                at: 0)
            await follow(0)
        }
    }

    /// Takes the worker's next call or its end.
    private func follow(_ index: Int) async {
        switch await hands[index].turnstile.next() {
        case .arrived(let call):
            hands[index].call = call
            hands[index].calls += 1
        case .finished(let isSettled):
            let isOwner = isOwned && index == 0
            hands.remove(at: index)
            guard isOwner else { return }
            isOwned = false
            if isSettled { queue.removeFirst() } else { queue[0].redelivered = true }
        }
    }

    private func enabled() -> [Choice] {
        var output: [Choice] = []
        for (index, hand) in hands.enumerated() {
            output.append(.step(index, .goes))
            guard hand.call != "pause", hand.call != "ack" else { continue }
            if left.unheard > 0 { output.append(.step(index, .unheard)) }
            guard left.crashes > 0 else { continue }
            // To die before a call is to die after the one before it.
            if hand.calls == 1 { output.append(.step(index, .diesBefore)) }
            output.append(.step(index, .diesAfter))
        }
        if left.handOvers > 0, isOwned { output.append(.handOver) }
        if left.intrusions > 0 { output.append(.intrude) }
        return output
    }

    private func take(_ choice: Choice) async {
        switch choice {
        case .handOver:
            left.handOvers -= 1
            faults += 1
            isOwned = false
            queue[0].redelivered = true
            // The next worker is another process.
            processes += 1
        case .intrude:
            left.intrusions -= 1
            if let record = scenario.intrusion { _ = try? await store.save(record) }
        case .step(let index, let decision):
            var hasher = Hasher()
            hasher.combine(hands[index].path)
            hasher.combine(hands[index].call)
            hasher.combine(decision)
            hasher.combine(world)
            hands[index].path = hasher.finalize()
            if hands[index].call == "referral" { hands[index].hasSeenIntrusion = left.intrusions == 0 }
            if hands[index].call == "process", hands[index].hasSeenIntrusion,
                scenario.overtaken.contains(hands[index].message), decision != .diesBefore
            {
                sentStale = true
            }
            switch decision {
            case .goes: break
            case .unheard:
                left.unheard -= 1
                faults += 1
            case .diesBefore, .diesAfter:
                left.crashes -= 1
                faults += 1
                return await kill(index, decision)
            }
            hands[index].turnstile.decide(decision)
            await follow(index)
        }
    }

    private func kill(_ index: Int, _ decision: ModelTurnstile.Decision) async {
        let hand = hands[index]
        dead.add(hand.process)
        hand.stop.trigger()
        hand.turnstile.decide(decision)
        // It makes no call any more that has an effect; only its end is awaited.
        while case .arrived = await hand.turnstile.next() { hand.turnstile.decide(.diesBefore) }
        let isOwner = isOwned && index == 0
        hands.remove(at: index)
        if isOwner {
            isOwned = false
            queue[0].redelivered = true
        }
    }

    /// What the outside and the store have come to.
    private var world: Int {
        var hasher = Hasher()
        hasher.combine(witness.all)
        hasher.combine(memory?.state.withLock { $0 })
        hasher.combine(clock.now())
        return hasher.finalize()
    }

    private var state: Int {
        var hasher = Hasher()
        hasher.combine(world)
        hasher.combine(isOwned)
        hasher.combine(queue.count)
        hasher.combine(queue.first?.redelivered)
        for hand in hands {
            hasher.combine(hand.path)
            hasher.combine(hand.call)
            hasher.combine(hand.process)
            hasher.combine(hand.hasSeenIntrusion)
        }
        hasher.combine(left.crashes)
        hasher.combine(left.unheard)
        hasher.combine(left.handOvers)
        hasher.combine(left.intrusions)
        hasher.combine(sentStale)
        return hasher.finalize()
    }
}

/// Processes that died.
private final class DeadProcesses: Sendable {
    private let names = Mutex<Set<String>>([])

    func contains(_ name: String) -> Bool { names.withLock { $0.contains(name) } }
    func add(_ name: String) { names.withLock { _ = $0.insert(name) } }
}
