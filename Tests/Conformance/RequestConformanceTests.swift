// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import Testing

/// How every adapter of the bus asks hospital services while somebody waits.
@Suite("Bus conformance: questions and answers", .timeLimit(.minutes(2)))
struct RequestConformanceTests {
    private static let ample = Duration.seconds(30)

    @Test("a service gets the question as it was asked, and the asker its answer", arguments: BusUnderTest.all)
    func answer(_ adapter: BusUnderTest) async throws {
        try await adapter.withBus { bus async throws in
            try await bus.declareQuestions("beds")
            let service = try await Service("beds", on: bus)
            let port = try #require(bus as? any RequestPort)
            var question = Samples.complete(body: Array("{\"ward\":\"7\"}".utf8))
            question.type = .questionAsked
            try await withThrowingTaskGroup { group in
                group.addTask { [question] in try await port.ask(question, of: "beds", within: Self.ample) }
                let asked = try await service.next()
                #expect(asked.message.id == question.id)
                #expect(asked.message.type == .questionAsked)
                #expect(asked.message.subject == question.subject)
                #expect(asked.message.attributes == question.attributes)
                #expect(asked.message.trace == question.trace)
                #expect(asked.message.body == question.body)
                #expect(asked.message.answerLimit == Self.ample)
                #expect(asked.message.headers[QuestionHeader.replyTo] != nil)
                #expect(try await service.answer(asked, "{\"free\":3}") != .late)
                try await asked.ack()
                let answer = try #require(try await group.next())
                #expect(answer.body == Array("{\"free\":3}".utf8))
                #expect(answer.contentType == "application/json; charset=utf-8")
            }
        }
    }

    @Test("services of one name share the questions without overlap", arguments: BusUnderTest.all)
    func competing(_ adapter: BusUnderTest) async throws {
        try await adapter.withBus { bus async throws in
            try await bus.declareQuestions("beds")
            let one = try await Service("beds", on: bus, prefetch: 5)
            let two = try await Service("beds", on: bus, prefetch: 5)
            try await withThrowingTaskGroup { group in
                for number in 0..<10 {
                    group.addTask { try await bus.outcome("q-\(number)", of: "beds", within: Self.ample).value }
                }
                // Five each: both must take part before anything is settled.
                let mine = try await take(5, from: one.subscription)
                let yours = try await take(5, from: two.subscription)
                #expect(Set((mine + yours).map(\.message.id)) == Set((0..<10).map { "q-\($0)" }))
                for question in mine + yours {
                    try await one.answer(question, "answer to \(question.message.id)")
                    try await question.ack()
                }
                var answers: Set<String> = []
                for try await answer in group { answers.insert(answer ?? "none") }
                #expect(answers == Set((0..<10).map { "answer to q-\($0)" }))
            }
        }
    }

    @Test("the first answer wins, the second is dropped", arguments: BusUnderTest.all)
    func second(_ adapter: BusUnderTest) async throws {
        try await adapter.withBus { bus async throws in
            try await bus.declareQuestions("beds")
            let service = try await Service("beds", on: bus)
            try await withThrowingTaskGroup { group in
                group.addTask { try await bus.outcome("q-1", of: "beds", within: Self.ample).value }
                let question = try await service.next()
                #expect(try await service.answer(question, "first") != .late)
                #expect(try await service.answer(question, "second") != .taken)
                #expect(try await group.next() == "first")
                try await question.ack()
            }
            // The channel is none the worse for it.
            try await withThrowingTaskGroup { group in
                group.addTask { try await bus.outcome("q-2", of: "beds", within: Self.ample).value }
                try await service.serve(1, "third")
                #expect(try await group.next() == "third")
            }
        }
    }

    @Test("a service that never answers costs the asker the limit and no more", arguments: BusUnderTest.all)
    func never(_ adapter: BusUnderTest) async throws {
        try await adapter.withBus { bus async throws in
            try await bus.declareQuestions("beds")
            let service = try await Service("beds", on: bus)
            let start = ContinuousClock.now
            let outcome = try await bus.outcome("q-1", of: "beds", within: .milliseconds(400))
            let time = ContinuousClock.now - start
            #expect(outcome.code == .noAnswer)
            #expect(time >= .milliseconds(400))
            // The machine is shared; the point is that nothing waits for another bound.
            #expect(time < .seconds(5))
            // Its answer after all that is nobody's.
            let question = try await service.next()
            #expect(try await service.answer(question, "late") != .taken)
            try await question.ack()
            try await withThrowingTaskGroup { group in
                group.addTask { try await bus.outcome("q-2", of: "beds", within: Self.ample).value }
                try await service.serve(1, "in time")
                #expect(try await group.next() == "in time")
            }
        }
    }

    @Test("a question that nobody took in its time is gone from the queue", arguments: BusUnderTest.all)
    func expiry(_ adapter: BusUnderTest) async throws {
        try await adapter.withBus { bus async throws in
            try await bus.declareQuestions("beds")
            let service = try await Service("beds", on: bus, prefetch: 1)
            try await withThrowingTaskGroup { group in
                group.addTask { try await bus.outcome("held", of: "beds", within: Self.ample).value }
                let held = try await service.next()
                // The service's one place is taken: this one waits in the queue until it is over.
                #expect(try await bus.outcome("waiting", of: "beds", within: .milliseconds(300)).code == .noAnswer)
                _ = try await awaitDepth(of: BusNames.request("beds"), on: bus) { $0.ready == 0 }
                group.addTask { try await bus.outcome("next", of: "beds", within: Self.ample).value }
                try await service.answer(held, "held")
                try await held.ack()
                #expect(try await service.next().message.id == "next")
                group.cancelAll()
            }
        }
    }

