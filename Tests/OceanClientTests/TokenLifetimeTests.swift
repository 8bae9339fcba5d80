// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import Ocean
import Synchronization
import Testing

@testable import OceanClient

@Suite("How long a token lives", .timeLimit(.minutes(5)))
struct TokenLifetimeTests {
    static let start = ContinuousClock.now

    static func token(_ body: String) throws -> AccessToken {
        try AccessToken(answer: Array(body.utf8), received: start, host: "https://ocean.example")
    }

    @Test("it is renewed at four fifths of its life")
    func renewal() throws {
        let token = try Self.token(#"{"access_token":"t","expires_in":100}"#)
        #expect(token.refreshAt == Self.start.advanced(by: .seconds(80)))
        #expect(token.expiresAt == Self.start.advanced(by: .seconds(100)))
    }

    @Test("expires_in may be a text; missing or senseless means five minutes")
    func lifetimes() throws {
        #expect(
            try Self.token(#"{"access_token":"t","expires_in":"60"}"#).expiresAt
                == Self.start.advanced(by: .seconds(60)))
        for body in [#"{"access_token":"t"}"#, #"{"access_token":"t","expires_in":-1}"#] {
            #expect(try Self.token(body).expiresAt == Self.start.advanced(by: .seconds(300)))
        }
    }

    @Test("a token with a line break cannot become a header")
    func lineBreak() {
        #expect(throws: OceanServiceError.self) { try Self.token(#"{"access_token":"a\r\nX: y"}"#) }
    }

    @Test("a source renews when due, and keeps the old token while the endpoint is down and the token lives")
    func source() async throws {
        let time = Mutex(Self.start)
        let fetches = Mutex(0)
        let source = TokenSource(now: { time.withLock { $0 } }) {
            let number = fetches.withLock { count in
                count += 1
                return count
            }
            guard number != 2 else { return .failure(OceanServiceError(.unavailable, "down", status: 503)) }
            return .success(
                AccessToken(value: "t\(number)", lifetime: .seconds(100), received: time.withLock { $0 }))
        }
        #expect(try await source.token().value == Secret("t1"))
        time.withLock { $0 = Self.start.advanced(by: .seconds(79)) }
        #expect(try await source.token().value == Secret("t1"))
        time.withLock { $0 = Self.start.advanced(by: .seconds(81)) }
        #expect(try await source.token().value == Secret("t1"))
        #expect(fetches.withLock { $0 } == 2)
        #expect(try await source.token().value == Secret("t3"))
    }

    @Test("an expired token is not used when the endpoint is down")
    func expired() async throws {
        let time = Mutex(Self.start)
        let fetches = Mutex(0)
        let source = TokenSource(now: { time.withLock { $0 } }) {
            let number = fetches.withLock { count in
                count += 1
                return count
            }
            guard number == 1 else { return .failure(OceanServiceError(.unavailable, "down", status: 503)) }
            return .success(AccessToken(value: "t", lifetime: .seconds(10), received: Self.start))
        }
        _ = try await source.token()
        time.withLock { $0 = Self.start.advanced(by: .seconds(11)) }
        await #expect(throws: OceanServiceError.self) { try await source.token() }
    }
}
