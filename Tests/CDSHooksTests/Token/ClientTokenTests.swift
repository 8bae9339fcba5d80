// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import BridgeTestKit
import CDSHooks
import JSON
import Synchronization
import Testing

@Suite("Tokens of CDS clients", .timeLimit(.minutes(2)))
struct ClientTokenTests {
    @Test("a good token opens once, and not a second time", arguments: TokenMint.Algorithm.allCases)
    func once(_ algorithm: TokenMint.Algorithm) async throws {
        let bench = try TokenBench()
        let token = try bench.mint.token(algorithm, claims: bench.claims())
        #expect(await bench.refusal(token) == nil)
        #expect(await bench.refusal(token) == .replayed)
        #expect(await bench.refusal(try bench.mint.token(algorithm, claims: bench.claims())) == nil)
    }

    @Test("a jti is remembered for its issuer, in another signature too, until the token is over")
    func replay() async throws {
        let bench = try TokenBench()
        #expect(try await bench.refusal([("jti", "one")]) == nil)
        #expect(try await bench.refusal([("jti", "one")]) == .replayed)
        bench.clock.advance(by: .seconds(329))
        #expect(try await bench.refusal([("jti", "one")]) == .replayed)
        #expect(bench.store.state.withLock { $0.keys.count } == 1)
    }

    @Test(
        "claims that are wrong are refused, each for its own reason",
        arguments: [
            ("iss", "https://evil.example", .issuer), ("iss", "https://stranger.example", .issuer),
            ("iss", nil, .malformed), ("aud", "https://bridge.example/cds-services", .audience),
            ("aud", "https://bridge.example/cds-services/check/", .audience), ("aud", nil, .malformed),
            ("aud", [], .malformed), ("aud", [7], .malformed), ("exp", nil, .malformed), ("exp", "soon", .malformed),
            ("exp", -1, .malformed), ("iat", nil, .malformed), ("jti", nil, .malformed), ("jti", "", .malformed),
            ("nbf", "x", .malformed),
        ] as [(String, JSONValue?, ClientTokenError.Code)])
    func claims(_ name: String, _ value: JSONValue?, _ code: ClientTokenError.Code) async throws {
        let bench = try TokenBench()
        #expect(try await bench.refusal([(name, value)]) == code)
        #expect(bench.source.calls.isEmpty, "no key is fetched for it")
    }

    @Test("an audience may be one of several")
    func audiences() async throws {
        let bench = try TokenBench()
        #expect(try await bench.refusal([("aud", ["https://x.example", .string(TokenBench.audience)])]) == nil)
    }

    @Test("times have a small leeway and an end")
    func times() async throws {
        let bench = try TokenBench()
        func at(_ issued: Int, _ expiry: Int) async throws -> ClientTokenError.Code? {
            try await bench.refusal([
                ("iat", .number(JSONNumber(bench.seconds + issued))),
                ("exp", .number(JSONNumber(bench.seconds + expiry))),
            ])
        }
        #expect(try await at(-300, -29) == nil)
        #expect(try await at(-300, -30) == .expired)
        #expect(try await at(30, 300) == nil)
        #expect(try await at(31, 300) == .lifetime)
        #expect(try await at(0, 600) == nil)
        #expect(try await at(0, 601) == .lifetime)
        #expect(try await at(10, 10) == .lifetime)
        #expect(try await bench.refusal([("nbf", .number(JSONNumber(bench.seconds + 60)))]) == .lifetime)
    }

    @Test(
        "headers that are wrong are refused",
        arguments: [
            ("alg", "none", .algorithm), ("alg", "HS384", .algorithm), ("alg", "HS256", .algorithm),
            ("alg", "RS256", .algorithm), ("alg", "es384", .algorithm), ("alg", nil, .algorithm),
            ("alg", "RS384", .algorithm), ("kid", nil, .malformed), ("kid", "other", .unknownKey),
            ("kid", "useless", .unknownKey), ("typ", "JOSE", .malformed), ("crit", ["exp"], .malformed),
            ("jku", 7, .malformed),
        ] as [(String, JSONValue?, ClientTokenError.Code)])
    func headers(_ name: String, _ value: JSONValue?, _ code: ClientTokenError.Code) async throws {
        let bench = try TokenBench()
        #expect(try await bench.refusal(header: [(name, value)]) == code)
    }

    @Test("a token signed by somebody else, or changed, is refused", arguments: TokenMint.Algorithm.allCases)
    func signature(_ algorithm: TokenMint.Algorithm) async throws {
        let bench = try TokenBench()
        let foreign = try TokenMint.foreign.get().token(algorithm, claims: bench.claims())
        #expect(await bench.refusal(foreign) == .signature)
        let parts = try bench.mint.token(algorithm, claims: bench.claims()).split(separator: ".").map(String.init)
        let other = TokenMint.text(JSONValue.object(bench.claims([("tenant", "x")])).bytes())
        #expect(await bench.refusal([parts[0], other, parts[2]].joined(separator: ".")) == .signature)
        #expect(await bench.refusal([parts[0], parts[1], ""].joined(separator: ".")) == .signature)
        let none = TokenMint.text(Array(#"{"alg":"none","kid":"es384"}"#.utf8))
        #expect(await bench.refusal([none, parts[1], ""].joined(separator: ".")) == .algorithm)
        #expect(bench.store.state.withLock { $0.keys.isEmpty }, "nothing of it is remembered")
    }

    @Test(
        "what is no compact token is refused",
        arguments: [
            "", ".", "..", "a.b", "a.b.c.d", "e30.e30.e30", "e30=.e30.AA", "W10.e30.AA", "e3 0.e30.AA",
            String(repeating: "a", count: 10_000) + ".e30.AA",
        ])
    func noToken(_ text: String) async throws {
        let code = await (try TokenBench()).refusal(text)
        #expect(code == .malformed || code == .algorithm)
    }

    @Test("a jku is followed when the settings allow it, and otherwise as if it were not there")
    func keySetAddress() async throws {
        let bench = try TokenBench()
        bench.source.set(try bench.mint.keySet(suffix: "-other").bytes(), at: TokenBench.otherKeys)
        let allowed: [(String, JSONValue?)] = [("jku", .string(TokenBench.otherKeys)), ("kid", "es384-other")]
        #expect(try await bench.refusal(header: allowed) == nil)
        #expect(bench.source.calls == [TokenBench.otherKeys])
        #expect(try await bench.refusal(header: [("jku", "https://evil.example/jwks.json")]) == nil)
        #expect(bench.source.calls == [TokenBench.otherKeys, TokenBench.keyAddress])
        #expect(try await bench.refusal([("iss", "https://keyless.example")]) == .unknownKey)
    }

    @Test("whether a token was used before must be known")
    func memory() async throws {
        let bench = try TokenBench()
        let check = ClientTokenCheck(
            clients: [HookClient(name: "client", issuer: TokenBench.issuer, keys: TokenBench.keyAddress)],
            keys: bench.keys,
            replays: StoredReplayMemory(
                store: MemoryStore(hook: { (_) async throws(StoreError) in throw StoreError(.unavailable, "scripted") })
            ),
            clock: bench.clock)
        do throws(ClientTokenError) {
            _ = try await check.check(
                (try? bench.mint.token(claims: bench.claims())) ?? "", audiences: [TokenBench.audience],
                among: ["client"])
            Issue.record("must be refused")
        } catch {
            #expect(error.code == .memoryUnavailable)
            #expect(error.disposition == .retry(after: nil))
        }
    }
}