    @Test("a question that was given back goes to another service", arguments: BusUnderTest.all)
    func givenBack(_ adapter: BusUnderTest) async throws {
        try await adapter.withBus { bus async throws in
            try await bus.declareQuestions("beds")
            let first = try await Service("beds", on: bus)
            try await withThrowingTaskGroup { group in
                group.addTask { try await bus.outcome("q-1", of: "beds", within: Self.ample).value }
                _ = try await first.next()
                let second = try await Service("beds", on: bus)
                await first.subscription.cancel()
                let again = try await second.next()
                #expect(again.message.id == "q-1")
                #expect(again.redelivered)
                try await second.answer(again, "from the second")
                try await again.ack()
                #expect(try await group.next() == "from the second")
            }
        }
    }

    @Test("without a queue or without a service the asker is told at once", arguments: BusUnderTest.all)
    func nobody(_ adapter: BusUnderTest) async throws {
        try await adapter.withBus { bus async throws in
            let start = ContinuousClock.now
            #expect(try await bus.outcome("q-1", of: "none", within: Self.ample).code == .noResponder)
            try await bus.declareQuestions("beds")
            #expect(try await bus.outcome("q-2", of: "beds", within: Self.ample).code == .noResponder)
            let service = try await Service("beds", on: bus)
            await service.subscription.cancel()
            _ = try await awaitDepth(of: BusNames.request("beds"), on: bus) { $0.consumers == 0 }
            #expect(try await bus.outcome("q-3", of: "beds", within: Self.ample).code == .noResponder)
            #expect(ContinuousClock.now - start < Self.ample)
        }
    }

    @Test("more questions than allowed are refused at once, and the waiting ones go on", arguments: BusUnderTest.all)
    func tooMany(_ adapter: BusUnderTest) async throws {
        try await adapter.withBus { bus async throws in
            try await bus.declareQuestions("beds")
            let service = try await Service("beds", on: bus, prefetch: 256)
            try await withThrowingTaskGroup { group in
                for number in 0..<256 {
                    group.addTask { try await bus.outcome("q-\(number)", of: "beds", within: Self.ample).value }
                }
                let questions = try await take(256, from: service.subscription)
                #expect(try await bus.outcome("one more", of: "beds", within: Self.ample).code == .tooMany)
                for question in questions { try await service.answer(question, "yes") }
                var count = 0
                for try await answer in group where answer == "yes" { count += 1 }
                #expect(count == 256)
            }
        }
    }

    @Test("two questions of one id are not mistaken for each other", arguments: BusUnderTest.all)
    func sameID(_ adapter: BusUnderTest) async throws {
        try await adapter.withBus { bus async throws in
            try await bus.declareQuestions("beds")
            let service = try await Service("beds", on: bus)
            try await withThrowingTaskGroup { group in
                group.addTask { try await bus.outcome("q-1", of: "beds", within: Self.ample).value }
                let question = try await service.next()
                #expect(try await bus.outcome("q-1", of: "beds", within: Self.ample).code == .unavailable)
                try await service.answer(question, "the first one's")
                #expect(try await group.next() == "the first one's")
            }
        }
    }

    @Test("an asker who goes away waits no longer", arguments: BusUnderTest.all)
    func cancelled(_ adapter: BusUnderTest) async throws {
        try await adapter.withBus { bus async throws in
            try await bus.declareQuestions("beds")
            let service = try await Service("beds", on: bus)
            let start = ContinuousClock.now
            try await withThrowingTaskGroup { group in
                group.addTask { try await bus.outcome("q-1", of: "beds", within: Self.ample).code }
                _ = try await service.next()
                group.cancelAll()
                #expect(try await group.next() == .noAnswer)
            }
            #expect(ContinuousClock.now - start < Self.ample)
        }
    }

    @Test("a bus that is shut down ends every wait", arguments: BusUnderTest.all)
    func shutdown(_ adapter: BusUnderTest) async throws {
        try await adapter.withBus { bus async throws in
            try await bus.declareQuestions("beds")
            let service = try await Service("beds", on: bus)
            try await withThrowingTaskGroup { group in
                group.addTask { try await bus.outcome("q-1", of: "beds", within: Self.ample).code }
                _ = try await service.next()
                await bus.shutdown()
                #expect(try await group.next() == .unavailable)
            }
            #expect(try await bus.outcome("q-2", of: "beds", within: Self.ample).code == .unavailable)
        }
    }

    @Test("a question can be long, and so can its answer", arguments: BusUnderTest.all)
    func long(_ adapter: BusUnderTest) async throws {
        try await adapter.withBus { bus async throws in
            try await bus.declareQuestions("beds")
            let service = try await Service("beds", on: bus)
            let port = try #require(bus as? any RequestPort)
            let text = String(repeating: "0123456789abcdef", count: 40_000)
            try await withThrowingTaskGroup { group in
                group.addTask {
                    try await port.ask(Service.question("q-1", text), of: "beds", within: Self.ample).body
                }
                let question = try await service.next()
                #expect(question.message.body == Array(text.utf8))
                try await service.answer(question, text)
                #expect(try await group.next() == Array(text.utf8))
            }
        }
    }
}
