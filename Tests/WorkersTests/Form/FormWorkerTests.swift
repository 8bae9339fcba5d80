// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import BridgeTestKit
import JSON
import Ocean
import Testing

@testable import Workers

@Suite("Forms that hospital systems ask for", .timeLimit(.minutes(5)))
struct FormWorkerTests {
    @Test("the link comes back as a result, under a routing key of the site")
    func created() async throws {
        let bench = FormBench()
        #expect(await bench.handle(FormBench.message("m1")) == .done)
        let result = try #require(bench.results.first)
        #expect(result.outcome == .created && result.link == "https://ocean.example/f/1" && result.patientRef == "701")
        #expect(result.forms == ["intake"] && result.externalPatientRef == "CH-1" && result.requestID == "m1")
        #expect(bench.bus.routingKeys(of: BusNames.results) == ["1234.forms.created"])
        let message = try #require(bench.bus.published(to: BusNames.results).first)
        #expect(message.id == "m1-result" && message.type == .formCreated && message.subject == "form-lane")
        #expect(message.attributes.causationID == "m1")
        #expect(bench.letters.isEmpty)
        let sent = String(decoding: bench.forms.calls.first?.body ?? [], as: UTF8.self)
        #expect(!sent.contains(FormBench.canary))
        let schema = try #require(SchemaCheck(schema: Schemas.formResult()))
        #expect(schema.faults(in: try JSONValue(parsing: message.body)) == [])
    }

    @Test("a call that may succeed later is made again with the same bytes, and told once")
    func retried() async throws {
        let bench = FormBench.answering { _, number in
            number < 3
                ? .failure(OceanServiceError(.unavailable, "HTTP 503", status: 503))
                : .success(ScriptedForms.created())
        }
        #expect(await bench.handle(FormBench.message("m1")) == .done)
        #expect(bench.forms.calls.count == 3 && Set(bench.forms.calls).count == 1)
        #expect(bench.results.map(\.outcome) == [.created])
        #expect(bench.results.first?.attempts == 3)
    }

    @Test(
        "a 2xx without a link is not asked for again, and says that the form may be there",
        arguments: ["", "{\"ref\":\"7", "[]", "{\"link\":\"\"}", "<html><body>Hi</body></html>"])
    func brokenAnswer(body: String) async throws {
        let bench = FormBench.answering { _, _ in .success(ScriptedForms.answer(body)) }
        #expect(await bench.handle(FormBench.message("m1")) == .done)
        #expect(bench.forms.calls.count == 1)
        let result = try #require(bench.results.first)
        #expect(result.outcome == .refused && result.reason == "invalid-answer")
        #expect(result.explanation?.contains("may have been created") == true)
        #expect(bench.letters == ["invalid-answer"])
        // Under the same key it can be asked for again by a person.
        #expect(await bench.handle(FormBench.message("m1")) == .done)
        #expect(bench.forms.calls.count == 2)
    }

    @Test("a 2xx that says no is a refusal")
    func refusedInside() async throws {
        let outcome = #"{"resourceType":"OperationOutcome","issue":[{"severity":"error","code":"invalid"}]}"#
        let bench = FormBench.answering { _, _ in .success(ScriptedForms.answer(outcome)) }
        await bench.handle(FormBench.message("m1"))
        #expect(bench.results.first?.reason == "refused")
        #expect(bench.results.first?.answer?["resourceType"] == "OperationOutcome")
    }

    @Test(
        "Ocean's refusals come back in words, and stand in the dead letters",
        arguments: [
            (OceanServiceError.Code.refused, 404, "sets forms.create"), (.unauthorized, 403, "siteCredential"),
            (.refused, 422, "Ocean's own answer"),
        ])
    func refused(code: OceanServiceError.Code, status: Int, words: String) async throws {
        let bench = FormBench.answering { _, _ in
            .failure(OceanServiceError(code, "HTTP \(status)", status: status, body: Array("{\"error\":\"no\"}".utf8)))
        }
        #expect(await bench.handle(FormBench.message("m1")) == .done)
        let result = try #require(bench.results.first)
        #expect(result.outcome == .refused && result.status == status)
        #expect(result.remedy?.contains(words) == true && result.explanation?.isEmpty == false)
        #expect(result.answer == ["error": "no"])
        #expect(bench.bus.routingKeys(of: BusNames.results) == ["1234.forms.refused"])
        #expect(bench.letters == [code.rawValue])
        #expect(bench.bus.published(to: BusNames.deadLetters).first?.body == FormBench.message("m1").body)
    }

