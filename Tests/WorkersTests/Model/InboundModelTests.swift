// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import BridgeTestKit
import JSON
import Ocean
import Testing

@testable import Workers

/// What Ocean sends, through the real translator, in every order of duplicate, crash, lost answer, hand-over and replay.
enum InboundModel {
    /// Messages that are one and the same to a hospital.
    struct Same: Sendable {
        let ids: [String]
        var echo = false
        var late = false
    }

    static func message(
        _ id: String, status: ReferralStatus, envelope: Int? = nil, time: String = "2026-01-01T10:00:00Z",
        replay: String? = nil, isBroken: Bool = false
    ) -> Message {
        let name = envelope.map { "\($0)" } ?? id
        var canonical = Inbound.canonical(bundle: "b-\(name)", header: "h-\(name)", timestamp: time)
        canonical.referral?.status = status
        if isBroken { canonical.referral?.description = "broken" }
        var message = Inbound.message(id, canonical)
        message.trace = nil
        if let replay { message.headers["x-replay"] = .string(replay) }
        return message
    }

    private static func wrong(_ same: [Same], _ view: ModelView, lettersCount: Bool) -> String? {
        let out = view.ids(of: BusNames.hospitalCanonical).map { String($0.dropLast("-out".count)) }
        let letters = view.ids(of: BusNames.deadLetters)
        for one in same {
            let mine = out.filter { one.ids.contains($0) }
            if Set(mine).count > 1 { return "delivered under two ids: \(mine)" }
            if view.faults == 0, mine.count > 1 { return "delivered twice without a fault: \(mine)" }
            let isFiled = lettersCount && letters.contains { one.ids.contains($0) }
            if view.isOver, mine.isEmpty, !isFiled { return "lost: \(one.ids)" }
            for entry in view.seen.published
            where entry.target == BusNames.hospitalCanonical && mine.contains(String(entry.id.dropLast(4))) {
                if entry.echo != one.echo { return "echo is \(entry.echo) on \(entry.id)" }
                if entry.late != one.late { return "late is \(entry.late) on \(entry.id)" }
            }
        }
        let order = ModelView.firsts(out.compactMap { id in same.first { $0.ids.contains(id) }?.ids.first })
        let wanted = same.compactMap(\.ids.first).filter { order.contains($0) }
        if order != wanted { return "out of order: \(order)" }
        // Nothing is done before anything was confirmed.
        let done = view.store?.keys.values.count { $0.done != nil } ?? 0
        if done > 0, out.isEmpty, letters.isEmpty { return "done before it was confirmed" }
        return nil
    }

    static func scenario(
        _ name: String, _ inbox: [Message], _ same: [Same], initial: MemoryStore.State = MemoryStore.State(),
        lettersCount: Bool = false, also: @escaping @Sendable (ModelView) -> String? = { _ in nil }
    ) -> ModelScenario {
        ModelScenario(name: name, inbox: inbox, initial: initial, worker: ModelScenario.translator) { view in
            wrong(same, view, lettersCount: lettersCount) ?? also(view)
        }
    }

    static let duplicates = scenario(
        "the same webhook twice, then another",
        [
            message("m1", status: .accepted, envelope: 1), message("m2", status: .accepted, envelope: 1),
            message("m3", status: .completed, time: "2026-01-01T10:05:00Z"),
        ], [Same(ids: ["m1", "m2"]), Same(ids: ["m3"])])

    static let newEnvelope = scenario(
        "a retry in a new envelope, then another",
        [
            message("m1", status: .accepted), message("m2", status: .accepted, time: "2026-01-01T10:01:00Z"),
            message("m3", status: .completed, time: "2026-01-01T10:05:00Z"),
        ], [Same(ids: ["m1", "m2"]), Same(ids: ["m3"])])

    /// The referral is known as received, and an acceptance went out.
    private static let accepted: MemoryStore.State = {
        var state = MemoryStore.State()
        var referral = Referral()
        referral.ref = "ref-1"
        referral.status = .received
        state.records["ref-1"] = ReferralRecord(
            reference: "ref-1", site: "1234", status: "received", sourceTime: Timestamp(milliseconds: 1),
            resources: referral.json.bytes())
        state.fingerprints["ref-1"] = ["status:accepted": Timestamp(milliseconds: 1_767_261_600_000)]
        return state
    }()

    static let echo = scenario(
        "an echo twice, then a change of somebody else's",
        [
            message("e1", status: .accepted, envelope: 1), message("e2", status: .accepted, envelope: 1),
            message("f1", status: .declined, time: "2026-01-01T10:05:00Z"),
        ], [Same(ids: ["e1", "e2"], echo: true), Same(ids: ["f1"])], initial: accepted)

    static let late = scenario(
        "a newer message, then an older one twice",
        [
            message("n1", status: .completed, time: "2026-01-01T10:05:00Z"),
            message("o1", status: .accepted, envelope: 1), message("o2", status: .accepted, envelope: 1),
        ], [Same(ids: ["n1"]), Same(ids: ["o1", "o2"], late: true)]
    ) { view in
        guard view.isOver, let record = view.store?.records["ref-1"] else { return nil }
        return record.status == "completed" ? nil : "the late message overwrote the record"
    }

    static let replay = scenario(
        "one that ends in the dead letters and is put back, twice by a crash of the desk",
        [
            message("b1", status: .accepted, isBroken: true),
            message("b1", status: .accepted, replay: "batch:b1", isBroken: true),
            message("b1", status: .accepted, replay: "batch:b1", isBroken: true),
        ], [Same(ids: ["b1"])], lettersCount: true
    ) { view in
        let out = view.ids(of: BusNames.hospitalCanonical)
        return view.isOver && out.isEmpty ? "the replay did not pass" : nil
    }

    static let replayedEcho = scenario(
        "an echo that ends in the dead letters and is put back",
        [
            message("b1", status: .accepted, isBroken: true),
            message("b1", status: .accepted, replay: "batch:b1", isBroken: true),
        ], [Same(ids: ["b1"], echo: true)], initial: accepted, lettersCount: true)

    static let all = [duplicates, newEnvelope, echo, late, replay, replayedEcho]
}

@Suite("Every order of duplicate, crash and replay: what Ocean sends", .serialized, .timeLimit(.minutes(15)))
struct InboundModelTests {
    @Test("keeps every promise", arguments: InboundModel.all)
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
            (Flaw.doneBeforeConfirm, InboundModel.duplicates, "done before"),
            (.noLease, InboundModel.duplicates, "two ids"),
            (.noLease, InboundModel.replay, "twice"), (.noNotes, InboundModel.echo, "echo is false"),
            (.noNotes, InboundModel.replayedEcho, "echo is false"),
        ])
    func defects(_ flaw: Flaw, _ scenario: ModelScenario, _ words: String) async {
        let found = await ModelChecker.examine(scenario, flaw: flaw).last?.violation
        #expect(found?.contains(words) == true, "\(found ?? "nothing found")")
    }
}
