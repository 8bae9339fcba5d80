// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import BridgeTestKit
import Gateway
import JSON
import Launch
import Telemetry
import Testing

@Suite("The launch address", .timeLimit(.minutes(5)))
struct LaunchLandingTests {
    @Test("a launch is on the bus before the browser is sent on, with nothing kept on the way")
    func redirect() async throws {
        let gate = LaunchGate()
        let reply = try await gate.run { (caller: Caller) async throws in
            try await caller.send(
                "GET", "/launch/booking?referralRef=ref-canary-1&lang=fr&patient=Canary", type: nil,
                headers: [("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")])
        }
        #expect(reply.status == 303)
        let location = try #require(reply.header("location"))
        #expect(location.hasPrefix("https://booking.example/start?l=fr&handle="))
        #expect(!location.contains("canary"))
        #expect(reply.header("cache-control") == "no-store")
        #expect(reply.header("referrer-policy") == "no-referrer")
        #expect(reply.header("x-content-type-options") == "nosniff")
        #expect(reply.header("content-security-policy")?.contains("frame-ancestors 'none'") == true)
        #expect(reply.header("set-cookie") == nil)
        let published = try #require(await gate.bus.published.first)
        #expect(
            published.destination == .exchange("hospital.canonical", routingKey: "1234.CARDIOLOGY.launch-requested"))
        #expect(published.message.subject == "ref-canary-1")
        #expect(published.message.trace?.traceID == "0af7651916cd43dd8448eb211c80319c")
        let data = try JSONValue(parsing: published.message.body)
        #expect(data["parameters"] == ["lang": "fr"])
    }

    @Test("in a frame, the page may be held by Ocean alone and holds the application alone")
    func frame() async throws {
        let reply = try await LaunchGate().run { (caller: Caller) async throws in
            try await caller.send("GET", "/launch/framed?lang=%22%3E%3Cscript%3E", type: nil)
        }
        #expect(reply.status == 200)
        #expect(reply.header("content-type") == "text/html; charset=utf-8")
        #expect(reply.header("location") == nil)
        let policy = try #require(reply.header("content-security-policy"))
        #expect(policy.contains("frame-ancestors \(LaunchGate.ocean)"))
        #expect(policy.contains("frame-src https://framed.example;"))
        #expect(reply.header("x-frame-options") == nil)
        #expect(reply.text.contains(#"<iframe src="https://framed.example/start?l=%22%3E%3Cscript%3E&amp;handle="#))
        #expect(reply.text.contains("Booking &lt;framed&gt; – Invented &amp; Hospital"))
        #expect(!reply.text.contains("<script"))
        #expect(reply.header("cache-control") == "no-store")
        #expect(reply.header("referrer-policy") == "no-referrer")
    }

    @Test(
        "hostile parameters change neither status nor target: what is not usable is dropped",
        arguments: [
            "lang=%0d%0aSet-Cookie:%20a=b", "lang=%0d%0aLocation:%20https://evil.example", "next=https://evil.example",
            "next=//evil.example", "next=%2F%5Cevil.example", "next=javascript:alert(1)", "next=%40evil.example",
            "lang=a&lang=b", "lang=%", "lang=%zz&next=%2", "lang=%FF", "lang=%00", "lang=%E2%80%AE",
            "lang=%C0%AE%C0%AE%2F",
            "lang=fr%26handle=forged%23", "handle=forged", "url=https://evil.example",
            "redirect_uri=https://evil.example",
            "lang[]=1&lang[0]=2", "%6c%61%6e%67=x", "l=1&n=2&h=3", "referralRef=a&referralRef=b",
            "referralRef='%20OR%201=1--",
            "siteNum=../../x", "externalServiceId=*.%23", "ref=ref-canary-1%00", "=", "&&&&", "", "lang=fr#fragment",
            "lang=\"><script>", "?lang=fr?", "lang=a;next=b", "lang={handle}", "%E9%A6%AC=%F0%9F%90%B4",
        ])
    func hostile(query: String) async throws {
        let gate = LaunchGate()
        // As it is: a client library would mend what is broken.
        let answer = try await gate.run { (caller: Caller) async throws in
            try await RawConnection.run(caller.port) { stream in
                try await stream.write(
                    "GET /launch/booking?\(query) HTTP/1.1\r\nHost: bridge.example\r\nConnection: close\r\n\r\n")
                return await stream.readToEnd()
            }
        }
        let head = (answer.split(separator: "\r\n\r\n").first ?? "").split(separator: "\r\n")
        #expect(head.first == "HTTP/1.1 303 See Other")
        let names = head.dropFirst().compactMap { $0.split(separator: ":").first?.lowercased() }
        #expect(!names.contains("set-cookie"))
        #expect(names.count { $0 == "location" } == 1)
        let location = try #require(head.first { $0.lowercased().hasPrefix("location: ") }).dropFirst(10)
        let start = "https://booking.example/start?"
        #expect(location.hasPrefix(start))
        let isHarmless = location.dropFirst(start.count).utf8.allSatisfy {
            (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0)
                || "-._~%=&".utf8.contains($0)
        }
        #expect(isHarmless)
        #expect(location.split(separator: "handle=").count == 2)
        #expect(!location.contains("handle=forged"))
        let published = try #require(await gate.bus.published.first)
        guard case .exchange(_, let key) = published.destination else { return }
        #expect(key == "unknown.unknown.launch-requested")
    }

    @Test("a query of 8 KiB is taken, a longer one is 414, and nothing is published for it")
    func long() async throws {
        let gate = LaunchGate()
        let statuses = try await gate.run { (caller: Caller) async throws in
            var statuses: [Int] = []
            for length in [8192, 8193, 15_000] {
                let query = String(repeating: "x", count: length)
                statuses.append(try await caller.send("GET", "/launch/booking?\(query)", type: nil).status)
            }
            return statuses
        }
        #expect(statuses == [303, 414, 414])
        #expect(await gate.bus.published.count == 1)
    }

    @Test("an unknown application is 404, as are paths that only look like one")
    func unknown() async throws {
        let gate = LaunchGate()
        try await gate.run { (caller: Caller) async throws in
            let reply = try await caller.send("GET", "/launch/nobody?next=%3Cscript%3E", type: nil)
            #expect(reply.status == 404)
            #expect(reply.text.contains("Unknown address"))
            #expect(!reply.text.contains("script"))
            #expect(reply.header("content-security-policy")?.contains("frame-ancestors 'none'") == true)
            for path in [
                "/launch", "/launch/booking/more", "/launch/Booking", "/launch/%2e%2e/booking", "/launch/boo%6bing%00",
            ] {
                #expect(try await caller.send("GET", path, type: nil).status == 404)
            }
        }
        #expect(await gate.bus.published.isEmpty)
    }

    @Test("looking is no launch: HEAD is 200 without effect, a prefetch 503, other methods 405")
    func looking() async throws {
        let gate = LaunchGate()
        try await gate.run { (caller: Caller) async throws in
            #expect(try await caller.send("HEAD", "/launch/booking", type: nil).status == 200)
            for (name, value) in [
                ("Sec-Purpose", "prefetch;prerender"), ("Purpose", "prefetch"), ("X-Moz", "prefetch"),
            ] {
                let reply = try await caller.send("GET", "/launch/booking", type: nil, headers: [(name, value)])
                #expect(reply.status == 503)
            }
            for method in ["POST", "PUT", "DELETE", "OPTIONS"] {
                #expect(try await caller.send(method, "/launch/booking", type: nil).status == 405)
            }
        }
        #expect(await gate.bus.published.isEmpty)
        #expect(gate.book.tickets.isEmpty)
    }

    @Test(
        "with the bus away the browser gets an honest page and is not sent on",
        arguments: [ScriptedBus.Step.fail(.unavailable), .fail(.refused), .fail(.blocked), .hang])
    func busAway(step: ScriptedBus.Step) async throws {
        let gate = LaunchGate([step])
        let reply = try await gate.run { (caller: Caller) async throws in
            let reply = try await caller.send("GET", "/launch/framed?lang=Canary", type: nil)
            await gate.bus.release()
            return reply
        }
        #expect(reply.status == 503)
        #expect(reply.header("retry-after").flatMap { Int($0) }.map { (5...30).contains($0) } == true)
        #expect(reply.header("location") == nil)
        #expect(reply.text.contains("cannot be opened now"))
        #expect(!reply.text.contains("iframe src"))
        #expect(!reply.text.contains("Canary"))
        // Ocean shows the page in its frame, too.
        #expect(reply.header("content-security-policy")?.contains("frame-ancestors \(LaunchGate.ocean)") == true)
    }

    @Test("with the store away it is 503, and nothing is published")
    func storeAway() async throws {
        let gate = LaunchGate()
        gate.book.fail(StoreError(.unavailable, "scripted"))
        let reply = try await gate.run { (caller: Caller) async throws in
            try await caller.send("GET", "/launch/booking", type: nil)
        }
        #expect(reply.status == 503)
        #expect(reply.header("retry-after") != nil)
        #expect(await gate.bus.published.isEmpty)
    }

    @Test("what no hospital system has bound a queue for is kept, and the browser goes on")
    func unrouted() async throws {
        let gate = LaunchGate([.fail(.unroutable)])
        let reply = try await gate.run { (caller: Caller) async throws in
            try await caller.send("GET", "/launch/booking", type: nil)
        }
        #expect(reply.status == 303)
        #expect(await gate.bus.published.map(\.destination) == [.queue("ocean.unrouted")])
        #expect(await gate.metrics.text().contains(#"ocean_bridge_unrouted_total{exchange="hospital.canonical"} 1"#))
    }

    @Test(
        "a proof that is not OAuth's is 400 and launches nothing",
        arguments: [
            "booking?state=a&state=b", "booking?code_challenge=x&code_challenge_method=S256", "booking?state=%0d%0a",
            "booking?code_challenge_method=plain&code_challenge=\(String(repeating: "a", count: 43))", "open",
            "open?state=x",
        ])
    func badProof(path: String) async throws {
        let gate = LaunchGate()
        let reply = try await gate.run { (caller: Caller) async throws in
            try await caller.send("GET", "/launch/\(path)", type: nil)
        }
        #expect(reply.status == 400)
        #expect(reply.header("location") == nil)
        #expect(await gate.bus.published.isEmpty)
    }

    @Test("more than so many launches a minute are 429 with the time to wait")
    func flood() async throws {
        let gate = LaunchGate()
        try await gate.run { (caller: Caller) async throws in
            for _ in 0..<300 { _ = try await caller.send("GET", "/launch/booking?ref=x", type: nil) }
            let reply = try await caller.send("GET", "/launch/booking?ref=x", type: nil)
            #expect(reply.status == 429)
            #expect(reply.header("retry-after") == "61")
            // Junk does not use up what real launches need.
            #expect(try await caller.send("GET", "/launch/booking?ref=ref-canary-1", type: nil).status == 303)
            gate.clock.advance(by: .seconds(60))
            #expect(try await caller.send("GET", "/launch/booking?ref=x", type: nil).status == 303)
        }
    }
}
