// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import Gateway
import HTTPTypes
import JSON
import Synchronization
import Testing

@Suite("Dead letters over HTTP", .timeLimit(.minutes(15)))
struct DeadLetterRouteTests {
    private final class Desk: Sendable {
        private let seen = Mutex<[DeadLetterRequest]>([])

        var requests: [DeadLetterRequest] { seen.withLock { $0 } }

        func handle(_ request: DeadLetterRequest) async -> Answer {
            seen.withLock { $0.append(request) }
            return .json(["ok": true])
        }
    }

    private static func run(_ body: @escaping @Sendable (Caller, Desk) async throws -> Void) async throws {
        let desk = Desk()
        var bench = OperationsBench()
        bench.routes = DeadLetterRoutes(desk.handle).routes
        try await bench.run { caller in try await body(caller, desk) }
    }

    @Test("queries and bodies arrive as they were asked")
    func requests() async throws {
        try await Self.run { caller, desk async throws in
            let base = "/api/v1/dead-letters"
            #expect(try await caller.send("GET", base, type: nil).status == 200)
            #expect(
                try await caller.send("GET", base + "?lane=ocean.invalid&cause=not-json&letters=5", type: nil).status
                    == 200)
            #expect(try await caller.send("GET", base + "/m%2D1%23ab12", type: nil).status == 200)
            #expect(
                try await caller.send("GET", base + "/a/b?body=true&actor=ada&reason=asked+by+the+clinic", type: nil)
                    .status == 200)
            let replay = try await caller.post(
                base + "/replay", #"{"ids":["m-1","m-2"],"actor":"ada","reason":"mended","dryRun":true}"#)
            #expect(replay.status == 200)
            let discard = try await caller.post(
                base + "/discard", #"{"lane":"ocean.invalid","cause":"not-json","stage":"ingress","reason":"noise"}"#)
            #expect(discard.status == 200)

            var expected = [DeadLetterRequest(.list), DeadLetterRequest(.list)]
            expected[1].lane = "ocean.invalid"
            expected[1].cause = "not-json"
            expected[1].letters = 5
            var show = DeadLetterRequest(.show)
            show.ids = ["m-1#ab12"]
            var open = DeadLetterRequest(.show)
            open.ids = ["a/b"]
            open.body = true
            open.actor = "ada"
            open.reason = "asked by the clinic"
            var again = DeadLetterRequest(.replay)
            again.ids = ["m-1", "m-2"]
            again.actor = "ada"
            again.reason = "mended"
            again.dryRun = true
            var away = DeadLetterRequest(.discard)
            away.lane = "ocean.invalid"
            away.cause = "not-json"
            away.stage = "ingress"
            away.reason = "noise"
            #expect(desk.requests == expected + [show, open, again, away])
        }
    }

    @Test(
        "what is not in order is refused and reaches nobody",
        arguments: [
            ("replay", "{}", 422), ("discard", "{}", 422), ("replay", #"{"ids":"m-1"}"#, 422),
            ("replay", #"{"ids":[1]}"#, 422), ("replay", #"{"ids":[""]}"#, 422), ("replay", #"{"id":["m-1"]}"#, 422),
            ("replay", #"{"ids":["m-1"],"dryRun":"yes"}"#, 422), ("replay", "[]", 422), ("replay", "{", 400),
            ("discard", #"{"ids":["m-1"],"reason":"a\nb"}"#, 422),
        ])
    func refused(_ action: String, _ body: String, _ status: Int) async throws {
        try await Self.run { caller, desk async throws in
            #expect(try await caller.post("/api/v1/dead-letters/" + action, body).status == status)
            #expect(desk.requests.isEmpty)
        }
    }

    @Test(
        "a broken query is refused",
        arguments: ["?letters=x", "?letters=-1", "?letters=1001", "?lane=a&lane=b", "/x?body=1"])
    func badQuery(_ query: String) async throws {
        try await Self.run { caller, desk async throws in
            let status = try await caller.send("GET", "/api/v1/dead-letters" + query, type: nil).status
            #expect([400, 422].contains(status))
            #expect(desk.requests.isEmpty)
        }
    }
}
