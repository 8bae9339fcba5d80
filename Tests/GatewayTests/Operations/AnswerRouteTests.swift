// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import BridgeTestKit
import Gateway
import JSON
import Testing

extension ScriptedBus: AnswerPort {
    func answer(_ question: Message, with answer: Message) async throws(BusError) -> AnswerFate {
        guard let replyTo = question.headers[QuestionHeader.replyTo]?.text else {
            throw BusError(.notFound, "scripted")
        }
        try await publish(answer, to: .queue(replyTo))
        return question.headers["x-test-late"] == nil ? .taken : .late
    }
}

@Suite("Answers over HTTP", .timeLimit(.minutes(2)))
struct AnswerRouteTests {
    private static let queue = "ocean.requests.beds"

    private func question(_ id: String, _ headers: [String: HeaderValue] = [:]) -> Message {
        Message(
            id: id, source: "/bridge/responder", type: .questionAsked, subject: nil,
            time: Timestamp(milliseconds: 1_767_225_600_000),
            headers: [
                QuestionHeader.replyTo: .string("reply-queue"), QuestionHeader.limit: .integer(4000),
            ].merging(headers) { $1 },
            body: Array(#"{"source":"beds"}"#.utf8))
    }

    private func receive(_ caller: Caller) async throws -> JSONValue? {
        let reply = try await caller.send("POST", "/api/v1/queues/\(Self.queue)/receive?wait=20", type: nil)
        return reply.json["messages"]?[0]?["message"]
    }

    @Test("a question received over HTTP is answered and settled with one call")
    func answer() async throws {
        let bench = OperationsBench()
        try await bench.run { (caller: Caller) async throws in
            await bench.bus.deliver(question("q-1"), in: Self.queue)
            let lent = try #require(try await receive(caller))
            #expect(lent["id"] == "q-1")
            #expect(lent["data"] == ["source": "beds"])
            let reply = try await caller.post("/api/v1/requests/q-1/answer", #"{"free":3}"#)
            #expect(reply.status == 202)
            #expect(reply.json == ["status": "taken", "id": "q-1"])
            #expect(await bench.bus.settled == ["q-1": .ack])
            let sent = try #require(await bench.bus.published.first)
            #expect(sent.destination == .queue("reply-queue"))
            #expect(sent.message.body == Array(#"{"free":3}"#.utf8))
            #expect(sent.message.type == .questionAnswered)
            #expect(sent.message.attributes.causationID == "q-1")
            // It is over now.
            #expect(try await caller.post("/api/v1/requests/q-1/answer", "{}").status == 404)
        }
    }

    @Test("an answer that comes too late is told so, and its question is settled")
    func late() async throws {
        let bench = OperationsBench()
        try await bench.run { (caller: Caller) async throws in
            await bench.bus.deliver(question("q-1", ["x-test-late": .bool(true)]), in: Self.queue)
            _ = try #require(try await receive(caller))
            #expect(try await caller.post("/api/v1/requests/q-1/answer", "{}").status == 410)
            #expect(await bench.bus.settled == ["q-1": .ack])
        }
    }

    @Test("broken JSON, an unknown question and one without an address are refused; the question stays")
    func refused() async throws {
        var bench = OperationsBench()
        bench.configuration.limits.bodyBytes = 100
        try await bench.run { [bench] (caller: Caller) async throws in
            #expect(try await caller.post("/api/v1/requests/never/answer", "{}").status == 404)
            var nowhere = question("q-0")
            nowhere.headers[QuestionHeader.replyTo] = nil
            await bench.bus.deliver(nowhere, in: Self.queue)
            _ = try #require(try await receive(caller))
            #expect(try await caller.post("/api/v1/requests/q-0/answer", "{}").status == 409)
            await bench.bus.deliver(question("q-1"), in: Self.queue)
            _ = try #require(try await receive(caller))
            #expect(try await caller.post("/api/v1/requests/q-1/answer", "{\"free\":").status == 400)
            let long = "\"" + String(repeating: "x", count: 100) + "\""
            #expect(try await caller.post("/api/v1/requests/q-1/answer", long).status == 413)
            #expect(await bench.bus.published.isEmpty)
            #expect(try await caller.post("/api/v1/requests/q-1/answer", "{}").status == 202)
        }
    }

    @Test("a bus that is away costs 503, and the question can be answered again")
    func busAway() async throws {
        let bench = OperationsBench([.fail(.unavailable)])
        try await bench.run { (caller: Caller) async throws in
            await bench.bus.deliver(question("q-1"), in: Self.queue)
            _ = try #require(try await receive(caller))
            #expect(try await caller.post("/api/v1/requests/q-1/answer", "{}").status == 503)
            #expect(await bench.bus.settled.isEmpty)
            #expect(try await caller.post("/api/v1/requests/q-1/answer", "{}").status == 202)
        }
    }

    @Test("a question that is over is lent to nobody")
    func over() async throws {
        let bench = OperationsBench()
        try await bench.run { (caller: Caller) async throws in
            await bench.bus.deliver(question("q-1"), in: Self.queue)
            _ = try #require(try await receive(caller))
            // Longer than its limit and the time in which a late answer is told so.
            bench.clock.advance(by: .seconds(15))
            await bench.bus.deliver(question("q-2"), in: Self.queue)
            #expect(try await receive(caller)?["id"] == "q-2")
            while await bench.bus.settled["q-1"] == nil { await Task.yield() }
            #expect(try await caller.post("/api/v1/requests/q-1/answer", "{}").status == 404)
        }
    }
}

@Suite("Documents over HTTP", .timeLimit(.minutes(1)))
struct DocumentPutRouteTests {
    private func bench(_ steps: [ScriptedBus.Step] = []) -> OperationsBench {
        var bench = OperationsBench(steps)
        bench.routes =
            DocumentPutRoute(bus: bench.bus, queues: ["wait-times": ("hospital.wait-times", 20)]).routes
        return bench
    }

    @Test("a document goes to the queue of its source")
    func put() async throws {
        let bench = bench()
        try await bench.run { (caller: Caller) async throws in
            let reply = try await caller.send("PUT", "/api/v1/data-sources/wait-times", Array("[1.50]".utf8))
            #expect(reply.status == 202)
            let sent = try #require(await bench.bus.published.first)
            #expect(sent.destination == .queue("hospital.wait-times"))
            #expect(sent.message.body == Array("[1.50]".utf8))
            #expect(sent.message.type == .documentReplaced)
        }
    }

    @Test("what is not JSON, too long, or for no such source is refused; a bus that is away costs 503")
    func refused() async throws {
        let bench = bench([.fail(.unavailable)])
        try await bench.run { (caller: Caller) async throws in
            func put(_ name: String, _ text: String) async throws -> Int {
                try await caller.send("PUT", "/api/v1/data-sources/\(name)", Array(text.utf8)).status
            }
            #expect(try await put("wait-times", "[1") == 400)
            #expect(try await put("wait-times", "[\"0123456789012345678\"]") == 413)
            #expect(try await put("other", "[]") == 404)
            #expect(try await put("wait-times", "[]") == 503)
        }
    }
}
