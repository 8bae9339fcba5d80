// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore

/// What became, or would become, of one letter.
package struct DeadLetterOutcome: Sendable, Hashable {
    package enum Result: String, Sendable, Hashable {
        case replayed, discarded, failed
        case wouldReplay = "would-replay"
        case wouldDiscard = "would-discard"
    }

    package let letter: FiledLetter
    package let result: Result
    /// Where it went or would go.
    package let way: LetterReturn?
    /// Why it failed and what to do; the letter stays in its lane.
    package let problem: String?

    init(_ letter: FiledLetter, _ result: Result, way: LetterReturn? = nil, problem: String? = nil) {
        self.letter = letter
        self.result = result
        self.way = way
        self.problem = problem
    }

    static func planned(_ letter: FiledLetter) -> DeadLetterOutcome {
        guard let way = LetterReturn(letter) else { return unknownOrigin(letter) }
        return DeadLetterOutcome(letter, .wouldReplay, way: way)
    }

    static func unknownOrigin(_ letter: FiledLetter) -> DeadLetterOutcome {
        DeadLetterOutcome(
            letter, .failed,
            problem: "its origin is unknown: show its body and send it to the webhook again, or discard it")
    }
}
