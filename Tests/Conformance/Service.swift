// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import Synchronization
import Testing

/// A hospital's service on one queue of questions.
struct Service: Sendable {
    let subscription: Subscription
    let port: any AnswerPort

    init(_ name: String, on bus: any MessageBus, prefetch: Int = 10) async throws {
        port = try #require(bus as? any AnswerPort)
        subscription = try await bus.subscribe(to: BusNames.request(name), prefetch: prefetch)
    }

    /// The next question, not settled.
    func next() async throws -> Delivery {
        try #require(try await take(1, from: subscription).first)
    }

    @discardableResult
    func answer(_ question: Delivery, _ text: String) async throws -> AnswerFate {
        try await port.answer(question.message, with: Self.answer(text))
    }

    /// Answers the next `count` questions with `text` and settles them.
    func serve(_ count: Int, _ text: String) async throws {
        for _ in 0..<count {
            let question = try await next()
            try await answer(question, text)
            try await question.ack()
        }
    }

    static func answer(_ text: String) -> Message {
        Message(
            id: "answer-\(text.utf8.count)", source: "/hospital/service", type: .questionAnswered, subject: nil,
            time: Timestamp(milliseconds: 1_767_225_600_123), contentType: "application/json; charset=utf-8",
            body: Array(text.utf8))
    }

    static func question(_ id: String, _ text: String = "{}") -> Message {
        Message(
            id: id, source: "/bridge/responder", type: .questionAsked, subject: nil,
            time: Timestamp(milliseconds: 1_767_225_600_000), body: Array(text.utf8))
    }
}

extension MessageBus {
    func declareQuestions(_ name: String) async throws {
        try await declareQueue(BusNames.request(name))
    }

    /// The code of the error, or the answer's text.
    func outcome(
        _ id: String, of name: String, within limit: Duration
    ) async throws -> Result<String, RequestError> {
        let port = try #require(self as? any RequestPort)
        do throws(RequestError) {
            let answer = try await port.ask(Service.question(id), of: name, within: limit)
            return .success(String(decoding: answer.body, as: UTF8.self))
        } catch {
            return .failure(error)
        }
    }
}

extension Result where Failure == RequestError {
    var code: RequestError.Code? {
        if case .failure(let error) = self { return error.code }
        return nil
    }

    var value: Success? {
        if case .success(let value) = self { return value }
        return nil
    }
}
