// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import BridgeTestKit
import Ocean
import Testing

@testable import Workers

/// What a hospital sends, through the real publisher, in every order of duplicate, crash, lost answer, hand-over and
/// replay.
enum UpdateModel {
    static func update(
        _ id: String, _ action: UpdateAction = .accept, key: String? = nil, occurredAt: String? = nil,
        replay: String? = nil
    ) -> Message {
        var message = Update.message(id, action: action, key: key, occurredAt: occurredAt)
        message.trace = nil
        if let replay { message.headers["x-replay"] = .string(replay) }
        return message
    }

    /// What holds for every scenario.
    private static func wrong(_ ids: [String], _ view: ModelView) -> String? {
        if view.sentStale { return "a stale update went to Ocean" }
        if view.faults == 0, Set(view.seen.taken).count < view.seen.taken.count { return "told twice without a fault" }
        let order = ModelView.firsts(view.seen.taken)
        if order != ids.filter({ order.contains($0) }) { return "out of order: \(order)" }
        for id in ids {
            let outcomes = outcomes(of: id, view)
            if Set(outcomes).count > 1 { return "two outcomes of \(id): \(outcomes)" }
            if view.faults == 0, outcomes.count > 1 { return "told the hospital twice without a fault" }
            if view.isOver, outcomes.isEmpty { return "no outcome of \(id)" }
            if outcomes.contains("delivered"), !view.seen.taken.contains(id) { return "\(id) never reached Ocean" }
            if outcomes.contains("refused") || outcomes.contains("stale"),
                !view.ids(of: BusNames.deadLetters).contains(id)
            {
                return "\(id) was refused and is nowhere"
            }
        }
        return nil
    }

    private static func outcomes(of id: String, _ view: ModelView) -> [String] {
        view.seen.published.filter { $0.target == BusNames.results && $0.id == "\(id)-result" }.compactMap(\.outcome)
    }

    static func scenario(
        _ name: String, _ inbox: [Message], intrusion: ReferralRecord? = nil,
        refuses: @escaping @Sendable (Int) -> Bool = { _ in false }, guarding: Bool = true,
        also: @escaping @Sendable (ModelView) -> String? = { _ in nil }
    ) -> ModelScenario {
        let ids = ModelView.firsts(inbox.map(\.id))
        return ModelScenario(
            name: name, inbox: inbox, intrusion: intrusion, overtaken: intrusion == nil ? [] : ["u1"], refuses: refuses,
            worker: ModelScenario.publisher(guarding: guarding)
        ) { view in wrong(ids, view) ?? also(view) }
    }

    static let duplicates = scenario(
        "an update twice, then another", [update("u1"), update("u1"), update("u2", .message)])

    static let refusal = scenario(
        "one that Ocean refuses when it hears of it first", [update("u1"), update("u1"), update("u2", .message)],
        refuses: { $0 == 1 })

    static let reusedKey = scenario(
        "two updates under one key", [update("u1", key: "k"), update("u2", .decline, key: "k")],
        also: { view in
            if view.seen.taken.contains("u2") { return "the second went to Ocean" }
            return view.isOver && outcomes(of: "u2", view).first != "refused" ? "the second was not refused" : nil
        })

    /// Somebody declines in Ocean, after the hospital's acceptance happened.
    private static let declined = ReferralRecord(
        reference: "ref-1", site: "1234", status: "declined",
        sourceTime: Timestamp(milliseconds: 1_767_263_400_000),
        changedAt: ["status": Timestamp(milliseconds: 1_767_263_400_000)])

    static func stale(guarding: Bool) -> ModelScenario {
        scenario(
            "an acceptance while somebody declines in Ocean",
            [update("u1", occurredAt: "2026-01-01T10:00:00Z"), update("u2", .message)], intrusion: declined,
            guarding: guarding)
    }

    /// Each put back has a result of its own under the update's id, so only its passing is looked at.
    static let replay = ModelScenario(
        name: "one that Ocean refuses and an operator puts back, twice by a crash of the desk",
        inbox: [update("u1"), update("u1", replay: "batch:u1"), update("u1", replay: "batch:u1")],
        refuses: { $0 == 1 }, worker: ModelScenario.publisher()
    ) { view in
        if view.isOver, view.seen.taken.isEmpty { return "the replay did not pass" }
        return view.faults == 0 && view.seen.taken.count > 1 ? "the replay passed twice" : nil
    }

    static let all = [duplicates, refusal, reusedKey, stale(guarding: true), replay]
}

@Suite("Every order of duplicate, crash and replay: what a hospital sends", .serialized, .timeLimit(.minutes(15)))
struct UpdateModelTests {
    @Test("keeps every promise", arguments: UpdateModel.all)
    func promises(_ scenario: ModelScenario) async {
        let reports = await ModelChecker.examine(scenario)
        for report in reports {
            print("model: \(scenario.name): \(report.states) states, \(report.runs) runs, depth \(report.longest)")
            #expect(report.violation == nil, "\(scenario.name): \(report.violation ?? "") by \(report.path)")
        }
        #expect(reports.first?.isCut == false)
        #expect(reports.reduce(0) { $0 + $1.states } > 1000)
    }

    @Test(
        "a defect put in on purpose is found",
        arguments: [
            (Flaw.doneBeforeConfirm, UpdateModel.duplicates, "no outcome"),
            (Flaw.noLease, UpdateModel.duplicates, "twice"), (Flaw.noNotes, UpdateModel.refusal, "two outcomes"),
            (nil, UpdateModel.stale(guarding: false), "stale"),
        ] as [(Flaw?, ModelScenario, String)])
    func defects(_ flaw: Flaw?, _ scenario: ModelScenario, _ words: String) async {
        let found = await ModelChecker.examine(scenario, flaw: flaw).last?.violation
        #expect(found?.contains(words) == true, "\(found ?? "nothing found")")
    }
}
