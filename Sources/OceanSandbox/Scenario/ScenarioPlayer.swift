// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore

/// Plays scenarios on the pretend Ocean. Several may play at once; the faults are common to all.
struct ScenarioPlayer: Sendable {
    let world: SandboxWorld
    let desk: DecisionDesk
    let hub: EventHub
    let faults: FaultSwitchboard
    let tokens: TokenIssuer

    func play(_ scenario: Scenario) async -> ScenarioReport {
        var report = ScenarioReport()
        report.title = scenario.title
        var cast = Cast()
        for (index, step) in scenario.steps.enumerated() {
            var line = ScenarioReport.Step()
            line.number = index + 1
            line.action = step.action
            do throws(RefusedChange) {
                line.references = try await play(step, &cast)
                if step.action == .launch {
                    line.address = try await world.launch(cast.reference(step.referral)).url
                }
            } catch {
                line.failure = error.message
            }
            report.steps.append(line)
            if line.failure != nil { return report }
        }
        report.passed = true
        return report
    }

    /// References by the names that the scenario gave.
    private struct Cast {
        private var references: [String: String] = [:]

        mutating func name(_ reference: String, _ name: String?) {
            if let name { references[name] = reference }
        }

        func reference(_ name: String?) -> String { name.map { references[$0] ?? $0 } ?? "" }
    }

    private func play(_ step: ScenarioStep, _ cast: inout Cast) async throws(RefusedChange) -> [String] {
        let reference = cast.reference(step.referral)
        switch step.action {
        case .send:
            let made = try await desk.send(step.kind ?? .backPain, listing: step.listing ?? "")
            cast.name(made, step.name)
            return [made]
        case .split:
            let made = try await world.split(step.parts)
            for (part, reference) in zip(step.parts, made) { cast.name(reference, part.name) }
            return made
        case .forward:
            let made = try await world.forward(reference, to: step.listing ?? "")
            cast.name(made, step.name)
            return [made]
        case .cancel: try await world.cancel(reference)
        case .launch: _ = try await world.launch(reference)
        case .message: try await world.message(reference, text: step.text ?? "", senderName: step.senderName)
        case .resend: try await world.resend(reference, asNew: step.asNew)
        case .completeForm:
            return [try await world.completeForm(site: step.site ?? "", kind: step.kind ?? .backPain)]
        case .faults:
            faults.arm(step.faults ?? FaultPlan())
            return []
        case .revokeTokens:
            tokens.revokeAll()
            return []
        case .wait:
            try await pause(step.seconds ?? 0)
            return []
        case .expect: try await expect(step.expect ?? Expectation(), of: reference, within: step.seconds ?? 30)
        }
        return [reference]
    }

    private func pause(_ seconds: Int) async throws(RefusedChange) {
        do {
            try await Task.sleep(for: .seconds(seconds))
        } catch {
            throw RefusedChange(.state, "The sandbox stopped.")
        }
    }

    /// Looks at the referral now and after everything that happens, until it is as wanted or the time is over.
    private func expect(
        _ expectation: Expectation, of reference: String, within seconds: Int
    ) async throws(RefusedChange) {
        let events = hub.events()
        let world = world
        let isMet = await withTaskGroup(of: Bool.self) { group in
            group.addTask {
                func isMet() async -> Bool {
                    guard let file = await world.file(reference) else { return false }
                    return expectation.difference(from: file.state) == nil
                }
                if await isMet() { return true }
                for await _ in events where await isMet() { return true }
                return false
            }
            group.addTask {
                // Cancelled as soon as the expectation is met.
                try? await Task.sleep(for: .seconds(seconds))
                return false
            }
            let first = await group.next() ?? false
            group.cancelAll()
            return first
        }
        guard !isMet else { return }
        let file = try await world.known(reference)
        guard let difference = expectation.difference(from: file.state) else { return }
        throw RefusedChange(.state, "After \(seconds) s: \(difference).")
    }
}
