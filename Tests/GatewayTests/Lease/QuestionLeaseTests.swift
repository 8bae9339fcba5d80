// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import BridgeTestKit
import Gateway
import Testing

@Suite("Leases of questions", .timeLimit(.minutes(2)))
struct QuestionLeaseTests {
    private static let queue = "ocean.requests.beds"
    private let bus = ScriptedBus(queues: [Self.queue])
    private let clock = ManualClock()

    private func put(_ id: String, limit: Duration = .seconds(4)) async {
        await bus.deliver(
            Message(
                id: id, source: "/bridge/responder", type: .questionAsked, subject: nil, time: clock.now(),
                headers: [QuestionHeader.limit: .integer(limit.wholeMilliseconds)], body: [0x7B, 0x7D]),
            in: Self.queue)
    }

    private func take(_ desk: LeaseDesk, lease: Duration = .seconds(60)) async throws -> LeaseDesk.Loan {
        while true {
            let loans = try await desk.receive(from: Self.queue, maximum: 1, wait: .seconds(20), lease: lease)
            if let loan = loans.first { return loan }
        }
    }

    private func settled(_ id: String) async -> Settlement {
        while true {
            if let settlement = await bus.settled[id] { return settlement }
            await Task.yield()
        }
    }

    @Test("a question is found by its id while it is lent, and settled when it is answered")
    func finish() async throws {
        let desk = LeaseDesk(bus: bus, clock: clock)
        await put("q-1")
        let loan = try await take(desk)
        #expect(await desk.question("q-1")?.id == "q-1")
        #expect(await desk.question("q-2") == nil)
        await desk.finish("q-1")
        #expect(await bus.settled == ["q-1": .ack])
        #expect(await desk.question("q-1") == nil)
        #expect(await desk.ack([loan.receipt], in: Self.queue).map(\.result) == [.expired])
    }

    @Test("a question whose lease ran out can still be answered while somebody waits")
    func leaseOver() async throws {
        let desk = LeaseDesk(bus: bus, clock: clock)
        await put("q-1", limit: .seconds(120))
        _ = try await take(desk, lease: .seconds(1))
        clock.advance(by: .seconds(2))
        await desk.sweep()
        #expect(await desk.held(in: Self.queue).ready == 1)
        #expect(await desk.question("q-1") != nil)
        await desk.finish("q-1")
        #expect(await settled("q-1") == .ack)
        #expect(await desk.held(in: Self.queue).ready == 0)
    }

    @Test("a question that is over is neither lent nor kept; a lent one a little longer, to be told that it is late")
    func over() async throws {
        let desk = LeaseDesk(bus: bus, clock: clock)
        await put("lent")
        _ = try await take(desk)
        await put("ready")
        while await desk.held(in: Self.queue).ready < 1 { await Task.yield() }
        clock.advance(by: .seconds(5))
        await desk.sweep()
        #expect(await settled("ready") == .ack)
        #expect(await desk.held(in: Self.queue) == (1, 0))
        #expect(await desk.question("lent") != nil)
        clock.advance(by: .seconds(10))
        await desk.sweep()
        #expect(await settled("lent") == .ack)
        #expect(await desk.question("lent") == nil)
    }

    @Test("a queue of questions that nobody asks for is given up sooner than another")
    func idle() async throws {
        let desk = LeaseDesk(bus: bus, clock: clock)
        await put("q-1", limit: .seconds(120))
        let loan = try await take(desk)
        _ = await desk.ack([loan.receipt], in: Self.queue)
        clock.advance(by: .seconds(4))
        await desk.sweep()
        #expect(await bus.cancelled.isEmpty)
        clock.advance(by: .seconds(1))
        await desk.sweep()
        #expect(await bus.cancelled == [Self.queue])
    }
}
