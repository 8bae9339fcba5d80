// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import JSON
import Ocean
import Testing

@testable import Workers

@Suite("A message with several changes", .timeLimit(.minutes(15)))
struct PublisherChangesTests {
    /// Accept, then tell the referrer, then complete.
    private func message(_ id: String = "u1") -> Message {
        let body = """
            {"resourceType":"Bundle","type":"message","entry":[{"resource":{"resourceType":"MessageHeader","eventCoding":
            {"code":"notify-update-process-request"},"focus":[{"reference":"Task/a"},{"reference":"Communication/b"},
            {"reference":"Task/c"}]}},{"resource":{"resourceType":"Task","id":"a","status":"accepted"}},
            {"resource":{"resourceType":"Communication","id":"b","payload":[{"contentString":"\(canary)"}]}},
            {"resource":{"resourceType":"Task","id":"c","status":"completed"}}]}
            """
        return Message(
            id: id, source: "/hospital", type: .updateRequested, subject: "ref-1",
            time: Timestamp(milliseconds: 1_767_225_600_000), attributes: MessageAttributes(site: "1234"),
            trace: TraceContext.root(), body: Array(body.utf8))
    }

    private func bench(
        store: @escaping ScriptedStore.Script = { _, _ in nil },
        publishing: @escaping ScriptedBus.Script = { _, _, _ in nil },
        ocean: @escaping ScriptedOcean.Script = { _, _ in nil }
    ) -> PublisherBench {
        PublisherBench(store: store, publishing: publishing, reader: OceanUpdateReader(), ocean: ocean)
    }

    private let parts = ["task-1", "communication-2", "task-3"]

    @Test("each is told in order under an id of its own, with a result of its own")
    func order() async throws {
        let bench = bench()
        #expect(await bench.handle(message()) == .done)
        let bodies = bench.ocean.calls.map { String(decoding: $0.body, as: UTF8.self) }
        #expect(bodies == parts.map { "0.11.1|ref-1|u1.\($0)" })
        let results = try bench.results()
        #expect(results.map(\.outcome) == [.delivered, .delivered, .delivered])
        #expect(results.map(\.part) == parts)
        #expect(results.map(\.action) == [.accept, .message, .complete])
        #expect(Set(results.map(\.updateID)) == ["u1"])
        let published = bench.bus.published(to: "ocean.results")
        #expect(published.map(\.id) == parts.map { "u1.\($0)-result" })
        #expect(Set(published.compactMap(\.attributes.causationID)) == ["u1"])
    }

    @Test("redelivered, nothing is told twice")
    func duplicate() async throws {
        let bench = bench()
        await bench.handle(message())
        await bench.handle(message())
        #expect(bench.ocean.calls.count == 3)
        #expect(try bench.results().count == 3)
    }

    @Test("after a crash between two of them the first is not told again, though its referral shows it by then")
    func crash() async throws {
        let bench = bench(publishing: { message, _, number in
            message.id == "u1.communication-2-result" && number < 3 ? BusError(.unavailable, "down") : nil
        })
        let stop = StopSignal(sleep: { _ in try await Task.sleep(for: .seconds(60)) })
        let publisher = bench.publisher
        let message = message()
        let first = Task { await publisher.handle(delivery(message, queue: "ocean.updates.0"), stop: stop) }
        await bench.journal.wait(for: "publish failed u1.communication-2-result")
        stop.trigger()
        #expect(await first.value == .abandoned)
        #expect(await bench.handle(message) == .done)
        let bodies = bench.ocean.calls.map { String(decoding: $0.body, as: UTF8.self) }
        // The second was told, and what Ocean said was written down before its result went out.
        #expect(bodies == parts.map { "0.11.1|ref-1|u1.\($0)" })
        #expect(try bench.results().compactMap(\.part) == parts)
    }

    @Test("one that Ocean refuses does not hold up the next; its dead letter holds that change alone")
    func refused() async throws {
        let bench = bench(ocean: { _, number in number == 2 ? ScriptedOcean.refused(422) : nil })
        #expect(await bench.handle(message()) == .done)
        #expect(try bench.results().map(\.outcome) == [.delivered, .refused, .delivered])
        let letters = bench.bus.published(to: "ocean.dead-letters")
        #expect(letters.map(\.id) == ["u1.communication-2"])
        let letter = try #require(letters.first)
        let left = try OceanUpdateReader().read(letter).changes(since: nil)
        #expect(left.map(\.update.action) == [.message] && left.first?.update.text == canary)
    }

    @Test("what Ocean shows already is not sent, and a result says so")
    func known() async throws {
        let bench = bench()
        bench.store.put(
            ReferralRecord(
                reference: "ref-1", site: "1234", status: "booked", sourceTime: Timestamp(milliseconds: 0)))
        var message = message()
        message.body = Array(#"{"resourceType":"Task","status":"in-progress"}"#.utf8)
        #expect(await bench.handle(message) == .done)
        #expect(bench.ocean.calls.isEmpty)
        let result = try #require(try bench.results().first)
        #expect(result.outcome == .delivered && result.explanation?.contains("already") == true)
        #expect(bench.bus.published(to: "ocean.dead-letters").isEmpty)
    }

    @Test("what was asked for before the crash is finished, though the referral shows it afterwards")
    func finished() async throws {
        let bench = bench(publishing: { message, _, number in number < 2 ? BusError(.unavailable, "down") : nil })
        var message = message()
        message.body = Array(#"{"referralRef":"ref-1","status":"ACCEPTED"}"#.utf8)
        let stop = StopSignal(sleep: { _ in try await Task.sleep(for: .seconds(60)) })
        let publisher = bench.publisher
        let accepted = message
        let first = Task { await publisher.handle(delivery(accepted, queue: "ocean.updates.0"), stop: stop) }
        await bench.journal.wait(for: "publish failed u1.status-result")
        stop.trigger()
        #expect(await first.value == .abandoned)
        #expect(bench.store.record("ref-1")?.status == "accepted")
        #expect(await bench.handle(message) == .done)
        #expect(try bench.results().map(\.part) == ["status"])
        #expect(bench.ocean.calls.count == 1)
    }

    @Test("a refused update corrected under the same key is sent")
    func correctedKey() async throws {
        let bench = PublisherBench()
        await bench.handle(Update.message("u1", action: .redirect, key: "k"))
        await bench.handle(Update.message("u2", action: .accept, key: "k"))
        #expect(try bench.results().map(\.outcome) == [.refused, .delivered])
    }
}
