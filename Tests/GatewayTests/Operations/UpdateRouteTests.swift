// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import Gateway
import JSON
import Ocean
import Testing

@Suite("Updates over HTTP", .timeLimit(.minutes(15)))
struct UpdateRouteTests {
    private let path = "/api/v1/updates"

    @Test("a canonical update goes to its referral's partition and is answered 202 with its id")
    func canonical() async throws {
        let bench = OperationsBench()
        let body = #"{"referral":"r-1","site":"1234","action":"accept"}"#
        try await bench.run { (caller: Caller) async throws in
            let reply = try await caller.post(path, body)
            #expect(reply.status == 202)
            let published = try #require(await bench.bus.published.first)
            #expect(published.destination == .exchange("ocean.updates", routingKey: "r-1"))
            #expect(published.message.id == reply.json["id"]?.stringValue)
            #expect(published.message.type == .updateRequested)
            #expect(published.message.subject == "r-1")
            #expect(published.message.body == Array(body.utf8))
            #expect(published.message.trace != nil)
        }
    }

    @Test(
        "headers name the referral of any body",
        arguments: ["ce-subject", "CE-Subject", "cloudEvents_subject", "cloudevents_subject"])
    func headers(_ name: String) async throws {
        let bench = OperationsBench()
        try await bench.run { (caller: Caller) async throws in
            let reply = try await caller.post(
                path, #"{"resourceType":"Task"}"#, type: "application/fhir+json",
                headers: [(name, "r-7"), ("ce-id", "mine"), ("ce-site", "1234")])
            #expect(reply.status == 202)
            let published = try #require(await bench.bus.published.first)
            #expect(published.destination == .exchange("ocean.updates", routingKey: "r-7"))
            #expect(published.message.id == "mine")
            #expect(published.message.attributes.site == "1234")
            #expect(published.message.contentType == "application/fhir+json")
        }
    }

    @Test("a structured CloudEvent is taken apart")
    func structured() async throws {
        let bench = OperationsBench()
        let event = #"""
            {"specversion":"1.0","id":"e-1","source":"/emr","type":"ca.ocean-bridge.update.requested",
            "subject":"r-9","data":{"referral":"r-9","action":"accept"}}
            """#
        try await bench.run { (caller: Caller) async throws in
            let reply = try await caller.post(path, event, type: "application/cloudevents+json; charset=utf-8")
            #expect(reply.status == 202)
            #expect(reply.json["id"] == "e-1")
            let message = try #require(await bench.bus.published.first?.message)
            #expect(message.source == "/emr")
            #expect(message.body == Array(#"{"referral":"r-9","action":"accept"}"#.utf8))
        }
    }

    @Test("Ocean's own JSON names the referral its own way")
    func oceanJSON() async throws {
        let bench = OperationsBench()
        try await bench.run { (caller: Caller) async throws in
            #expect(try await caller.post(path, #"{"referralRef":"r-3"}"#).status == 202)
            #expect(await bench.bus.published.first?.message.subject == "r-3")
        }
    }

    @Test("a reader finds the referral where no plain member names it")
    func reader() async throws {
        struct Reader: UpdateReader {
            func read(_ message: Message) throws(TranslationError) -> UpdateRequest {
                guard message.body.count < 30 else {
                    throw TranslationError(.noReference, at: "/focus", "names no referral")
                }
                return UpdateRequest(ReferralUpdate(referral: "found", site: "1234", action: .accept))
            }
        }
        var plan = OperationsBench()
        plan.updateReader = Reader()
        let bench = plan
        let bus = bench.bus
        try await bench.run { (caller: Caller) async throws in
            #expect(try await caller.post(path, #"{"resourceType":"Task"}"#).status == 202)
            #expect(await bus.published.first?.message.subject == "found")
            let lost = try await caller.post(path, #"{"resourceType":"Task","status":"accepted"}"#)
            #expect(lost.status == 422)
            #expect(lost.json["pointer"] == "/focus")
        }
    }

    struct Refusal: Sendable, CustomTestStringConvertible {
        let body: String
        var type = "application/json"
        var headers: [(String, String)] = []
        let status: Int
        var pointer: String?
        var testDescription: String { body.prefix(60) + " \(status)" }
    }

    static let refusals: [Refusal] = [
        Refusal(body: "", status: 400), Refusal(body: "{", status: 400),
        Refusal(body: "{}", status: 422, pointer: "/referral"),
        Refusal(body: #"{"referral":null}"#, status: 422, pointer: "/referral"),
        Refusal(body: #"{"referral":7}"#, status: 422, pointer: "/referral"),
        Refusal(body: #"{"referral":""}"#, status: 422, pointer: "/referral"),
        Refusal(body: #"{"referral":"a b"}"#, status: 422, pointer: "/referral"),
        Refusal(
            body: "{\"referral\":\"" + String(repeating: "r", count: 256) + "\"}", status: 422,
            pointer: "/referral"),
        Refusal(body: "[]", status: 422, pointer: ""),
        Refusal(
            body: #"{"referral":"a"}"#, headers: [("ce-subject", "b")], status: 422, pointer: "/referral"),
        Refusal(body: "{", headers: [("ce-subject", "b")], status: 400),
        Refusal(body: "[]", type: "application/cloudevents+json", status: 400, pointer: ""),
        Refusal(
            body: #"{"specversion":"1.0","source":"/x","type":"t"}"#, type: "application/cloudevents+json",
            status: 400, pointer: "/id"),
    ]

    @Test("an update that cannot be placed is refused with the place", arguments: refusals)
    func refusal(_ sample: Refusal) async throws {
        let bench = OperationsBench()
        try await bench.run { (caller: Caller) async throws in
            let reply = try await caller.post(path, sample.body, type: sample.type, headers: sample.headers)
            #expect(reply.status == sample.status)
            #expect(reply.header("content-type") == "application/problem+json")
            #expect(reply.json["pointer"]?.stringValue == sample.pointer)
            #expect(await bench.bus.published.isEmpty)
        }
    }

    @Test("what the bus does not take is not answered 202")
    func busFailure() async throws {
        let bench = OperationsBench([.fail(.unavailable), .fail(.tooLarge), .fail(.unroutable), .hang])
        try await bench.run { (caller: Caller) async throws in
            for status in [503, 413, 503, 503] {
                let reply = try await caller.post(path, #"{"referral":"r-1"}"#)
                #expect(reply.status == status)
                #expect((reply.header("retry-after") != nil) == (status == 503))
            }
            await bench.bus.release()
        }
    }
}
