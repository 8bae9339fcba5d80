// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import Gateway
import JSON
import Testing

@Suite("Queues over HTTP", .timeLimit(.minutes(15)))
struct QueueRouteTests {
    private func message(_ id: String) -> Message {
        Message(
            id: id, source: "/ocean/x", type: .referralReceived, subject: "r-1",
            time: Timestamp(milliseconds: 1_767_225_600_000), attributes: MessageAttributes(site: "1234"),
            body: Array(#"{"a":1.50}"#.utf8))
    }

    @Test("receive, ack and nack speak structured CloudEvents and receipts")
    func roundTrip() async throws {
        let bench = OperationsBench()
        try await bench.run { (caller: Caller) async throws in
            await bench.bus.deliver(message("m-1"), in: "emr")
            let reply = try await caller.send("POST", "/api/v1/queues/emr/receive?max=5&wait=20", type: nil)
            #expect(reply.status == 200)
            let lent = try #require(reply.json["messages"]?[0])
            #expect(lent["redelivered"] == false)
            #expect(lent["message"]?["id"] == "m-1")
            #expect(lent["message"]?["specversion"] == "1.0")
            #expect(lent["message"]?["site"] == "1234")
            #expect(reply.text.contains(#""data":{"a":1.50}"#))
            let receipt = try #require(lent["receipt"]?.stringValue)
            let back = try await caller.post("/api/v1/queues/emr/nack", "{\"receipts\":[\"\(receipt)\"]}")
            #expect(back.json == ["results": [["receipt": .string(receipt), "result": "done"]]])
            let again = try await caller.send("POST", "/api/v1/queues/emr/receive?wait=20", type: nil)
            #expect(again.json["messages"]?[0]?["redelivered"] == true)
            let second = try #require(again.json["messages"]?[0]?["receipt"]?.stringValue)
            let acked = try await caller.post(
                "/api/v1/queues/emr/ack", "{\"receipts\":[\"\(second)\",\"\(receipt)\",\"\(second)\"]}")
            #expect(
                acked.json == [
                    "results": [
                        ["receipt": .string(second), "result": "done"],
                        ["receipt": .string(receipt), "result": "expired"],
                    ]
                ])
            #expect(await bench.bus.settled == ["m-1": .ack])
        }
        // The listener's end gives the queue back.
        #expect(await bench.bus.cancelled == ["emr"])
    }

    @Test("an empty queue answers an empty list")
    func empty() async throws {
        let bench = OperationsBench()
        try await bench.run { (caller: Caller) async throws in
            let reply = try await caller.send("POST", "/api/v1/queues/emr/receive", type: nil)
            #expect(reply.status == 200)
            #expect(reply.json == ["messages": []])
        }
    }

    @Test("a waiting receive does not hold up the shutdown")
    func shutdown() async throws {
        let bench = OperationsBench()
        let start = ContinuousClock.now
        let replies = AsyncStream<Int>.makeStream()
        try await bench.run { (caller: Caller) async throws in
            // Unstructured: the request must outlive this block, whose end starts the shutdown.
            Task {
                let reply = try? await caller.send("POST", "/api/v1/queues/emr/receive?wait=30", type: nil)
                replies.continuation.yield(reply?.status ?? 0)
            }
            while await bench.bus.subscribed.isEmpty { await Task.yield() }
        }
        #expect(await replies.stream.first { _ in true } == 200)
        #expect(ContinuousClock.now - start < .seconds(30), "less than the wait that was asked for")
    }

    @Test(
        "numbers out of range and names that no broker shows are refused",
        arguments: [
            "/api/v1/queues/emr/receive?max=0", "/api/v1/queues/emr/receive?max=65",
            "/api/v1/queues/emr/receive?wait=31", "/api/v1/queues/emr/receive?lease=601",
            "/api/v1/queues/emr/receive?lease=0", "/api/v1/queues/emr/receive?max=x",
            "/api/v1/queues/a%20b/receive",
        ])
    func badRequests(_ path: String) async throws {
        let bench = OperationsBench()
        try await bench.run { (caller: Caller) async throws in
            #expect(try await caller.send("POST", path, type: nil).status == 400)
        }
        #expect(await bench.bus.subscribed.isEmpty)
    }

    @Test("a queue that is not there is 404, the workers' own queues are forbidden")
    func missing() async throws {
        let bench = OperationsBench(queues: [])
        try await bench.run { (caller: Caller) async throws in
            #expect(try await caller.send("POST", "/api/v1/queues/emr/receive", type: nil).status == 404)
            for queue in ["ocean.inbound.0", "ocean.updates.7", "ocean.workers"] {
                #expect(try await caller.send("POST", "/api/v1/queues/\(queue)/receive", type: nil).status == 403)
            }
            #expect(try await caller.send("GET", "/api/v1/queues/emr", type: nil).status == 404)
        }
    }

    @Test("bodies of ack and nack are checked with the place of the fault")
    func badSettlements() async throws {
        let bench = OperationsBench()
        try await bench.run { (caller: Caller) async throws in
            let broken = try await caller.post("/api/v1/queues/emr/ack", "{")
            #expect(broken.status == 400)
            #expect(broken.json["offset"]?.intValue == 1)
            for (body, pointer) in [
                ("[]", ""), ("{}", "/receipts"), (#"{"receipts":[1]}"#, "/receipts/0"),
                (#"{"receipts":[],"requeue":1}"#, "/requeue"),
            ] {
                let reply = try await caller.post("/api/v1/queues/emr/nack", body)
                #expect(reply.status == 422)
                #expect(reply.json["pointer"]?.stringValue == pointer)
            }
        }
    }

    @Test("bindings are made to the hospital's exchanges and to results, to nothing else")
    func bindings() async throws {
        let bench = OperationsBench()
        try await bench.run { (caller: Caller) async throws in
            let path = "/api/v1/queues/emr/bindings"
            let reply = try await caller.send(
                "PUT", path,
                Array(
                    ##"{"bindings":[{"exchange":"hospital.fhir","routingKey":"#"},"##.utf8)
                    + Array(#"{"exchange":"ocean.results","routingKey":"1234.*.refused"}]}"#.utf8))
            #expect(reply.status == 204)
            #expect(
                await bench.bus.bound == [
                    ScriptedBus.Bound(queue: "emr", exchange: "hospital.fhir", routingKey: "#"),
                    ScriptedBus.Bound(queue: "emr", exchange: "ocean.results", routingKey: "1234.*.refused"),
                ])
            for (body, pointer) in [
                (#"{"bindings":[{"exchange":"ocean.inbound","routingKey":"1"}]}"#, "/bindings/0/exchange"),
                (#"{"bindings":[{"exchange":"hospital.fhir"}]}"#, "/bindings/0/routingKey"),
                (#"{"bindings":[]}"#, "/bindings"), (#"{}"#, "/bindings"),
            ] {
                let refused = try await caller.send("PUT", path, Array(body.utf8))
                #expect(refused.status == 422)
                #expect(refused.json["pointer"]?.stringValue == pointer)
            }
            let own = try await caller.send(
                "PUT", "/api/v1/queues/ocean.invalid/bindings",
                Array(##"{"bindings":[{"exchange":"hospital.fhir","routingKey":"#"}]}"##.utf8))
            #expect(own.status == 403)
            #expect(await bench.bus.bound.count == 2)
            await bench.bus.failBindings(.topologyConflict)
            let conflict = try await caller.send(
                "PUT", path, Array(##"{"bindings":[{"exchange":"hospital.fhir","routingKey":"#"}]}"##.utf8))
            #expect(conflict.status == 409)
        }
    }

    @Test("depth tells what waits")
    func depth() async throws {
        let bench = OperationsBench()
        await bench.bus.setDepth(
            QueueDepth(ready: 3, unsettled: 2, consumers: 1, oldest: Timestamp(milliseconds: 1_767_225_600_000)),
            of: "emr")
        try await bench.run { (caller: Caller) async throws in
            let reply = try await caller.send("GET", "/api/v1/queues/emr", type: nil)
            #expect(
                reply.json == [
                    "queue": "emr", "ready": 3, "unsettled": 2, "consumers": 1,
                    "oldest": "2026-01-01T00:00:00.000Z", "leased": 0,
                ])
        }
    }
}