    @Test("the same key again gives the same link without another call; another content is refused")
    func sameKey() async throws {
        let bench = FormBench()
        let request = FormBench.request { $0.idempotencyKey = "k-1" }
        await bench.handle(FormBench.message("m1", request))
        await bench.handle(FormBench.message("m2", request))
        #expect(bench.forms.calls.count == 1)
        #expect(bench.results.map(\.link) == ["https://ocean.example/f/1", "https://ocean.example/f/1"])
        #expect(bench.results.map(\.requestID) == ["m1", "m2"])
        let other = FormBench.request {
            $0.idempotencyKey = "k-1"
            $0.forms = ["other"]
        }
        await bench.handle(FormBench.message("m3", other))
        #expect(bench.forms.calls.count == 1)
        #expect(bench.results.last?.reason == "key-reused")
    }

    @Test("a crash after Ocean's answer: the link that was written down is told, nothing is created again")
    func crash() async throws {
        let bench = FormBench(publishing: { _, _, number in
            number == 1 ? BusError(.unknownOutcome, "connection lost") : nil
        })
        let stop = StopSignal(sleep: { _ in try await Task.sleep(for: .seconds(60)) })
        let message = FormBench.message("m1")
        let first = Task { await bench.worker.handle(delivery(message, queue: "ocean.forms.0"), stop: stop) }
        await bench.journal.wait(for: "publish failed m1-result")
        stop.trigger()
        #expect(await first.value == .abandoned)
        #expect(await bench.handle(message) == .done)
        #expect(bench.forms.calls.count == 1)
        #expect(bench.results.map(\.link) == ["https://ocean.example/f/1"])
    }

    @Test("what cannot be read is refused with its place, and kept")
    func unreadable() async throws {
        let bench = FormBench()
        var message = FormBench.message("m1")
        message.body = Array(#"{"site":"1234","forms":[],"patientRef":"1"}"#.utf8)
        #expect(await bench.handle(message) == .done)
        #expect(bench.results.first?.reason == "invalid")
        #expect(bench.results.first?.explanation?.contains("/forms") == true)
        message.body = Array("no JSON".utf8)
        await bench.handle(message)
        #expect(bench.letters == ["invalid", "not-json"])
        #expect(bench.forms.calls.isEmpty)
    }

    @Test("without a key or in a dry run nothing is sent, and the result says so")
    func notSent() async throws {
        let bench = FormBench(change: { $0.dryRuns = ["99"] })
        await bench.handle(FormBench.message("m1", FormBench.request { $0.site = "55" }))
        await bench.handle(FormBench.message("m2", FormBench.request { $0.site = "99" }))
        #expect(bench.forms.calls.isEmpty)
        #expect(bench.results.map(\.reason) == ["no-key", "dry-run"])
        #expect(bench.letters == ["no-key"])
    }

    @Test("a link that nobody listens for is kept")
    func unheard() async throws {
        let bench = FormBench(publishing: { _, destination, _ in
            if case .exchange(BusNames.results, _) = destination { BusError(.unroutable, "nobody") } else { nil }
        })
        #expect(await bench.handle(FormBench.message("m1")) == .done)
        let kept = try #require(bench.bus.published(to: BusNames.unrouted).first)
        #expect(try JSONValue(parsing: kept.body)["link"] == "https://ocean.example/f/1")
    }

    @Test("while Ocean fails for it alone the request waits in the lot, and that is told")
    func parked() async throws {
        let bench = FormBench(
            change: { $0.parkAfter = .seconds(20) },
            forms: { _, _ in .failure(OceanServiceError(.unavailable, "HTTP 503", status: 503)) })
        #expect(await bench.handle(FormBench.message("m1")) == .done)
        #expect(bench.results.map(\.outcome) == [.parked])
        #expect(bench.letters.isEmpty)
    }

    @Test("nothing of the patient reaches a log line, a header or a routing key")
    func privacy() async throws {
        let lines = LogLines()
        let bench = FormBench(
            logger: lines.logger,
            forms: { _, number in
                number == 1
                    ? .failure(OceanServiceError(.unavailable, "HTTP 503", status: 503))
                    : .failure(OceanServiceError(.refused, "HTTP 400", status: 400))
            })
        await bench.handle(FormBench.message("m1"))
        let log = lines.lines.joined(separator: "\n")
        #expect(!log.isEmpty && !log.contains(FormBench.canary) && !log.contains("CH-1"))
        for entry in bench.bus.published {
            let text = "\(entry.message.headers) \(entry.destination) \(entry.message.attributes)"
            #expect(!text.contains(FormBench.canary) && !text.contains("CH-1"))
        }
    }
}
