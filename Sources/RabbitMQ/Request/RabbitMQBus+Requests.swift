// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

package import BridgeCore
import Synchronization

extension RabbitMQBus: RequestPort {
    package func ask(
        _ question: Message, of name: String, within limit: Duration
    ) async throws(RequestError) -> Message {
        let started = MonotonicTime.now()
        do throws(RequestError) {
            let answer = try await answer(to: question, of: name, within: limit)
            responders.answered(name)
            metrics.countQuestion(name, nil, nanoseconds: MonotonicTime.now() - started)
            return answer
        } catch {
            metrics.countQuestion(name, error, nanoseconds: MonotonicTime.now() - started)
            throw error
        }
    }

    private func answer(
        to question: Message, of name: String, within limit: Duration
    ) async throws(RequestError) -> Message {
        let queue = BusNames.request(name)
        let inbox: RequestInbox
        do throws(BusError) {
            inbox = try requestConnection().inbox
        } catch {
            throw RequestError(.unavailable, error.message)
        }
        guard question.body.count <= configuration.maximumMessageBytes,
            queue.utf8.count <= CloudEventsBinary.Properties.shortLimit,
            question.id.utf8.count <= CloudEventsBinary.Properties.shortLimit
        else {
            throw RequestError(.unavailable, "\(queue): the question, its name or its id is longer than the bus takes")
        }
        let item = PendingQuestion(
            id: question.id, name: name, content: Self.content(question, queue, limit),
            deadline: MonotonicTime.after(limit), progress: PendingQuestion.Progress())
        return try await book.ask(
            question.id, of: name, within: limit,
            unanswered: { [place = configuration.place] in
                item.progress.isWritten.load(ordering: .acquiring)
                    ? RequestError(.noAnswer, "\(queue): no answer in \(limit.wholeMilliseconds) ms")
                    : RequestError(.unavailable, "\(place): no connection to the broker in time; nothing was asked")
            },
            send: {
                inbox.submit(item)
                responders.look(for: question.id, of: name, within: limit)
            })
    }

    private static func content(_ question: Message, _ queue: String, _ limit: Duration) -> PendingPublish.Content {
        var asked = question
        asked.headers[QuestionHeader.limit] = .integer(max(1, limit.wholeMilliseconds))
        var properties = CloudEventsBinary.properties(of: asked)
        properties.correlationID = question.id
        properties.replyTo = RequestConnection.replyTo
        return PendingPublish.Content(exchange: "", routingKey: queue, properties: properties, body: asked.body)
    }
}

extension RabbitMQBus: AnswerPort {
    package func answer(_ question: Message, with answer: Message) async throws(BusError) -> AnswerFate {
        guard let replyTo = question.headers[QuestionHeader.replyTo]?.text else {
            throw BusError(.notFound, "the question says nowhere to answer to")
        }
        guard answer.body.count <= configuration.maximumMessageBytes else {
            throw BusError(
                .tooLarge, "an answer of \(answer.body.count) bytes; the bus takes \(configuration.maximumMessageBytes)"
            )
        }
        var properties = CloudEventsBinary.properties(of: answer)
        properties.correlationID = question.headers[QuestionHeader.correlation]?.text ?? question.id
        let content = PendingPublish.Content(
            exchange: "", routingKey: replyTo, properties: properties, body: answer.body, isMandatory: false)
        if let error = await (try publisher()).inbox.submit(content) { throw error }
        return .sent
    }
}
