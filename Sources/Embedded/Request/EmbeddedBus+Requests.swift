// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

package import BridgeCore
import Dispatch

extension EmbeddedBus: RequestPort {
    package func ask(
        _ question: Message, of name: String, within limit: Duration
    ) async throws(RequestError) -> Message {
        let started = DispatchTime.now().uptimeNanoseconds
        do throws(RequestError) {
            let answer = try await answer(to: question, of: name, within: limit)
            metrics.countQuestion(name, nil, nanoseconds: DispatchTime.now().uptimeNanoseconds - started)
            return answer
        } catch {
            metrics.countQuestion(name, error, nanoseconds: DispatchTime.now().uptimeNanoseconds - started)
            throw error
        }
    }

    private func answer(
        to question: Message, of name: String, within limit: Duration
    ) async throws(RequestError) -> Message {
        let queue = BusNames.request(name)
        if hall.isClosed { throw RequestError(.unavailable, "the embedded bus is shut down") }
        guard let isHeard = hall.hasListener(queue) else {
            throw RequestError(.noResponder, "there is no queue \(queue): name it in the settings")
        }
        guard isHeard else {
            throw RequestError(
                .noResponder, "nobody takes questions from \(queue): start the service that answers them")
        }
        guard question.body.count <= limits.messageBytes else {
            throw RequestError(.unavailable, "\(queue): the question is longer than \(limits.messageBytes) bytes")
        }
        var asked = question
        asked.headers[QuestionHeader.limit] = .integer(max(1, limit.wholeMilliseconds))
        asked.headers[QuestionHeader.replyTo] = .string(Self.replyTo)
        defer { hall.withdraw(question.id, from: queue) }
        return try await book.ask(
            question.id, of: name, within: limit,
            unanswered: { RequestError(.noAnswer, "\(queue): no answer in \(limit.wholeMilliseconds) ms") },
            send: { [asked] in
                do throws(BusError) {
                    try hall.put(asked, in: queue)
                } catch {
                    book.fail(
                        question.id, RequestError(error.code == .refused ? .tooMany : .unavailable, error.message))
                }
            })
    }

    private static let replyTo = "embedded"
}

extension EmbeddedBus: AnswerPort {
    package func answer(_ question: Message, with answer: Message) async throws(BusError) -> AnswerFate {
        guard question.headers[QuestionHeader.replyTo] != nil else {
            throw BusError(.notFound, "the question says nowhere to answer to")
        }
        guard answer.body.count <= limits.messageBytes else {
            throw BusError(.tooLarge, "an answer of \(answer.body.count) bytes; the bus takes \(limits.messageBytes)")
        }
        guard let refused = book.answer(question.id, with: answer) else { return .taken }
        metrics.countLateAnswer(refused.name, refused.lateness)
        return .late
    }
}

extension EmbeddedBus {
    /// A listener of a queue of questions.
    func listen(to queue: String, prefetch: Int) throws(BusError) -> Subscription {
        let (id, mailbox) = try hall.listen(to: queue, prefetch: prefetch)
        let deliveries = AsyncStream<Delivery>(unfolding: { [hall, metrics] in
            guard let entry = await mailbox.take() else { return nil }
            return Delivery(message: entry.message, queue: queue, routingKey: "", redelivered: entry.redelivered) {
                settlement throws(BusError) in
                try hall.settle(entry.number, of: id, in: queue, settlement)
                metrics.countSettlement(settlement)
            }
        })
        return Subscription(queue: queue, deliveries: deliveries) { [hall] in hall.leave(id, queue) }
    }
}
