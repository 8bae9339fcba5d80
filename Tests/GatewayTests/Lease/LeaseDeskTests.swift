// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import BridgeTestKit
import Gateway
import Testing

@Suite("Leases", .timeLimit(.minutes(15)))
struct LeaseDeskTests {
    private let bus = ScriptedBus(queues: ["q", "other"])
    private let clock = ManualClock()

    private func desk(_ change: (inout LeaseDesk.Limits) -> Void = { _ in }) -> LeaseDesk {
        var limits = LeaseDesk.Limits()
        change(&limits)
        return LeaseDesk(bus: bus, clock: clock, limits: limits)
    }

    private func put(_ ids: [String], size: Int = 2) async {
        for id in ids {
            await bus.deliver(
                Message(
                    id: id, source: "/test", type: .referralReceived, subject: id, time: clock.now(),
                    body: Array(repeating: 0x20, count: size)), in: "q")
        }
    }

    /// Asks until `count` messages have come: deliveries arrive one by one.
    private func take(
        _ count: Int, from desk: LeaseDesk, lease: Duration = .seconds(60)
    ) async throws -> [LeaseDesk.Loan] {
        var loans: [LeaseDesk.Loan] = []
        while loans.count < count {
            loans += try await desk.receive(
                from: "q", maximum: count - loans.count, wait: .seconds(20), lease: lease)
        }
        return loans
    }

    /// Waits until the desk holds `count` messages ready.
    private func waitUntilReady(_ count: Int, _ desk: LeaseDesk) async {
        while await desk.held(in: "q").ready < count { await Task.yield() }
    }

    @Test("messages are lent in order, and an ack settles them on the bus")
    func ack() async throws {
        let desk = desk()
        await put(["a", "b", "c"])
        let loans = try await take(3, from: desk)
        #expect(loans.map(\.message.id) == ["a", "b", "c"])
        #expect(loans.allSatisfy { !$0.redelivered })
        #expect(Set(loans.map(\.receipt)).count == 3)
        let results = await desk.ack(loans.map(\.receipt) + ["unknown"], in: "q")
        #expect(results.map(\.result) == [.done, .done, .done, .expired])
        #expect(await bus.settled == ["a": .ack, "b": .ack, "c": .ack])
        #expect(await desk.ack([loans[0].receipt], in: "q").map(\.result) == [.expired])
    }

    @Test("a lease that runs out puts its messages back before later ones, marked redelivered")
    func expiry() async throws {
        let desk = desk()
        await put(["a", "b", "c", "d"])
        let lost = try await take(2, from: desk, lease: .seconds(10))
        await waitUntilReady(2, desk)
        clock.advance(by: .seconds(10))
        #expect(await desk.ack([lost[0].receipt], in: "q").map(\.result) == [.expired])
        let again = try await take(4, from: desk)
        #expect(again.map(\.message.id) == ["a", "b", "c", "d"])
        #expect(again.map(\.redelivered) == [true, true, false, false])
        #expect(await desk.ack(lost.map(\.receipt), in: "q").map(\.result) == [.expired, .expired])
        #expect(await bus.settled.isEmpty)
    }

    @Test("a lease just short of its end can still be settled")
    func lastMoment() async throws {
        let desk = desk()
        await put(["a"])
        let loan = try await take(1, from: desk, lease: .seconds(10))[0]
        clock.advance(by: .milliseconds(9999))
        await desk.sweep()
        #expect(await desk.ack([loan.receipt], in: "q").map(\.result) == [.done])
    }

    @Test("a nack with requeue lends again in the old order, without requeue it gives up")
    func nack() async throws {
        let desk = desk()
        await put(["a", "b", "c"])
        let loans = try await take(2, from: desk)
        await waitUntilReady(1, desk)
        // Given back in the wrong order on purpose.
        let back = await desk.nack([loans[1].receipt, loans[0].receipt], requeue: true, in: "q")
        #expect(back.map(\.result) == [.done, .done])
        let again = try await take(3, from: desk)
        #expect(again.map(\.message.id) == ["a", "b", "c"])
        #expect(await desk.nack([again[0].receipt], requeue: false, in: "q").map(\.result) == [.done])
        #expect(await bus.settled == ["a": .nack(requeue: false)])
    }

    @Test("a bus that cannot settle now leaves the lease as it was; a stale delivery counts as expired")
    func settlementFailure() async throws {
        let desk = desk()
        await put(["a"])
        let receipt = try await take(1, from: desk)[0].receipt
        await bus.failSettlements(.unavailable)
        #expect(await desk.ack([receipt], in: "q").map(\.result) == [.failed])
        await bus.failSettlements(.stale)
        #expect(await desk.ack([receipt], in: "q").map(\.result) == [.expired])
        #expect(await desk.held(in: "q").lent == 0)
    }

