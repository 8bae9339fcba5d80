// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import JSON
import Logging
import Synchronization
import Testing

@testable import DataSource

@Suite("Data sources from requests", .timeLimit(.minutes(1)))
struct RequestSourceTests {
    /// A service whose answers the test decides.
    private final class Service: RequestPort {
        private struct State {
            var questions: [Message] = []
            var result: Result<String, RequestError> = .success("[1]")
            var held: CheckedContinuation<Void, Never>?
            var holds = false
        }

        private let state = Mutex(State())

        var questions: [Message] { state.withLock { $0.questions } }

        func answers(_ result: Result<String, RequestError>) { state.withLock { $0.result = result } }

        /// The next question waits for `release`.
        func hold() { state.withLock { $0.holds = true } }
        func release() { state.withLock { $0.held.take() }?.resume() }
        var isHolding: Bool { state.withLock { $0.held != nil } }

        func ask(_ question: Message, of name: String, within limit: Duration) async throws(RequestError) -> Message {
            #expect(name == "beds")
            #expect(limit == .seconds(2))
            let holds = state.withLock { state in
                state.questions.append(question)
                defer { state.holds = false }
                return state.holds
            }
            if holds { await withCheckedContinuation { continuation in state.withLock { $0.held = continuation } } }
            let text = try state.withLock { $0.result }.get()
            return Message(
                id: "a", source: "/hospital", type: .questionAnswered, subject: nil,
                time: Timestamp(milliseconds: 0), body: Array(text.utf8))
        }
    }

    private final class Clock: Sendable {
        private let time = Mutex(ContinuousClock.now)
        var now: ContinuousClock.Instant { time.withLock { $0 } }
        func advance(_ duration: Duration) { time.withLock { $0 += duration } }
    }

    private static func source(_ service: Service, _ clock: Clock, fresh: Duration = .seconds(60)) -> RequestSource {
        RequestSource(
            name: "beds-now", port: service,
            settings: RequestSource.Settings(
                requests: "beds", timeout: .seconds(2), fresh: fresh, staleWhileError: .seconds(600), limit: 1000),
            now: { clock.now }, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    private static let fault = Result<String, RequestError>.failure(RequestError(.noAnswer, "no answer"))

    @Test("an answer is served without asking again for its time")
    func fresh() async throws {
        let (service, clock) = (Service(), Clock())
        let source = Self.source(service, clock)
        #expect(await source.outcome() == "[1]")
        service.answers(.success("[2]"))
        clock.advance(.seconds(59))
        #expect(await source.outcome() == "[1]")
        #expect(try await source.document([:], question: "q").age == .seconds(59))
        clock.advance(.seconds(1))
        #expect(await source.outcome() == "[2]")
        #expect(service.questions.count == 2)
    }

    @Test("while the service fails the last answer is served for its bounded time, and the service is left in peace")
    func stale() async throws {
        let (service, clock) = (Service(), Clock())
        let source = Self.source(service, clock)
        #expect(await source.outcome() == "[1]")
        service.answers(Self.fault)
        clock.advance(.seconds(60))
        #expect(await source.outcome() == "[1]")
        #expect(await source.outcome() == "[1]")
        #expect(service.questions.count == 2)
        clock.advance(.seconds(5))
        #expect(await source.outcome() == "[1]")
        #expect(service.questions.count == 3)
        clock.advance(.seconds(594))
        #expect(await source.outcome() == "[1]")
        clock.advance(.seconds(6))
        #expect(await source.outcome() == "no-answer")
        service.answers(.success("[2]"))
        #expect(await source.outcome() == "[2]")
    }

    @Test(
        "without an answer to fall back on, each fault keeps its name",
        arguments: [
            (RequestError.Code.noAnswer, "no-answer"), (.noResponder, "no-responder"), (.unavailable, "unavailable"),
            (.tooMany, "unavailable"),
        ])
    func faults(_ code: RequestError.Code, _ expected: String) async {
        let (service, clock) = (Service(), Clock())
        service.answers(.failure(RequestError(code, "")))
        #expect(await Self.source(service, clock).outcome() == expected)
    }

    @Test("an answer that is broken or too long is not served, and does not take the last one's place")
    func broken() async {
        let (service, clock) = (Service(), Clock())
        let source = Self.source(service, clock)
        service.answers(.success("{\"a\":"))
        #expect(await source.outcome() == "not-json")
        service.answers(.success("[\"" + String(repeating: "x", count: 1000) + "\"]"))
        #expect(await source.outcome() == "too-large")
        service.answers(.success("[1]"))
        #expect(await source.outcome() == "[1]")
        service.answers(.success("oops"))
        clock.advance(.seconds(61))
        #expect(await source.outcome() == "[1]")
    }

    @Test("many who wait share one question")
    func shared() async throws {
        let (service, clock) = (Service(), Clock())
        let source = Self.source(service, clock)
        service.hold()
        await withTaskGroup(of: String.self) { group in
            for number in 0..<20 { group.addTask { await source.outcome(question: "q-\(number)") } }
            while !service.isHolding { await Task.yield() }
            service.release()
            for await text in group { #expect(text == "[1]") }
        }
        #expect(service.questions.count == 1)
    }

    @Test("with parameters each request is a question of its own, and nothing is kept")
    func parameters() async throws {
        let (service, clock) = (Service(), Clock())
        let source = Self.source(service, clock)
        service.answers(.success("[\"one\"]"))
        #expect(await source.outcome(["service": "cardiology"], question: "q-1") == "[\"one\"]")
        service.answers(.success("[\"two\"]"))
        #expect(await source.outcome(["service": "cardiology"], question: "q-2") == "[\"two\"]")
        service.answers(Self.fault)
        #expect(await source.outcome(["service": "cardiology"], question: "q-3") == "no-answer")
        #expect(service.questions.map(\.id) == ["q-1", "q-2", "q-3"])
        let body = try JSONValue(parsing: try #require(service.questions.first).body)
        #expect(body == ["source": "beds-now", "parameters": ["service": "cardiology"]])
        #expect(service.questions.allSatisfy { $0.headers.isEmpty && $0.subject == nil })
    }
}
