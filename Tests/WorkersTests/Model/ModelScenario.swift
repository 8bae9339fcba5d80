// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import BridgeTestKit
import Ocean
import Testing

@testable import Workers

/// What one worker of the model is given.
struct ModelPorts: Sendable {
    let bus: SteppedBus
    let store: SteppedStore
    let ocean: SteppedOcean
    let clock: ManualClock
    /// Names the process.
    let process: String
    /// Whether a process is known to be dead.
    let isDead: @Sendable (String) -> Bool
}

/// Messages of one referral in their queue, the faults that may befall them, and what must hold whatever happens.
struct ModelScenario: Sendable, CustomTestStringConvertible {
    typealias Handler = @Sendable (Delivery, StopSignal) async -> HandlerOutcome

    let name: String
    let inbox: [Message]
    /// How often a process may die, an answer be lost, the partition go to another worker while the first goes on.
    var crashes = 1
    var unheard = 1
    var handOvers = 1
    var initial = MemoryStore.State()
    /// Something that happens once, at any time: a record that another worker saves.
    var intrusion: ReferralRecord?
    /// The updates that are stale after it.
    var overtaken: Set<String> = []
    var refuses: @Sendable (Int) -> Bool = { _ in false }
    let worker: @Sendable (ModelPorts) -> Handler
    /// Of a world at rest, or after any step; says what is wrong.
    let check: @Sendable (ModelView) -> String?

    var testDescription: String { name }
}

/// What the invariants are checked on.
struct ModelView: Sendable {
    let seen: Witness.Seen
    /// Nil in a run on SQLite.
    let store: MemoryStore.State?
    /// Nothing more can happen.
    let isOver: Bool
    /// Deaths, lost answers and hand-overs so far.
    let faults: Int
    /// An update went to Ocean after a look at the record that showed the newer change.
    let sentStale: Bool

    func ids(of target: String) -> [String] { seen.published.filter { $0.target == target }.map(\.id) }

    /// The order of the first of each.
    static func firsts(_ ids: [String]) -> [String] {
        ids.reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
    }
}

extension ModelScenario {
    /// A translator that publishes the canonical form only.
    static func translator(_ ports: ModelPorts) -> Handler {
        var settings = Translator.Settings(targets: [
            HospitalTarget(exchange: BusNames.hospitalCanonical, suffix: "out", writer: ModelWriter())
        ])
        settings.lease = .seconds(5)
        let translator = Translator(
            bus: ports.bus, store: ports.store, enricher: ScriptedEnricher(), settings: settings,
            changes: { referral, known in
                guard let status = referral.status, status != known?.status else { return [] }
                return ["status:\(status.rawValue)"]
            }, clock: ports.clock, backoff: Backoff { _, _ in .seconds(1) }, logger: quiet)
        return { await translator.handle($0, stop: $1) }
    }

    static func publisher(guarding: Bool = true) -> @Sendable (ModelPorts) -> Handler {
        { ports in
            var settings = Publisher.Settings(
                oceanHost: "https://ocean.example", sourceEndpoint: "https://bridge.example", holder: ports.process)
            settings.lease = .seconds(5)
            settings.isDead = ports.isDead
            settings.refusesStale = guarding
            let backoff = Backoff { _, _ in .seconds(1) }
            let publisher = Publisher(
                bus: ports.bus, store: ports.store, ocean: ports.ocean, reader: PlainReader(), writer: PlainWriter(),
                settings: settings,
                availability: OceanAvailability(threshold: 50, backoff: backoff, clock: ports.clock, logger: quiet),
                clock: ports.clock, backoff: backoff, logger: quiet)
            return { await publisher.handle($0, stop: $1) }
        }
    }
}

/// Fails for what is marked as broken, unless an operator put it back.
struct ModelWriter: HospitalWriter {
    let contentType = "application/json"

    func write(_ message: Message, _ canonical: CanonicalMessage) throws(TranslationError) -> Translated {
        if canonical.referral?.description == "broken", message.headers["x-replay"] == nil {
            throw TranslationError(.invalid, at: "/referral", "broken")
        }
        return Translated(body: [], ledger: Ledger())
    }
}