    @Test("waiting ends with the first message, or with nothing when the time is over")
    func waiting() async throws {
        let desk = desk { $0.warmUp = .milliseconds(20) }
        #expect(try await desk.receive(from: "q", maximum: 5, wait: .zero, lease: .seconds(60)).isEmpty)
        let bus = bus
        let message = Message(
            id: "late", source: "/test", type: .unknown, subject: nil, time: clock.now(), body: [])
        let ids = try await withThrowingTaskGroup(of: [String].self) { group in
            group.addTask {
                try await desk.receive(from: "q", maximum: 5, wait: .seconds(30), lease: .seconds(60))
                    .map(\.message.id)
            }
            await bus.deliver(message, in: "q")
            return try await group.next() ?? []
        }
        #expect(ids == ["late"])
    }

    @Test("a queue that nobody asks for is given up, also with unlent messages, but never while something is lent")
    func idle() async throws {
        let desk = desk { $0.idle = .seconds(30) }
        await put(["a", "b"])
        let loan = try await take(1, from: desk, lease: .seconds(600))[0]
        await waitUntilReady(1, desk)
        clock.advance(by: .seconds(31))
        await desk.sweep()
        #expect(await bus.cancelled.isEmpty)
        _ = await desk.ack([loan.receipt], in: "q")
        await desk.sweep()
        #expect(await bus.cancelled == ["q"])
        #expect(await desk.held(in: "q").ready == 0)
        // Interest opens it again.
        await put(["c"])
        #expect(try await take(1, from: desk)[0].message.id == "c")
        #expect(await bus.subscribed == ["q", "q"])
    }

    @Test("a queue that is not there fails each time and leaves nothing behind")
    func missing() async throws {
        let desk = desk()
        for _ in 0..<2 {
            await #expect(throws: BusError.self) {
                _ = try await desk.receive(from: "nowhere", maximum: 1, wait: .zero, lease: .seconds(60))
            }
        }
    }

    @Test("a batch stops at its size, yet one large message is handed out")
    func batchSize() async throws {
        let desk = desk { $0.batchBytes = 100 }
        await put(["a", "b", "c"], size: 60)
        #expect(try await take(1, from: desk).count == 1)
        await waitUntilReady(2, desk)
        #expect(try await desk.receive(from: "q", maximum: 10, wait: .zero, lease: .seconds(60)).count == 1)
        await put(["huge"], size: 1000)
        await waitUntilReady(2, desk)
        #expect(try await desk.receive(from: "q", maximum: 10, wait: .zero, lease: .seconds(60)).count == 1)
        #expect(
            try await desk.receive(from: "q", maximum: 10, wait: .zero, lease: .seconds(60)).map(\.message.id)
                == ["huge"])
    }

    @Test("a shutdown ends waits at once and gives everything back")
    func shutdown() async throws {
        let desk = desk { $0.warmUp = .zero }
        await put(["a"])
        _ = try await take(1, from: desk)
        try await withThrowingTaskGroup(of: Int.self) { group in
            group.addTask {
                try await desk.receive(from: "q", maximum: 1, wait: .seconds(30), lease: .seconds(60)).count
            }
            await desk.shutdown()
            let count = try await group.next()
            #expect(count == 0)
        }
        #expect(await bus.cancelled == ["q"])
        #expect(await bus.settled.isEmpty)
    }

    @Test("many callers at once are lent every message exactly once")
    func concurrency() async throws {
        let desk = desk { $0.prefetch = 500 }
        let names = (0..<300).map { "m-\($0)" }
        let bus = bus
        await put(Array(names.prefix(150)))
        let taken = try await withThrowingTaskGroup(of: [String].self) { group in
            for _ in 0..<8 {
                group.addTask {
                    var mine: [String] = []
                    while await bus.settled.count < names.count {
                        let loans = try await desk.receive(
                            from: "q", maximum: 7, wait: .milliseconds(20), lease: .seconds(60))
                        mine += loans.map(\.message.id)
                        let results = await desk.ack(loans.map(\.receipt), in: "q")
                        #expect(results.allSatisfy { $0.result == .done })
                    }
                    return mine
                }
            }
            await put(Array(names.dropFirst(150)))
            var all: [String] = []
            for try await part in group { all += part }
            return all
        }
        #expect(taken.count == 300)
        #expect(Set(taken) == Set(names))
    }
}
