// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import JSON
import Ocean
import Synchronization

/// What the outside world has seen in one run of the model.
final class Witness: Sendable {
    struct Published: Sendable, Hashable {
        let id: String
        /// Exchange or queue.
        let target: String
        let echo: Bool
        let late: Bool
        /// Of a result.
        let outcome: String?
    }

    struct Seen: Sendable, Hashable {
        var published: [Published] = []
        /// Ids of the updates that Ocean took, in its order.
        var taken: [String] = []
        var calls = 0
    }

    private let seen = Mutex(Seen())

    var all: Seen { seen.withLock { $0 } }

    func publish(_ entry: Published) { seen.withLock { $0.published.append(entry) } }
    func take(_ id: String) { seen.withLock { $0.taken.append(id) } }

    func call() -> Int {
        seen.withLock { seen in
            seen.calls += 1
            return seen.calls
        }
    }
}

/// A bus seen by one worker of the model: only publishing.
struct SteppedBus: MessageBus {
    let witness: Witness
    let turnstile: ModelTurnstile

    private static let gone = BusError(.unknownOutcome, "the process is dead, or the confirm lost")

    func publish(_ message: Message, to destination: Destination) async throws(BusError) {
        let decision = await turnstile.arrive("publish \(message.id)")
        if decision == .diesBefore { throw Self.gone }
        let target =
            switch destination {
            case .exchange(let name, _): name
            case .queue(let name): name
            }
        let outcome =
            target == BusNames.results ? (try? JSONValue(parsing: message.body))?["outcome"]?.stringValue : nil
        witness.publish(
            Witness.Published(
                id: message.id, target: target, echo: message.attributes.echo, late: message.attributes.late,
                outcome: outcome))
        if decision != .goes { throw Self.gone }
    }

    func declare(_ topology: Topology) async throws(BusError) {}

    func subscribe(to queue: String, prefetch: Int) async throws(BusError) -> Subscription {
        throw BusError(.notFound, "the model delivers by itself")
    }

    func bind(queue: String, to exchange: String, routingKey: String) async throws(BusError) {}
    func depth(of queue: String) async throws(BusError) -> QueueDepth? { nil }
    func health() async -> BusHealth { .ready }
    func shutdown() async {}
}

/// Ocean seen by one worker of the model.
struct SteppedOcean: OceanService {
    let witness: Witness
    let turnstile: ModelTurnstile
    /// Whether Ocean says no to its n-th call, from 1.
    let refuses: @Sendable (Int) -> Bool

    private static let gone = OceanServiceError(.network, "the process is dead, or the answer lost")

    func process(_ bundle: [UInt8], site: String, trace: TraceContext?) async throws(OceanServiceError) -> OceanAnswer {
        let decision = await turnstile.arrive("process")
        if decision == .diesBefore { throw Self.gone }
        let isRefused = refuses(witness.call())
        // The plain writer's bundle is `dialect|referral|message`.
        let id = String(decoding: bundle, as: UTF8.self).split(separator: "|").last.map(String.init) ?? ""
        if !isRefused { witness.take(id) }
        if decision != .goes { throw Self.gone }
        if isRefused { throw ScriptedOcean.refused(403) }
        return OceanAnswer(status: 200, body: [])
    }

    func check(site: String) async throws(OceanServiceError) {}

    private static let noRead = OceanServiceError(.notConfigured, "the model reads nothing")

    func referral(_ reference: String, site: String, trace: TraceContext?) async throws(OceanServiceError) -> [UInt8] {
        throw Self.noRead
    }

    func patient(
        _ reference: String, site: String, trace: TraceContext?
    ) async throws(OceanServiceError) -> EncryptedContent { throw Self.noRead }

    func note(
        patient reference: String, session: String?, site: String, trace: TraceContext?
    ) async throws(OceanServiceError) -> EncryptedContent? { throw Self.noRead }
}
