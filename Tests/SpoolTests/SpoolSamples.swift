// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import BridgeTestKit
import Embedded
import Logging
import Synchronization
import Testing

@testable import Spool

extension Logger {
    static let quiet = Logger(label: "spool-tests") { _ in SwiftLogNoOpLogHandler() }
}

/// A message about an invented referral.
func sample(_ id: String, referral: String = "ref-1", body: [UInt8] = Array(#"{"a":1}"#.utf8)) -> Message {
    Message(
        id: id, source: "/ocean/test", type: .referralReceived, subject: referral,
        time: Timestamp(milliseconds: 1_767_225_600_123), body: body)
}

func inbound(_ referral: String = "ref-1") -> Destination { .exchange(BusNames.inbound, routingKey: referral) }

/// A bus that confirms, fails or hangs as the test says.
final class ScriptedPrimary: MessageBus {
    /// What one publish meets.
    enum Mood: Sendable {
        case confirms
        case fails(BusError.Code)
        /// Takes the message, and says nothing until the mood changes.
        case hangs
        /// Takes the message, and says that it does not know.
        case takesAndLosesConfirm
    }

    struct Confirmed: Sendable, Equatable {
        let message: Message
        let destination: Destination
    }

    private struct State {
        var mood = Mood.confirms
        var confirmed: [Confirmed] = []
        var tries = 0
        var hanging: [CheckedContinuation<Void, Never>] = []
        var health = BusHealth.ready
    }

    private let state = Mutex(State())
    let changed = Bell()
    private let unbound: Set<String>

    /// - Parameter unbound: exchanges to which no queue is bound.
    init(unbound: Set<String> = []) {
        self.unbound = unbound
    }

    /// In the order of their arrival, repetitions included.
    var confirmed: [Confirmed] { state.withLock { $0.confirmed } }
    var ids: [String] { confirmed.map(\.message.id) }
    var tries: Int { state.withLock { $0.tries } }

    func set(_ mood: Mood) {
        let hanging = state.withLock { state in
            state.mood = mood
            if case .confirms = mood { state.health = .ready } else { state.health = .notReady(reason: "scripted") }
            defer { state.hanging = [] }
            return state.hanging
        }
        for continuation in hanging { continuation.resume() }
    }

    func ids(of referral: String) -> [String] {
        confirmed.filter { $0.message.subject == referral }.map(\.message.id)
    }

    /// Waits until so many messages, counted once each, have been confirmed.
    func waitFor(_ count: Int) async {
        while true {
            let round = changed.round
            if Set(ids).count >= count { return }
            await changed.wait(after: round)
        }
    }

    func waitForTries(_ count: Int) async {
        while true {
            let round = changed.round
            if tries >= count { return }
            await changed.wait(after: round)
        }
    }

    func publish(_ message: Message, to destination: Destination) async throws(BusError) {
        let mood = state.withLock { state in
            state.tries += 1
            if case .exchange(let exchange, _) = destination, unbound.contains(exchange), case .confirms = state.mood {
                return Mood.fails(.unroutable)
            }
            switch state.mood {
            case .confirms, .hangs, .takesAndLosesConfirm:
                state.confirmed.append(Confirmed(message: message, destination: destination))
            case .fails: break
            }
            return state.mood
        }
        changed.ring()
        switch mood {
        case .confirms: return
        case .fails(let code): throw BusError(code, "scripted")
        case .takesAndLosesConfirm: throw BusError(.unknownOutcome, "scripted")
        case .hangs:
            await withCheckedContinuation { continuation in
                let isOver = state.withLock { state in
                    guard case .hangs = state.mood else { return true }
                    state.hanging.append(continuation)
                    return false
                }
                if isOver { continuation.resume() }
            }
            throw BusError(.unknownOutcome, "scripted")
        }
    }

    func health() async -> BusHealth { state.withLock { $0.health } }
    func declare(_ topology: Topology) async throws(BusError) {}
    func bind(queue: String, to exchange: String, routingKey: String) async throws(BusError) {}
    func depth(of queue: String) async throws(BusError) -> QueueDepth? { nil }
    func shutdown() async {}

    func subscribe(to queue: String, prefetch: Int) async throws(BusError) -> Subscription {
        throw BusError(.notFound, "scripted")
    }
}

/// The shortest pauses that the spool allows.
let brisk = RetryPolicy(base: .milliseconds(500), cap: .milliseconds(500), floor: .milliseconds(500))

func settings(
    bounds: SpoolBounds = SpoolBounds(), keys: SpoolKeys? = nil, budget: Duration = .milliseconds(200),
    prefetch: Int = 128
) -> SpoolSettings {
    SpoolSettings(
        bounds: bounds, keys: keys, publishTimeout: .seconds(2), budget: budget, prefetch: prefetch, retry: brisk)
}

/// Runs `body` on a spool in a file, with the drain beside it unless told otherwise; all is closed afterwards.
func withSpool(
    _ path: String, primary: ScriptedPrimary, settings: SpoolSettings = settings(), drains: Bool = true,
    clock: any WallClock = SystemClock(), _ body: @Sendable (SpoolingBus) async throws -> Void
) async throws {
    let local = try EmbeddedBus(path: path, logger: .quiet, clock: clock)
    let spool = try await SpoolingBus.open(
        primary: primary, local: local, storedBytes: local.storedBytes(), settings: settings, clock: clock,
        logger: .quiet)
    let outcome: Result<Void, any Error>
    do {
        try await withThrowingTaskGroup(of: Void.self) { group in
            if drains { group.addTask { await spool.runDrain() } }
            defer { spool.stopDraining() }
            try await body(spool)
        }
        outcome = .success(())
    } catch {
        outcome = .failure(error)
    }
    await local.shutdown()
    try outcome.get()
}

/// Waits until nothing is left in the spool.
func waitUntilDrained(_ spool: SpoolingBus) async throws {
    while spool.status.messages > 0 { try await Task.sleep(for: .milliseconds(5)) }
}
