// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import Gateway
import JSON
import Ocean
import Testing

@Suite("Form requests over HTTP", .timeLimit(.minutes(5)))
struct FormRouteTests {
    private let path = "/api/v1/forms"
    private let body = #"{"site":"1234","forms":["intake"],"patientRef":"690","externalPatientRef":"CH-1"}"#

    @Test("a request goes to a lane that does not tell the patient, and is answered 202 with its id")
    func accepted() async throws {
        let bench = OperationsBench()
        try await bench.run { (caller: Caller) async throws in
            let reply = try await caller.post(path, body)
            #expect(reply.status == 202)
            let published = try #require(await bench.bus.published.first)
            #expect(published.destination == .exchange("ocean.forms", routingKey: "lane-1234"))
            #expect(published.message.id == reply.json["id"]?.stringValue)
            #expect(published.message.type == .formRequested)
            #expect(published.message.attributes.site == "1234")
            #expect(published.message.body == Array(body.utf8))
            #expect(published.message.trace != nil)
        }
    }

    @Test("a structured CloudEvent keeps its id and subject")
    func structured() async throws {
        let bench = OperationsBench()
        let event = #"""
            {"specversion":"1.0","id":"e-1","source":"/emr","type":"ca.ocean-bridge.form.requested",
            "subject":"lane-7","data":\#(body)}
            """#
        try await bench.run { (caller: Caller) async throws in
            let reply = try await caller.post(path, event, type: "application/cloudevents+json")
            #expect(reply.json["id"] == "e-1")
            #expect(await bench.bus.published.first?.destination == .exchange("ocean.forms", routingKey: "lane-7"))
        }
    }

    @Test(
        "what cannot be asked is refused with its place",
        arguments: [
            ("no JSON", 400, ""), (#"{"forms":["a"],"patientRef":"1"}"#, 422, "/site"),
            (#"{"site":"1","forms":[],"patientRef":"1"}"#, 422, "/forms"),
            (#"{"site":"1","forms":["a"],"patientRef":"1","colour":1}"#, 422, "/colour"),
        ])
    func refused(body: String, status: Int, pointer: String) async throws {
        let bench = OperationsBench()
        try await bench.run { (caller: Caller) async throws in
            let reply = try await caller.post(path, body)
            #expect(reply.status == status)
            #expect(reply.json["pointer"]?.stringValue ?? "" == pointer)
            #expect(await bench.bus.published.isEmpty)
        }
    }
}
