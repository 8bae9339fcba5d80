// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

/// The other end of `RequestPort`: brings a service's answer to whoever asked.
package protocol AnswerPort: Sendable {
    /// - Parameters:
    ///   - question: as it was delivered, with the headers of `QuestionHeader`.
    ///   - answer: its `contentType` and `body` go to the asker.
    /// - Throws: `notFound` when the question says nowhere to answer to; what publishing throws.
    func answer(_ question: Message, with answer: Message) async throws(BusError) -> AnswerFate
}

/// What became of an answer.
package enum AnswerFate: String, Sendable, Hashable {
    /// The asker has it.
    case taken
    /// On its way; whether somebody still waits cannot be seen from here.
    case sent
    /// Nobody waits any more, or another answer came first.
    case late
}

/// Headers of a question, beside its envelope.
package enum QuestionHeader {
    /// How long the answer may take, in milliseconds from the question's `time`.
    package static let limit = "x-limit"
    /// Where the answer goes; set by the bus, and only for those who answer through the bridge.
    package static let replyTo = "x-reply-to"
    /// What the answer is recognised by, when that is not the question's id.
    package static let correlation = "x-correlation"
}

extension Message {
    /// How long the answer to this question may take; nil when this is no question with a limit.
    package var answerLimit: Duration? {
        guard case .integer(let milliseconds)? = headers[QuestionHeader.limit], milliseconds > 0 else { return nil }
        return .milliseconds(milliseconds)
    }
}
