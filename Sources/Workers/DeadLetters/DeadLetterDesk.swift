// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

package import BridgeCore
package import Logging

/// What an operator does with dead letters: list, show, replay, discard. One operation at a time.
///
/// A lane is looked at by taking everything that stands in it and giving it back, which keeps its order on every bus.
/// A replay is written down before each step (`ReplayBook`), so that after a crash `resume` carries it on: the worker
/// knows each replay by its identity, hence publishing it twice has one effect.
package final class DeadLetterDesk: Sendable {
    package struct Settings: Sendable {
        /// Letters of one lane that one look takes at most.
        package var lookLimit = 20_000
        /// How long a lane may be silent before a look ends while the bus speaks of more letters.
        package var quiet: Duration = .seconds(3)
        /// The same once as many came as the bus spoke of.
        package var settle: Duration = .milliseconds(500)
        /// Age at which a replay whose letter is not to be seen counts as ended: until then another consumer, such as
        /// the connection of a crashed process, may give it back.
        package var patience: Duration = .seconds(600)
        /// Operations that may wait for the one that runs.
        package var waiting = 8

        package init() {}
    }

    /// The side lanes, in the order in which they are shown and replayed.
    package static let lanes = [BusNames.deadLetters, BusNames.invalid, BusNames.unrouted]

    let bus: any MessageBus
    let book: any ReplayBook & AuditTrail
    let clock: any WallClock
    let logger: Logger
    private let ids: UUIDv7Source
    let settings: Settings
    private let turnstile: Turnstile

    package init(
        bus: any MessageBus, book: any ReplayBook & AuditTrail, settings: Settings = Settings(),
        clock: any WallClock = SystemClock(), ids: UUIDv7Source = UUIDv7Source(), logger: Logger
    ) {
        self.bus = bus
        self.book = book
        self.clock = clock
        self.ids = ids
        self.settings = settings
        self.logger = logger
        turnstile = Turnstile(limit: settings.waiting)
    }

    /// What stands in the lanes.
    ///
    /// - Returns: the letters in their order, and whether these are all of them (another consumer may hold some).
    package func letters(
        _ selection: DeadLetterSelection = DeadLetterSelection()
    ) async throws(DeadLetterError) -> (letters: [FiledLetter], isComplete: Bool) {
        try await holding(Self.lanes(of: selection), keeping: { _ in false }) { lanes throws(DeadLetterError) in
            (lanes.flatMap(\.letters).filter { selection.contains($0) }, lanes.allSatisfy(\.isComplete))
        }
    }

    /// The messages with their bodies: patient data. Given out once the audit event is durable.
    ///
    /// - Throws: `notFound`, `invalid` without a reason, `unavailable`, `busy`.
    package func open(
        _ id: String, actor: String, reason: String
    ) async throws(DeadLetterError) -> [(letter: FiledLetter, message: Message)] {
        try Self.require(reason)
        let selection = DeadLetterSelection(ids: [id])
        return try await holding(Self.lanes, keeping: { selection.contains($0) }) { lanes throws(DeadLetterError) in
            let items = lanes.flatMap(\.items)
            guard !items.isEmpty else { throw Self.nothing }
            try await self.audit(items.map(\.letter), "dead-letter.show", actor: actor, reason: reason)
            return items.map { ($0.letter, $0.delivery.message) }
        }
    }

    /// Publishes letters again where they failed, each once, and removes them.
    ///
    /// - Parameter dryRun: tells what would be done and changes nothing.
    /// - Throws: `notFound`, `unavailable`, `busy`. What was planned by then is carried on by `resume`.
    package func replay(
        _ selection: DeadLetterSelection, actor: String, reason: String, dryRun: Bool = false
    ) async throws(DeadLetterError) -> [DeadLetterOutcome] {
        if !dryRun { try await resume() }
        return try await holding(Self.lanes(of: selection), keeping: { selection.contains($0) }) {
            lanes throws(DeadLetterError) in
            let items = LetterReturn.ordered(lanes.flatMap(\.items)) { $0.letter }
            guard !items.isEmpty else { throw Self.nothing }
            if dryRun { return items.map { DeadLetterOutcome.planned($0.letter) } }
            return try await self.replay(items, in: lanes, actor: actor, reason: reason)
        }
    }

    /// Removes letters for good, each once its audit event is durable.
    ///
    /// - Throws: `notFound`, `invalid` without a reason, `unavailable`, `busy`.
    package func discard(
        _ selection: DeadLetterSelection, actor: String, reason: String, dryRun: Bool = false
    ) async throws(DeadLetterError) -> [DeadLetterOutcome] {
        if !dryRun {
            try Self.require(reason)
            try await resume()
        }
        return try await holding(Self.lanes(of: selection), keeping: { selection.contains($0) }) {
            lanes throws(DeadLetterError) in
            let items = lanes.flatMap(\.items)
            guard !items.isEmpty else { throw Self.nothing }
            if dryRun { return items.map { DeadLetterOutcome($0.letter, .wouldDiscard) } }
            return try await self.discard(items, in: lanes, actor: actor, reason: reason)
        }
    }

    /// Carries on what a crash or an outage interrupted: call it at start and now and then.
    ///
    /// - Returns: how many entries came to their end.
    @discardableResult
    package func resume() async throws(DeadLetterError) -> Int {
        let entries = try await unfinished()
        guard !entries.isEmpty else { return 0 }
        let wanted = Set(entries.map { LetterPlace(lane: $0.lane, key: $0.messageID) })
        let names = Self.lanes.filter { lane in entries.contains { $0.lane == lane } }
        return try await holding(names, keeping: { wanted.contains(LetterPlace($0)) }) {
            lanes throws(DeadLetterError) in
            try await self.resume(lanes)
        }
    }

    func newBatch() -> String { ids.next() }

    /// Holds lanes while `body` works, alone.
    private func holding<Value: Sendable>(
        _ names: [String], keeping: @escaping @Sendable (FiledLetter) -> Bool,
        _ body: ([HeldLane]) async throws(DeadLetterError) -> Value
    ) async throws(DeadLetterError) -> Value {
        guard await turnstile.enter() else {
            throw DeadLetterError(.busy, "other operations wait for the dead letters: try again in a moment")
        }
        defer { turnstile.leave() }
        let (lanes, failure) = await take(names, keeping)
        let outcome: Result<Value, DeadLetterError>
        do throws(DeadLetterError) {
            if let failure { throw DeadLetterError(failure) }
            outcome = .success(try await body(lanes))
        } catch {
            outcome = .failure(error)
        }
        await withTaskGroup(of: Void.self) { group in
            for lane in lanes { group.addTask { await lane.giveBack() } }
        }
        return try outcome.get()
    }

    /// All lanes at once, for each look takes its moment; with the first failure, what was taken all the same.
    private func take(
        _ names: [String], _ keeping: @escaping @Sendable (FiledLetter) -> Bool
    ) async -> (lanes: [HeldLane], failure: BusError?) {
        let (bus, limit) = (bus, settings.lookLimit)
        let pace = HeldLane.Pace(quiet: settings.quiet, settle: settings.settle)
        let taken = await withTaskGroup(of: (String, Result<HeldLane, BusError>).self) { group in
            for name in names {
                group.addTask {
                    do throws(BusError) {
                        return (
                            name,
                            .success(
                                try await HeldLane.take(name, on: bus, limit: limit, pace: pace, keeping: keeping))
                        )
                    } catch {
                        return (name, .failure(error))
                    }
                }
            }
            return await group.reduce(into: [String: Result<HeldLane, BusError>]()) { $0[$1.0] = $1.1 }
        }
        var lanes: [HeldLane] = []
        var failure: BusError?
        for name in names {
            switch taken[name] {
            case .success(let lane): lanes.append(lane)
            case .failure(let error): failure = failure ?? error
            case nil: break
            }
        }
        return (lanes, failure)
    }

    private static func lanes(of selection: DeadLetterSelection) -> [String] {
        lanes.filter { selection.lane == nil || selection.lane == $0 }
    }

    private static func require(_ reason: String) throws(DeadLetterError) {
        guard reason.contains(where: { !$0.isWhitespace }) else {
            throw DeadLetterError(.invalid, "say why: the reason stands in the audit trail")
        }
    }

    private static let nothing = DeadLetterError(.notFound, "no such letter in the side lanes")
}

/// Where a letter stands.
struct LetterPlace: Hashable, Sendable {
    let lane: String
    let key: String

    init(lane: String, key: String) {
        self.lane = lane
        self.key = key
    }

    init(_ letter: FiledLetter) {
        self.init(lane: letter.lane, key: letter.key)
    }
}
