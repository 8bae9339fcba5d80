// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import BridgeTestKit
import FoundationEssentials
import Gateway
import JSON
import Launch
import Telemetry
import Testing

@Suite("The exchange of a launch handle", .timeLimit(.minutes(5)))
struct LaunchExchangeTests {
    private static let verifier = String(repeating: "canary-", count: 7)
    private static let challenge =
        "code_challenge=\(CodeChallenge(verifier: verifier).text)&code_challenge_method=S256"

    @Test("gives the launch once: replayed, expired and forged are one 404")
    func once() async throws {
        let gate = LaunchGate()
        try await gate.run { (caller: Caller) async throws in
            let handle = try await caller.handle("/launch/booking?ref=ref-canary-1&lang=fr")
            let reply = try await caller.exchange(handle)
            #expect(reply.status == 200)
            #expect(reply.header("cache-control") == "no-store")
            #expect(reply.header("content-type") == "application/json")
            #expect(reply.json["referral"] == "ref-canary-1")
            #expect(reply.json["site"] == "1234")
            #expect(reply.json["listing"] == "listing-1")
            #expect(reply.json["service"] == "CARDIOLOGY")
            #expect(reply.json["parameters"] == ["lang": "fr"])
            #expect(reply.json["launchedAt"] == "2026-01-01T00:00:00.000Z")
            let message = try #require(await gate.bus.published.first?.message)
            #expect(reply.json == (try JSONValue(parsing: message.body)))
            let replayed = try await caller.exchange(handle)
            let late = try await caller.handle("/launch/booking")
            gate.clock.advance(by: .seconds(60))
            let expired = try await caller.exchange(late)
            var forgeries = [String(repeating: "A", count: 98), "x", "%00", handle.uppercased(), handle + "A"]
            forgeries.append(String(handle.dropLast(4) + "AAAA"))
            for reply in [replayed, expired] {
                #expect(reply.status == 404)
                #expect(reply.text == replayed.text)
            }
            for forgery in forgeries {
                let reply = try await caller.exchange(forgery)
                #expect(reply.status == 404)
                #expect(reply.text == replayed.text || forgery == "%00")
            }
        }
        let metrics = await gate.metrics.text()
        for outcome in ["exchanged", "used", "expired", "forged"] {
            #expect(metrics.contains(#"outcome="\#(outcome)""#), "\(outcome)")
        }
    }

    @Test("only the application itself gets it, and who is turned away does not spend it")
    func credentials() async throws {
        let gate = LaunchGate()
        try await gate.run { (caller: Caller) async throws in
            let handle = try await caller.handle("/launch/booking")
            let wrong = "Basic " + Data("booking:guess".utf8).base64EncodedString()
            for headers in [
                [("Authorization", wrong)], [("Authorization", "Bearer basic-canary-secret")],
                [("Authorization", "Basic ???")], [("X-App-Key", "guess")],
            ] {
                let reply = try await caller.exchange(handle, headers)
                #expect(reply.status == 401)
                #expect(reply.header("www-authenticate")?.contains("Basic") == true)
            }
            // Another application, and nobody in particular, learn no more than that there is nothing.
            #expect(try await caller.exchange(handle, [LaunchGate.header]).status == 404)
            #expect(try await caller.exchange(handle, []).status == 404)
            #expect(try await caller.exchange(handle).status == 200)
            let framed = try await caller.handle("/launch/framed")
            #expect(try await caller.exchange(framed).status == 404)
            #expect(try await caller.exchange(framed, [LaunchGate.header]).status == 200)
        }
    }

    @Test("an exchange changes something: other methods than POST are 405 and spend nothing")
    func methods() async throws {
        try await LaunchGate().run { (caller: Caller) async throws in
            let handle = try await caller.handle("/launch/booking")
            for method in ["GET", "HEAD", "PUT", "DELETE"] {
                let reply = try await caller.send(
                    method, "/launch/handles/\(handle)", type: nil, headers: [LaunchGate.basic])
                #expect(reply.status == 405)
                #expect(reply.header("allow") == "POST")
            }
            #expect(try await caller.exchange(handle).status == 200)
        }
    }

