// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import Ocean
import Synchronization
import Testing

@testable import OceanClient

@Suite("How long a token lives", .timeLimit(.minutes(15)))
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

    @Test("jitter brings the renewal forward, by a tenth of the life at most", arguments: [0.0, 0.5, 1.0])
    func jitter(_ share: Double) {
        let token = AccessToken(value: "t", lifetime: .seconds(100), received: Self.start, jitter: share)
        #expect(token.refreshAt == Self.start.advanced(by: .seconds(100) * (0.8 - 0.1 * share)))
        #expect(token.expiresAt == Self.start.advanced(by: .seconds(100)))
    }

    @Test("while the old token is good nobody waits for the renewal, and it is asked for once")
    func renewedBehind() async throws {
        let time = Mutex(Self.start)
        let (asked, ask) = AsyncStream.makeStream(of: Int.self)
        let (answers, answer) = AsyncStream.makeStream(of: Void.self)
        let fetches = Mutex(0)
        let source = TokenSource(now: { time.withLock { $0 } }) {
            let number = fetches.withLock { count in
                count += 1
                return count
            }
            ask.yield(number)
            if number > 1 { for await _ in answers { break } }
            return .success(
                AccessToken(value: "t\(number)", lifetime: .seconds(100), received: time.withLock { $0 }))
        }
        #expect(try await source.token().value == Secret("t1"))
        time.withLock { $0 = Self.start.advanced(by: .seconds(81)) }
        for _ in 0..<50 { #expect(try await source.token().value == Secret("t1")) }
        for await number in asked where number == 2 { break }
        #expect(try await source.token().value == Secret("t1"))
        answer.yield()
        while try await source.token().value != Secret("t2") { await Task.yield() }
        #expect(fetches.withLock { $0 } == 2)
    }

    @Test("a renewal that fails keeps the old token while it lives, and is not repeated at once")
    func failedRenewal() async throws {
        let time = Mutex(Self.start)
        let fetches = Mutex(0)
        let (asked, ask) = AsyncStream.makeStream(of: Int.self)
        let source = TokenSource(now: { time.withLock { $0 } }) {
            let number = fetches.withLock { count in
                count += 1
                return count
            }
            ask.yield(number)
            guard number != 2 else { return .failure(OceanServiceError(.unavailable, "down", status: 503)) }
            return .success(
                AccessToken(value: "t\(number)", lifetime: .seconds(100), received: time.withLock { $0 }))
        }
        #expect(try await source.token().value == Secret("t1"))
        time.withLock { $0 = Self.start.advanced(by: .seconds(81)) }
        #expect(try await source.token().value == Secret("t1"))
        for await number in asked where number == 2 { break }
        for _ in 0..<50 {
            #expect(try await source.token().value == Secret("t1"))
            await Task.yield()
        }
        #expect(fetches.withLock { $0 } == 2)
        time.withLock { $0 = Self.start.advanced(by: .seconds(95)) }
        while try await source.token().value != Secret("t3") { await Task.yield() }
        #expect(fetches.withLock { $0 } == 3)
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
