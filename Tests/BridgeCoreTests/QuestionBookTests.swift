// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import Synchronization
import Testing

@Suite("Questions that wait", .timeLimit(.minutes(1)))
struct QuestionBookTests {
    private static func answer(_ text: String) -> Message {
        Message(
            id: "a", source: "/hospital", type: .questionAnswered, subject: nil, time: Timestamp(milliseconds: 0),
            body: Array(text.utf8))
    }

    private static func ask(
        _ book: QuestionBook, _ id: String, within limit: Duration = .seconds(30), _ send: () -> Void
    ) async -> Result<Message, RequestError> {
        do throws(RequestError) {
            return .success(
                try await book.ask(
                    id, of: "beds", within: limit, unanswered: { RequestError(.noAnswer, "over") }, send: send))
        } catch {
            return .failure(error)
        }
    }

    @Test("an answer that comes while the question is still being sent is taken")
    func atOnce() async throws {
        let book = QuestionBook()
        let result = await Self.ask(book, "q") { #expect(book.answer("q", with: Self.answer("now")) == nil) }
        #expect(try result.get().body == Array("now".utf8))
        #expect(book.count == 0)
    }

    @Test("each answer that is not taken says why")
    func lateness() async throws {
        let book = QuestionBook()
        _ = await Self.ask(book, "answered") { _ = book.answer("answered", with: Self.answer("")) }
        _ = await Self.ask(book, "given up", within: .milliseconds(1)) {}
        let second = try #require(book.answer("answered", with: Self.answer("")))
        #expect(second.lateness == .second && second.name == "beds")
        let late = try #require(book.answer("given up", with: Self.answer("")))
        #expect(late.lateness == .late && late.name == "beds")
        let unknown = try #require(book.answer("never", with: Self.answer("")))
        #expect(unknown.lateness == .unknown && unknown.name == nil)
    }

    @Test("what is remembered of past questions has a bound")
    func bound() async throws {
        let book = QuestionBook()
        for number in 0..<3000 {
            let id = "q-\(number)"
            _ = await Self.ask(book, id) { _ = book.answer(id, with: Self.answer("")) }
        }
        #expect(book.answer("q-0", with: Self.answer(""))?.lateness == .unknown)
        #expect(book.answer("q-2999", with: Self.answer(""))?.lateness == .second)
    }

    @Test("a limit of nothing is over at once")
    func noTime() async throws {
        let result = await Self.ask(QuestionBook(), "q", within: .zero) {}
        #expect(throws: RequestError.self) { try result.get() }
    }
}
