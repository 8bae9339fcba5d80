// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

package import BridgeCore

/// Answers calls of CDS services: asks the rules and the bus at once, within the budget.
package struct HookDesk: Sendable {
    private let reader: SubjectReader
    private let requests: (any RequestPort)?
    private let clock: any WallClock
    private let ids: UUIDv7Source

    /// - Parameter requests: the way to hospital services; nil where there is none, and then such services fail as
    ///   `no-responder`.
    package init(
        reader: SubjectReader, requests: (any RequestPort)?, clock: any WallClock = SystemClock(),
        ids: UUIDv7Source = UUIDv7Source()
    ) {
        self.reader = reader
        self.requests = requests
        self.clock = clock
        self.ids = ids
    }

    /// - Parameter started: when the whole body was there: the budget runs from then.
    /// - Throws: `HookError` for a call that cannot be answered.
    package func answer(
        _ body: [UInt8], for service: HookService, trace: TraceContext? = nil,
        started: ContinuousClock.Instant = .now
    ) async throws(HookError) -> HookAnswer {
        let request = try HookRequest(body, for: service)
        try request.check(needs: service.needs)
        let subject = try reader.subject(of: request, for: service)
        var answer = HookAnswer()
        answer.hookInstance = request.hookInstance
        answer.referral = subject.map(\.referral.ref)
        let left = service.budget - (ContinuousClock.now - started)
        let question = HookQuestion(service: service, request: request, subject: subject)
        // The work may not heed its cancellation; the answer does not wait for it.
        let said: [PartAnswer]? =
            left > .zero
            ? await Deadline.value(within: left, cancelling: true) { await ask(question, within: left, trace) } : nil
        guard let said else {
            answer.isOverrun = true
            answer.parts = service.parts.map { HookAnswer.Part(name: $0, outcome: "late") }
            return answer
        }
        for part in said { answer.add(part, service: service.id) }
        if answer.isOverrun {
            // Half of the advice may be the wrong half.
            answer.cards = []
            answer.systemActions = []
        }
        return answer
    }

    /// What every part says, in the order of `HookService.parts`.
    private func ask(_ question: HookQuestion, within limit: Duration, _ trace: TraceContext?) async -> [PartAnswer] {
        let service = question.service
        return await withTaskGroup(of: (Int, PartAnswer).self) { group in
            for (index, rule) in service.rules.enumerated() {
                group.addTask { (index, await self.ask(rule, question.subject)) }
            }
            if let name = service.request {
                group.addTask { (service.rules.count, await self.ask(name, question, within: limit, trace)) }
            }
            var answers: [(Int, PartAnswer)] = []
            for await answer in group { answers.append(answer) }
            return answers.sorted { $0.0 < $1.0 }.map(\.1)
        }
    }

    private func ask(_ rule: any CardRule, _ subject: HookSubject?) async -> PartAnswer {
        guard let subject else { return PartAnswer(part: rule.name, outcome: .failed("no-bundle")) }
        do throws(StoreError) {
            let cards = try await rule.cards(for: subject, now: clock.now())
            return PartAnswer(
                part: rule.name, outcome: .cards(cards.map { $0.json(rule: rule.name) }, systemActions: []))
        } catch {
            return PartAnswer(part: rule.name, outcome: .failed("store-\(error.reason)"))
        }
    }

    private func ask(
        _ name: String, _ question: HookQuestion, within limit: Duration, _ trace: TraceContext?
    ) async -> PartAnswer {
        let part = HookService.requestPart
        guard let requests else {
            return PartAnswer(part: part, outcome: .failed(RequestError.Code.noResponder.rawValue))
        }
        let message = question.message(id: ids.next(), now: clock.now(), trace: trace)
        do throws(RequestError) {
            let answer = try await requests.ask(message, of: name, within: limit)
            return PartAnswer(part: part, outcome: PartAnswer.read(answer.body))
        } catch {
            return PartAnswer(part: part, outcome: error.code == .noAnswer ? .late : .failed(error.reason))
        }
    }
}
