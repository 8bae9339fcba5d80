// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import BridgeTestKit
import Gateway
import JSON
import Telemetry
import Testing

@Suite("Webhooks", .timeLimit(.minutes(15)))
struct WebhookTests {
    private let sample = #"{"ref":"r-1","site":"1234"}"#

    @Test("a message is published under its referral and answered 202 with its id")
    func accepted() async throws {
        let bench = PublicBench()
        try await bench.run { (caller: Caller) async throws in
            let reply = try await caller.post(
                "/ocean/open", #"{"ref":"r-1","site":"1234","time":"2026-01-02T03:04:05Z"}"#,
                headers: [("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")])
            #expect(reply.status == 202)
            #expect(reply.json["status"] == "accepted")
            let published = try #require(await bench.bus.published.first)
            #expect(published.destination == .exchange("ocean.inbound", routingKey: "r-1"))
            let message = published.message
            #expect(reply.json["id"]?.stringValue == message.id)
            #expect(message.source == "/ocean/open")
            #expect(message.type == .referralReceived)
            #expect(message.subject == "r-1")
            #expect(message.time == Timestamp("2026-01-02T03:04:05Z"))
            #expect(message.attributes.integration == "open")
            #expect(message.attributes.site == "1234")
            #expect(message.trace?.traceID == "0af7651916cd43dd8448eb211c80319c")
            #expect(message.trace?.spanID != "b7ad6b7169203331")
            #expect(message.dataSchema?.isEmpty == false)
            let body = try JSONValue(parsing: message.body)
            #expect(body["original"]?["body"]?.stringValue?.contains("2026-01-02") == true)
        }
    }

