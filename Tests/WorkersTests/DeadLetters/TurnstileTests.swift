// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Workers

@Suite("Turnstile", .timeLimit(.minutes(15)))
struct TurnstileTests {
    @Test("one at a time goes through, and no more wait than may")
    func one() async {
        let turnstile = Turnstile(limit: 2)
        #expect(await turnstile.enter())
        let (entered, continuation) = AsyncStream.makeStream(of: Bool.self)
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<5 {
                group.addTask { continuation.yield(await turnstile.enter()) }
            }
            // Two wait; the other three are turned away at once.
            var answers = entered.makeAsyncIterator()
            for _ in 0..<3 { #expect(await answers.next() == false) }
            for _ in 0..<2 {
                turnstile.leave()
                #expect(await answers.next() == true)
            }
        }
        turnstile.leave()
        #expect(await turnstile.enter())
    }
}
