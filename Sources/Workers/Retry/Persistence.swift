// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore

/// Why a step did not come to its end.
enum Interruption<Failure: DisposedError>: Error {
    /// Stop signal or cancellation.
    case stopped
    /// The same call would fail again.
    case final(Failure)
    /// It may pass, but not soon: the message is to make room for others.
    case enough(Setback)

    /// How the message leaves a step that nothing else follows on.
    var halt: Halt {
        if case .enough(let setback) = self { Halt(setback) } else { Halt() }
    }
}

/// Tries a step on the bridge's own bus or store again, in place, until it succeeds or there is no sense in it.
struct Persistence: Sendable {
    let backoff: Backoff

    /// - Parameters:
    ///   - isFinal: which failures end it; the installation's faults do not, since an operator can mend them while the
    ///     message waits.
    ///   - isEnough: asked after each other failure: whether the step has been tried for long enough.
    func until<Value: Sendable, Failure: DisposedError>(
        _ stop: StopSignal, _ hop: Hop, step: String,
        isFinal: (Failure) -> Bool = { $0.disposition == .reject },
        isEnough: (Failure) -> Bool = { _ in false },
        _ body: () async throws(Failure) -> Value
    ) async throws(Interruption<Failure>) -> Value {
        var attempt = 0
        while true {
            let failure: Failure
            do throws(Failure) {
                return try await body()
            } catch {
                failure = error
            }
            if isFinal(failure) { throw .final(failure) }
            attempt += 1
            var after: Duration?
            if case .retry(let asked) = failure.disposition { after = asked }
            hop.retrying(step, failure, attempt: attempt)
            if isEnough(failure) { throw .enough(Setback(reason: failure.reason)) }
            let delay = backoff.delay(afterAttempt: attempt, retryAfter: after)
            guard await stop.pause(for: delay) else { throw .stopped }
        }
    }
}