    @Test("without a secret the verifier is the proof; state comes back unchanged")
    func proof() async throws {
        try await LaunchGate().run { (caller: Caller) async throws in
            let landed = try await caller.send(
                "GET", "/launch/open?\(Self.challenge)&state=a%2Fb%20%26c%3D~", type: nil)
            #expect(landed.header("location")?.hasSuffix("&state=a%2Fb%20%26c%3D~") == true)
            let form = "application/x-www-form-urlencoded"
            let first = try await caller.handle("/launch/open?\(Self.challenge)")
            let reply = try await caller.exchange(
                first, [("Origin", "https://open.example")], body: "code_verifier=\(Self.verifier)", type: form)
            #expect(reply.status == 200)
            #expect(reply.header("access-control-allow-origin") == "https://open.example")
            #expect(reply.header("vary") == "Origin")
            let second = try await caller.handle("/launch/open?\(Self.challenge)")
            let json = #"{"code_verifier":"\#(Self.verifier)"}"#
            let other = try await caller.exchange(
                second, [("Origin", "https://booking.example")], body: json, type: "application/json")
            #expect(other.status == 200)
            #expect(other.header("access-control-allow-origin") == nil)
            for body in ["", "code_verifier=", "code_verifier=\(Self.verifier)x", "code_challenge=\(Self.verifier)"] {
                let handle = try await caller.handle("/launch/open?\(Self.challenge)")
                #expect(try await caller.exchange(handle, [], body: body, type: form).status == 404)
                let again = try await caller.exchange(
                    handle, [], body: "code_verifier=\(Self.verifier)", type: form)
                #expect(again.status == 404)
            }
        }
    }

    @Test("a body that cannot be read is refused before the handle is spent")
    func bodies() async throws {
        try await LaunchGate().run { (caller: Caller) async throws in
            let handle = try await caller.handle("/launch/booking")
            let form = "application/x-www-form-urlencoded"
            for (body, type, status) in [
                ("code_verifier=a&code_verifier=b", form, 400), ("code_verifier=%zz", form, 400),
                ("[]", "application/json", 400), ("{", "application/json", 400), ("x", "text/plain", 415),
                (String(repeating: "x", count: 5000), form, 413),
            ] {
                #expect(try await caller.exchange(handle, body: body, type: type).status == status)
            }
            #expect(try await caller.exchange(handle).status == 200)
        }
    }

    @Test("guessing credentials is slowed down, and so is guessing handles")
    func limits() async throws {
        let gate = LaunchGate()
        try await gate.run { (caller: Caller) async throws in
            let wrong = ("Authorization", "Basic " + Data("booking:guess".utf8).base64EncodedString())
            for _ in 0..<10 { #expect(try await caller.exchange("x", [wrong]).status == 401) }
            let limited = try await caller.exchange("x", [wrong])
            #expect(limited.status == 429)
            #expect(limited.header("retry-after") != nil)
            for _ in 0..<120 { #expect(try await caller.exchange("x", [LaunchGate.header]).status == 404) }
            #expect(try await caller.exchange("x", [LaunchGate.header]).status == 429)
            gate.clock.advance(by: .seconds(61))
            let handle = try await caller.handle("/launch/booking")
            #expect(try await caller.exchange(handle).status == 200)
        }
    }

    @Test("with the store away it is 503, and the handle is not spent")
    func storeAway() async throws {
        let gate = LaunchGate()
        try await gate.run { (caller: Caller) async throws in
            let handle = try await caller.handle("/launch/booking")
            gate.book.fail(StoreError(.unavailable, "scripted"))
            #expect(try await caller.exchange(handle).status == 503)
            gate.book.fail(nil)
            #expect(try await caller.exchange(handle).status == 200)
        }
    }

    @Test("no handle, token, secret, proof, parameter or reference reaches a log line or a metric")
    func secrecy() async throws {
        let gate = LaunchGate([.succeed, .succeed, .fail(.unavailable), .fail(.unroutable)])
        let handles = try await gate.run { (caller: Caller) async throws in
            let query = "ref=ref-canary-1&lang=Canary&patient=Canary&state=canary-state"
            var handles = [try await caller.handle("/launch/booking?\(query)")]
            handles.append(try await caller.handle("/launch/open?\(Self.challenge)&\(query)"))
            for _ in 0..<2 {
                _ = try await caller.send(
                    "GET", "/launch/framed?\(query)", type: nil,
                    headers: [
                        ("Referer", "https://x.example/canary"), ("Cookie", "canary=1"), ("User-Agent", "canary"),
                    ])
            }
            _ = try await caller.send("GET", "/launch/canary?\(query)", type: nil)
            _ = try await caller.exchange(handles[0])
            _ = try await caller.exchange(handles[0])
            _ = try await caller.exchange(handles[0], [("Authorization", "Bearer canary")])
            _ = try await caller.exchange(
                handles[1], [], body: "code_verifier=\(Self.verifier)", type: "application/x-www-form-urlencoded")
            _ = try await caller.exchange("canary")
            return handles
        }
        let metrics = await gate.metrics.text()
        #expect(gate.log.lines.count { $0.contains(" launch ") && !$0.contains(" launch exchange ") } == 5)
        #expect(gate.log.lines.count { $0.contains(" launch exchange ") } == 5)
        for text in [gate.log.text, metrics] {
            #expect(!text.lowercased().contains("canary"))
            for handle in handles { #expect(handle.count == 98 && !text.contains(handle)) }
            #expect(!text.contains(CodeChallenge(verifier: Self.verifier).text))
        }
    }
}
