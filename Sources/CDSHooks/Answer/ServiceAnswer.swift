// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

package import JSON

/// What one part of a service said, before it is checked.
struct PartAnswer: Sendable {
    enum Outcome: Sendable {
        case cards([JSONValue], systemActions: [JSONValue])
        /// A stable word.
        case failed(String)
        case late
    }

    let part: String
    let outcome: Outcome

    /// Longest answer of a responder, in bytes.
    static let longestBody = 1 << 20

    /// Reads the body of a responder: an answer of CDS Hooks 2.0.
    static func read(_ body: [UInt8]) -> Outcome {
        guard body.count <= longestBody else { return .failed("answer-too-large") }
        guard let object = (try? JSONValue(parsing: body))?.objectValue, let cards = object["cards"]?.arrayValue else {
            return .failed("answer-invalid")
        }
        let actions = object["systemActions"]
        guard actions == nil || actions?.isNull == true || actions?.arrayValue != nil else {
            return .failed("answer-invalid")
        }
        return .cards(cards, systemActions: actions?.arrayValue ?? [])
    }
}

/// The answer to a call, and what is told of it in metrics and the log.
package struct HookAnswer: Sendable {
    /// How one part of the service did.
    package struct Part: Sendable, Hashable {
        package let name: String
        /// `answered`, `late`, or why it failed: a stable word.
        package let outcome: String
    }

    /// A card or action that was dropped or mended.
    package struct Fault: Sendable, Hashable {
        package let part: String
        /// A stable word.
        package let fault: String
        package let isDropped: Bool
    }

    package var cards: [CheckedCard] = []
    package var systemActions: [JSONValue] = []
    /// Not everybody answered within the budget: then there are no cards at all.
    package var isOverrun = false
    package var parts: [Part] = []
    package var faults: [Fault] = []
    package var hookInstance = ""
    /// Referral reference, where the call told one.
    package var referral: String?

    /// The body of the answer (CDS Hooks 2.0, "CDS Service Response").
    package var json: JSONValue {
        var object = JSONObject()
        object["cards"] = .array(cards.map(\.json))
        if !systemActions.isEmpty { object["systemActions"] = .array(systemActions) }
        return .object(object)
    }

    /// Checks what a part said and adds what is good.
    mutating func add(_ answer: PartAnswer, service: String) {
        switch answer.outcome {
        case .failed(let reason): parts.append(Part(name: answer.part, outcome: reason))
        case .late:
            parts.append(Part(name: answer.part, outcome: "late"))
            isOverrun = true
        case .cards(let found, let actions):
            parts.append(Part(name: answer.part, outcome: "answered"))
            var check = CardCheck(service: service, part: answer.part, taken: Set(cards.map { $0.uuid.lowercased() }))
            for card in found {
                switch check.check(card) {
                case .accepted(let card): cards.append(card)
                case .mended(let card, let faults):
                    cards.append(card)
                    note(faults, of: answer.part, isDropped: false)
                case .dropped(let faults): note(faults, of: answer.part, isDropped: true)
                }
            }
            let good = actions.filter(CardField.isAction)
            systemActions += good
            if good.count < actions.count { note(["system-action"], of: answer.part, isDropped: true) }
        }
    }

    private mutating func note(_ faults: [String], of part: String, isDropped: Bool) {
        self.faults += faults.map { Fault(part: part, fault: $0, isDropped: isDropped) }
    }
}
