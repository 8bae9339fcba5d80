// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import BridgeTestKit
import CDSHooks
import JSON
import Testing

@Suite("Key sets of CDS clients", .timeLimit(.minutes(2)))
struct KeySetCacheTests {
    @Test("a set is fetched once for many callers, and kept")
    func once() async throws {
        let bench = try TokenBench()
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<20 {
                group.addTask { #expect(await (try? bench.refusal()) == .some(nil)) }
            }
        }
        #expect(bench.source.calls.count == 1)
        bench.clock.advance(by: .seconds(3600))
        #expect(try await bench.refusal() == nil)
        #expect(bench.source.calls.count == 1)
    }

    @Test("an unknown key id makes the set be fetched again, but not for every token")
    func unknown() async throws {
        let bench = try TokenBench()
        #expect(try await bench.refusal() == nil)
        for _ in 0..<5 { #expect(try await bench.refusal(header: [("kid", "new")]) == .unknownKey) }
        #expect(bench.source.calls.count == 1)
        bench.clock.advance(by: .seconds(60))
        for _ in 0..<5 { #expect(try await bench.refusal(header: [("kid", "new")]) == .unknownKey) }
        #expect(bench.source.calls.count == 2)
        bench.source.set(try bench.mint.keySet(suffix: "-2").bytes(), at: TokenBench.keyAddress)
        bench.clock.advance(by: .seconds(60))
        #expect(try await bench.refusal(header: [("kid", "es384-2")]) == nil, "the client has new keys")
        #expect(try await bench.refusal() == .unknownKey, "and its old ones are gone")
    }

    @Test(
        "without a key set it cannot be told whose token it is",
        arguments: [
            nil, "", "{", "[]", #"{"keys":[]}"#, #"{"keys":[{"kty":"oct","kid":"es384","k":"AA"}]}"#,
            #"{"keys":[{"kty":"EC","crv":"P-384","kid":"es384","x":"AA","y":"AA"}]}"#,
            #"{"keys":[{"kty":"RSA","kid":"es384","n":"AQAB","e":"AQAB"}]}"#,
            #"{"keys":[],"x":""# + String(repeating: "x", count: KeySetCache.longestSet) + #""}"#,
        ] as [String?])
    func unusable(_ text: String?) async throws {
        let bench = try TokenBench()
        bench.source.set(text.map { Array($0.utf8) }, at: TokenBench.keyAddress)
        #expect(try await bench.refusal() == .keysUnavailable)
        #expect(try await bench.refusal() == .keysUnavailable)
        #expect(bench.source.calls.count == 1)
        bench.source.set(try bench.mint.keySet().bytes(), at: TokenBench.keyAddress)
        bench.clock.advance(by: .seconds(5))
        #expect(try await bench.refusal() == nil)
    }

    @Test("a client that cannot be reached keeps its keys for a day")
    func outage() async throws {
        let bench = try TokenBench()
        await bench.keys.refresh(TokenBench.keyAddress)
        bench.source.set(nil, at: TokenBench.keyAddress)
        bench.clock.advance(by: .seconds(23 * 3600))
        await bench.keys.refresh(TokenBench.keyAddress)
        #expect(try await bench.refusal() == nil)
        #expect(try await bench.refusal(header: [("kid", "new")]) == .keysUnavailable, "it may be a new key")
        bench.clock.advance(by: .seconds(2 * 3600))
        #expect(try await bench.refusal() == .keysUnavailable)
        bench.source.set(try bench.mint.keySet().bytes(), at: TokenBench.keyAddress)
        await bench.keys.refresh(TokenBench.keyAddress)
        #expect(try await bench.refusal() == nil)
    }
}
