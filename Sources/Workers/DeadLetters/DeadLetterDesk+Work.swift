// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import Logging

extension DeadLetterDesk {
    func unfinished() async throws(DeadLetterError) -> [ReplayEntry] {
        do throws(StoreError) {
            return try await book.unfinishedReplays()
        } catch {
            throw DeadLetterError(error)
        }
    }

    func audit(
        _ letters: [FiledLetter], _ action: String, actor: String, reason: String
    ) async throws(DeadLetterError) {
        do throws(StoreError) {
            for letter in letters {
                try await book.record(
                    AuditEvent(
                        at: clock.now(), actor: actor, action: action, referral: letter.envelope.subject,
                        messageID: letter.messageID, reason: reason))
            }
        } catch {
            throw DeadLetterError(error)
        }
    }

    func discard(
        _ items: [HeldLane.Item], in lanes: [HeldLane], actor: String, reason: String
    ) async throws(DeadLetterError) -> [DeadLetterOutcome] {
        let busy = Set(try await unfinished().map { LetterPlace(lane: $0.lane, key: $0.messageID) })
        var outcomes: [DeadLetterOutcome] = []
        for item in items {
            guard !busy.contains(LetterPlace(item.letter)) else {
                outcomes.append(
                    DeadLetterOutcome(item.letter, .failed, problem: "its replay is not finished: try again later"))
                continue
            }
            try await audit([item.letter], "dead-letter.discard", actor: actor, reason: reason)
            try await remove(item, from: lanes)
            outcomes.append(DeadLetterOutcome(item.letter, .discarded))
        }
        logger.notice("dead letters discarded", metadata: ["count": "\(items.count)", "actor": "\(actor)"])
        return outcomes
    }

    /// Plans all, then carries one after the other out.
    func replay(
        _ items: [HeldLane.Item], in lanes: [HeldLane], actor: String, reason: String
    ) async throws(DeadLetterError) -> [DeadLetterOutcome] {
        // A letter whose replay was begun and could not be ended goes on under the identity it has.
        var entries: [LetterPlace: ReplayEntry] = [:]
        for entry in try await unfinished() {
            entries[LetterPlace(lane: entry.lane, key: entry.messageID)] = entry
        }
        let batch = newBatch()
        var fresh: [ReplayEntry] = []
        var letters: [FiledLetter] = []
        for item in items where LetterReturn(item.letter) != nil {
            let place = LetterPlace(item.letter)
            guard entries[place] == nil else { continue }
            let entry = ReplayEntry(
                batch: batch, messageID: place.key, lane: place.lane, state: .planned, actor: actor, reason: reason,
                requestedAt: clock.now())
            entries[place] = entry
            fresh.append(entry)
            letters.append(item.letter)
        }
        try await audit(letters, "dead-letter.replay", actor: actor, reason: reason)
        do throws(StoreError) {
            try await book.plan(fresh)
        } catch {
            throw DeadLetterError(error)
        }
        let outcomes = try await carryOut(items, in: lanes, entries)
        logger.notice(
            "dead letters replayed",
            metadata: [
                "count": "\(outcomes.count { $0.result == .replayed })", "batch": "\(batch)", "actor": "\(actor)",
            ])
        return outcomes
    }

    /// Goes on with what stands in the book.
    func resume(_ lanes: [HeldLane]) async throws(DeadLetterError) -> Int {
        var entries: [LetterPlace: ReplayEntry] = [:]
        var order: [LetterPlace: Int] = [:]
        // Read again inside: another operation may have ended some.
        for (index, entry) in try await unfinished().enumerated() {
            let place = LetterPlace(lane: entry.lane, key: entry.messageID)
            entries[place] = entry
            order[place] = index
        }
        // In the order in which they were planned, which is that of the referral.
        let items = lanes.flatMap(\.items).filter { entries[LetterPlace($0.letter)] != nil }.sorted {
            order[LetterPlace($0.letter), default: 0] < order[LetterPlace($1.letter), default: 0]
        }
        let found = Set(items.map { LetterPlace($0.letter) })
        var ended = try await carryOut(items, in: lanes, entries).count
        for (place, entry) in entries where !found.contains(place) {
            // Somebody else may hold the letter now; only a lane seen whole, some time later, proves that it is gone.
            guard lanes.contains(where: { $0.lane == place.lane && $0.isComplete }),
                clock.now().duration(since: entry.requestedAt) >= settings.patience
            else { continue }
            try await advance(entry, to: entry.state == .published ? .done : .failed)
            ended += 1
        }
        if ended > 0 { logger.notice("interrupted replays carried on", metadata: ["count": "\(ended)"]) }
        return ended
    }

    private func carryOut(
        _ items: [HeldLane.Item], in lanes: [HeldLane], _ entries: [LetterPlace: ReplayEntry]
    ) async throws(DeadLetterError) -> [DeadLetterOutcome] {
        var outcomes: [DeadLetterOutcome] = []
        // Behind a letter that cannot go, the later ones of its referral wait.
        var held: Set<String> = []
        for item in items {
            guard let way = LetterReturn(item.letter), let entry = entries[LetterPlace(item.letter)] else {
                outcomes.append(.unknownOrigin(item.letter))
                continue
            }
            let subject = item.letter.envelope.subject
            if let subject, held.contains(subject) {
                try await advance(entry, to: .failed)
                outcomes.append(
                    DeadLetterOutcome(
                        item.letter, .failed, way: way, problem: "an earlier message of its referral could not go"))
                continue
            }
            if let problem = try await publish(item, way, entry) {
                if let subject { held.insert(subject) }
                outcomes.append(DeadLetterOutcome(item.letter, .failed, way: way, problem: problem))
                continue
            }
            try await remove(item, from: lanes)
            try await advance(entry, to: .done)
            outcomes.append(DeadLetterOutcome(item.letter, .replayed, way: way))
        }
        return outcomes
    }

    /// - Returns: why the bus does not take it; then the letter stays.
    private func publish(
        _ item: HeldLane.Item, _ way: LetterReturn, _ entry: ReplayEntry
    ) async throws(DeadLetterError) -> String? {
        guard entry.state == .planned else { return nil }
        do throws(BusError) {
            try await bus.publish(
                way.message(item.delivery.message, identity: entry.identity),
                to: .exchange(way.exchange, routingKey: way.routingKey))
        } catch {
            guard error.disposition == .reject || error.code == .notFound else { throw DeadLetterError(error) }
            try await advance(entry, to: .failed)
            return error.description
        }
        try await advance(entry, to: .published)
        return nil
    }

    private func remove(_ item: HeldLane.Item, from lanes: [HeldLane]) async throws(DeadLetterError) {
        do throws(BusError) {
            for lane in lanes where lane.lane == item.letter.lane { try await lane.remove(item) }
        } catch {
            throw DeadLetterError(error)
        }
    }

    private func advance(_ entry: ReplayEntry, to state: ReplayEntry.State) async throws(DeadLetterError) {
        do throws(StoreError) {
            try await book.advance(batch: entry.batch, messageID: entry.messageID, to: state)
        } catch {
            throw DeadLetterError(error)
        }
    }
}