    @Test("a message without time or trace gets the clock's time and a new trace")
    func defaults() async throws {
        let bench = PublicBench()
        try await bench.run { (caller: Caller) async throws in
            _ = try await caller.post("/ocean/any-site", #"{"ref":"r-1"}"#)
            let message = try #require(await bench.bus.published.first?.message)
            #expect(message.time == bench.clock.now())
            #expect(message.trace != nil)
            #expect(message.attributes.site == nil)
        }
    }

    @Test("a body without a site takes the integration's, one of another site is refused")
    func site() async throws {
        let bench = PublicBench()
        try await bench.run { (caller: Caller) async throws in
            #expect(try await caller.post("/ocean/open", #"{"ref":"r-1"}"#).status == 202)
            #expect(await bench.bus.published.first?.message.attributes.site == "1234")
            let foreign = try await caller.post("/ocean/open", #"{"ref":"r-1","site":"9999"}"#)
            #expect(foreign.status == 403)
            #expect(foreign.header("content-type") == "application/problem+json")
            let engagement = try await caller.post("/ocean/open", #"{"ref":"r-1","engagementSite":"9999"}"#)
            #expect(engagement.status == 403)
            #expect(await bench.bus.published.count == 1)
        }
    }

    @Test("an integration that the settings do not name is not found")
    func unknownIntegration() async throws {
        let bench = PublicBench()
        try await bench.run { (caller: Caller) async throws in
            let reply = try await caller.post("/ocean/nobody", sample)
            #expect(reply.status == 404)
            #expect(reply.json["status"]?.intValue == 404)
            let challenge = try await caller.post("/ocean/nobody", #"{"challenge":"c"}"#)
            #expect(challenge.status == 404)
        }
        #expect(await bench.metrics.text().contains(#"integration="unknown",status="404""#))
    }

    @Test(
        "JSON and FHIR JSON are taken with any parameters and spelling",
        arguments: [
            "application/json", "application/fhir+json", "APPLICATION/JSON; Charset=UTF-8",
            "application/fhir+json;charset=iso-8859-1;fhirVersion=4.0",
        ])
    func mediaTypes(_ type: String) async throws {
        let bench = PublicBench()
        try await bench.run { (caller: Caller) async throws in
            #expect(try await caller.post("/ocean/open", sample, type: type).status == 202)
        }
    }

    @Test("other media types and content encodings are refused", arguments: ["text/plain", "application/xml", ""])
    func unsupportedMediaTypes(_ type: String) async throws {
        let bench = PublicBench()
        try await bench.run { (caller: Caller) async throws in
            let reply = try await caller.post("/ocean/open", sample, type: type.isEmpty ? nil : type)
            #expect(reply.status == 415)
            #expect(reply.header("accept")?.contains("application/fhir+json") == true)
            let encoded = try await caller.post("/ocean/open", sample, headers: [("content-encoding", "gzip")])
            #expect(encoded.status == 415)
        }
    }

    @Test("a body that is not JSON is answered 400 with the place")
    func notJSON() async throws {
        let bench = PublicBench()
        try await bench.run { (caller: Caller) async throws in
            let reply = try await caller.post("/ocean/open", "{\"ref\":\n  oops}")
            #expect(reply.status == 400)
            #expect(reply.json["line"]?.intValue == 2)
            #expect(reply.json["column"]?.intValue == 3)
            #expect(reply.json["offset"]?.intValue == 10)
            #expect(try await caller.post("/ocean/open", "").status == 400)
            #expect(await bench.bus.published.isEmpty)
        }
    }

    @Test("JSON that is not understood is kept byte for byte on the invalid lane and answered 202")
    func notUnderstood() async throws {
        let bench = PublicBench()
        let body = "{ \"something\" : 1.50 }"
        try await bench.run { (caller: Caller) async throws in
            let reply = try await caller.post("/ocean/open", body, type: "application/fhir+json; charset=utf-8")
            #expect(reply.status == 202)
            let published = try #require(await bench.bus.published.first)
            #expect(published.destination == .queue("ocean.invalid"))
            #expect(published.message.body == Array(body.utf8))
            #expect(published.message.contentType == "application/fhir+json; charset=utf-8")
            #expect(published.message.headers["x-reason"] == .string("unknown-format"))
            #expect(published.message.headers["x-stage"] == .string("ingress"))
            #expect(published.message.type == .unknown)
            #expect(published.message.id == reply.json["id"]?.stringValue)
        }
    }

    @Test(
        "what the grammar allows and the reader refuses is kept, not answered 400",
        arguments: [#"{"ref":"a","ref":"b"}"#, #"{"ref":"\ud800"}"#, "\u{FEFF}{}"])
    func refusedJSON(_ body: String) async throws {
        let bench = PublicBench()
        try await bench.run { (caller: Caller) async throws in
            #expect(try await caller.post("/ocean/open", body).status == 202)
            #expect(await bench.bus.published.first?.destination == .queue("ocean.invalid"))
            #expect(await bench.bus.published.first?.message.body == Array(body.utf8))
        }
    }

    @Test("a reference that cannot be a routing key is kept on the invalid lane", arguments: [0, 256])
    func unusableReference(_ length: Int) async throws {
        let bench = PublicBench()
        try await bench.run { (caller: Caller) async throws in
            let reference = String(repeating: "x", count: length)
            #expect(try await caller.post("/ocean/open", "{\"ref\":\"\(reference)\"}").status == 202)
            #expect(await bench.bus.published.first?.destination == .queue("ocean.invalid"))
        }
    }

    @Test("a challenge is echoed and never published, with or without credentials")
    func challenge() async throws {
        let bench = PublicBench()
        try await bench.run { (caller: Caller) async throws in
            for name in ["open", "basic", "oauth"] {
                let reply = try await caller.post("/ocean/\(name)", #"{"challenge":"a\"<b>é"}"#)
                #expect(reply.status == 200)
                #expect(reply.json == ["challenge": "a\"<b>é"])
                #expect(reply.header("content-type") == "application/json")
            }
            #expect(await bench.bus.published.isEmpty)
        }
    }

    @Test(
        "a bus that does not take the message is answered 503 with Retry-After",
        arguments: [
            BusError.Code.unavailable, .blocked, .unknownOutcome, .unroutable, .refused, .tooLarge, .stale,
            .topologyConflict, .accessRefused, .notFound, .closed,
        ])
    func busFailure(_ code: BusError.Code) async throws {
        let bench = PublicBench([.fail(code), .fail(code)])
        try await bench.run { (caller: Caller) async throws in
            for body in [sample, #"{"strange":true}"#] {
                let reply = try await caller.post("/ocean/open", body)
                #expect(reply.status == 503)
                let seconds = reply.header("retry-after").flatMap { Int($0) }
                #expect((5...30).contains(try #require(seconds)))
            }
            #expect(await bench.bus.published.isEmpty)
            // The third attempt is Ocean's own retry.
            #expect(try await caller.post("/ocean/open", sample).status == 202)
        }
    }

    @Test("other methods and paths are answered as problems")
    func methodsAndPaths() async throws {
        let bench = PublicBench()
        try await bench.run { (caller: Caller) async throws in
            let get = try await caller.send("GET", "/ocean/open", type: nil)
            #expect(get.status == 405)
            #expect(get.header("allow") == "POST")
            #expect(get.header("content-type") == "application/problem+json")
            let nowhere = try await caller.send("GET", "/nowhere", type: nil)
            #expect(nowhere.status == 404)
            #expect(nowhere.json["type"] == "about:blank")
            #expect(try await caller.send("GET", "/oauth2/token", type: nil).status == 405)
            #expect(try await caller.post("/ocean/open/", sample).status == 202)
            #expect(try await caller.post("/ocean/../ocean/open", sample).status == 404)
        }
    }

    @Test("many callers at once each get their own id")
    func concurrency() async throws {
        let bench = PublicBench()
        try await bench.run { (caller: Caller) async throws in
            let ids = try await withThrowingTaskGroup(of: String?.self) { group in
                for number in 0..<200 {
                    group.addTask {
                        try await caller.post("/ocean/open", "{\"ref\":\"r-\(number)\"}").json["id"]?.stringValue
                    }
                }
                var ids: Set<String> = []
                for try await id in group { ids.insert(try #require(id)) }
                return ids
            }
            #expect(ids.count == 200)
            #expect(Set(await bench.bus.published.map(\.message.id)) == ids)
        }
        #expect(await bench.metrics.text().contains(#"requests_total{integration="open",status="202"} 200"#))
    }
}
