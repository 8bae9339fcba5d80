// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import BridgeTestKit
import CDSHooks
import JSON
import Logging
import Synchronization

/// Gives key sets out, fails when it should, and counts.
final class ScriptedKeys: KeySource {
    private struct State {
        var sets: [String: [UInt8]] = [:]
        var calls: [String] = []
    }

    private let state = Mutex(State())

    var calls: [String] { state.withLock { $0.calls } }

    func set(_ bytes: [UInt8]?, at address: String) { state.withLock { $0.sets[address] = bytes } }

    func keySet(at address: String, limit: Int) async throws(KeySourceError) -> [UInt8] {
        let found = state.withLock { state in
            state.calls.append(address)
            return state.sets[address]
        }
        guard let found else { throw KeySourceError("scripted") }
        return found
    }
}

/// A token check with everything that a test turns.
struct TokenBench: Sendable {
    static let audience = "https://bridge.example/cds-services/check"
    static let issuer = "https://client.example"
    static let keyAddress = "https://client.example/jwks.json"
    static let otherKeys = "https://client.example/other.json"

    let mint: TokenMint
    let clock = ManualClock()
    let source = ScriptedKeys()
    let store = MemoryStore()
    let keys: KeySetCache
    let check: ClientTokenCheck

    init() throws {
        mint = try TokenMint.shared.get()
        source.set(try mint.keySet().bytes(), at: Self.keyAddress)
        keys = KeySetCache(
            source: source, clock: clock, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        check = ClientTokenCheck(
            clients: [
                HookClient(
                    name: "client", issuer: Self.issuer, keys: Self.keyAddress, keySets: [Self.otherKeys]),
                HookClient(name: "stranger", issuer: "https://stranger.example", keys: Self.keyAddress),
                HookClient(name: "keyless", issuer: "https://keyless.example", keys: nil, keySets: [Self.otherKeys]),
            ], keys: keys, replays: StoredReplayMemory(store: store), clock: clock)
    }

    var seconds: Int { Int(clock.now().milliseconds / 1000) }

    func claims(_ changes: [(String, JSONValue?)] = []) -> JSONObject {
        var claims: JSONObject = [
            "iss": .string(Self.issuer), "aud": .string(Self.audience), "exp": .number(JSONNumber(seconds + 300)),
            "iat": .number(JSONNumber(seconds)), "jti": .string("\(UInt64.random(in: .min ... .max))"),
        ]
        for (name, value) in changes { claims[name] = value }
        return claims
    }

    /// The code of the refusal; nil when the token is good.
    func refusal(_ token: String) async -> ClientTokenError.Code? {
        do throws(ClientTokenError) {
            let client = try await check.check(token, audiences: [Self.audience], among: ["client", "keyless"])
            return client.issuer == Self.issuer ? nil : .issuer
        } catch {
            return error.code
        }
    }

    func refusal(
        _ claims: [(String, JSONValue?)] = [], header: [(String, JSONValue?)] = []
    ) async throws -> ClientTokenError.Code? {
        await refusal(try mint.token(claims: self.claims(claims), header: header))
    }
}
