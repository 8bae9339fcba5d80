// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import Logging
import Synchronization
import Testing

@testable import RabbitMQ

@Suite("The journal of the broker connections")
struct BusJournalTests {
    private final class Time: Sendable {
        private let value = Mutex<Int64>(1)
        var now: Int64 { value.withLock { $0 } }
        func pass(seconds: Int64) { value.withLock { $0 += seconds * 1_000_000_000 } }
    }

    private static let failure = BrokerFailure(cause: .network, text: "connection closed")

    @Test("an outage of many connections is one line when it begins and one when it is over")
    func outage() {
        let (seen, time) = (Observation(), Time())
        let journal = BusJournal(metrics: seen.metrics, logger: seen.logger, now: { time.now })
        let roles = [BusJournal.Role.publisher] + (0..<16).map { BusJournal.Role.consumer(queue: "q\($0)") }
        for role in roles { journal.lost(role, host: "h:1", Self.failure) }
        for _ in 0..<100 {
            for role in roles { journal.failed(role, BusError(.unavailable, "broker h:1: refused")) }
            time.pass(seconds: 1)
        }
        #expect(
            seen.warnings.map(\.text) == [
                "broker connection lost; connecting again", "broker cannot be used; trying again",
            ])
        for role in roles { journal.connected(role, host: "h:1") }
        let back = seen.lines.filter { $0.text == "broker connections are back" }
        #expect(back.count == 1)
        #expect(back.first?.fields["seconds"] == "100")
        #expect(back.first?.fields["attempts"] == "1700")
        #expect(seen.count("connections_lost") == 17)
        #expect(seen.count("reconnects") == 17)
    }

    @Test("a connection that flaps is told of once a minute, and what lasts every ten minutes")
    func repetition() {
        let (seen, time) = (Observation(), Time())
        let journal = BusJournal(metrics: seen.metrics, logger: seen.logger, now: { time.now })
        for _ in 0..<120 {
            journal.lost(.publisher, host: "h:1", Self.failure)
            journal.connected(.publisher, host: "h:1")
            time.pass(seconds: 1)
        }
        #expect(seen.warnings.count == 2)
        #expect(seen.lines.count == 4)
        for _ in 0..<1800 {
            journal.failed(.publisher, BusError(.accessRefused, "broker h:1: no"))
            time.pass(seconds: 1)
        }
        #expect(seen.warnings.count == 5)
        #expect(seen.warnings.last?.level == .error)
    }

    @Test("a broker with a new text each time fills no disk")
    func invention() {
        let (seen, time) = (Observation(), Time())
        let journal = BusJournal(metrics: seen.metrics, logger: seen.logger, now: { time.now })
        for number in 0..<10_000 {
            journal.failed(.publisher, BusError(.unavailable, "broker h:1: reason \(number)"))
        }
        #expect(seen.warnings.count == BusJournal.distinctLimit)
        time.pass(seconds: 601)
        journal.failed(.publisher, BusError(.unavailable, "broker h:1: reason 10000"))
        #expect(seen.warnings.count == BusJournal.distinctLimit + 1)
    }
}
