// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

package import BridgeCore
package import Logging
import Metrics
import Synchronization

/// Whether Ocean as a whole serves, judged by what calls come to.
///
/// Failures of one referral say nothing about Ocean; failures of several in a row do. While Ocean is down nothing is
/// sent and nothing held; a probe at growing intervals finds out when it answers, and then one real call goes first.
package final class OceanAvailability: Sendable {
    /// May a call be made?
    enum Admission: Sendable, Hashable {
        case go
        /// One call goes first after an outage: ask again after this.
        case wait(Duration)
        case down
    }

    private enum Mode {
        /// Referrals that failed since the last answer.
        case up(failing: Set<String>)
        /// `round` counts probes and trials that failed, from 1.
        case down(round: Int, isProbing: Bool)
        /// The probe was answered; `failing` holds the referrals whose trial came to nothing since.
        case trial(round: Int, isRunning: Bool, failing: Set<String>)
    }

    private struct State {
        var mode = Mode.up(failing: [])
        var site = ""
        var upSince: Timestamp?
    }

    private let threshold: Int
    private let backoff: Backoff
    private let clock: any WallClock
    private let logger: Logger
    private let gauge: String
    private let work: String
    private let state = Mutex(State())

    /// - Parameters:
    ///   - threshold: failures in a row, each of another referral, that mean that Ocean is down.
    ///   - backoff: between probes.
    ///   - gauge: name of the metric, 1 or 0.
    ///   - work: what stops and goes on, for the log.
    package init(
        threshold: Int = 5, backoff: Backoff = Backoff(RetryPolicy(base: .seconds(2), cap: .seconds(30))),
        clock: any WallClock = SystemClock(), gauge: String = "ocean_bridge_ocean_up", work: String = "sending",
        logger: Logger
    ) {
        self.clock = clock
        self.threshold = max(1, threshold)
        self.backoff = backoff
        self.logger = logger
        self.gauge = gauge
        self.work = work
        record(1)
    }

    /// Whether calls are held back.
    package var isDown: Bool {
        state.withLock { if case .down = $0.mode { true } else { false } }
    }

    /// When the last outage ended; nil when there was none.
    var upSince: Timestamp? { state.withLock { $0.upSince } }

    func admit() -> Admission {
        state.withLock { state in
            switch state.mode {
            case .up: return .go
            case .down: return .down
            case .trial(_, isRunning: true, _): return .wait(.milliseconds(250))
            case .trial(let round, isRunning: false, let failing):
                state.mode = .trial(round: round, isRunning: true, failing: failing)
                return .go
            }
        }
    }

    /// Ocean answered, whatever it said.
    func answered() {
        let recovered = state.withLock { state -> Bool in
            defer { state.mode = .up(failing: []) }
            if case .up = state.mode { return false }
            state.upSince = clock.now()
            return true
        }
        guard recovered else { return }
        record(1)
        logger.notice("Ocean answers again; \(work) goes on")
    }

    /// A call came to nothing, for a reason that may pass.
    ///
    /// - Returns: whether Ocean is down since this very failure.
    @discardableResult
    func failed(referral: String, site: String, reason: String) -> Bool {
        let (isDown, isNews) = state.withLock { state -> (Bool, Bool) in
            switch state.mode {
            case .up(var failing):
                failing.insert(referral)
                state.mode = .up(failing: failing)
                guard failing.count >= threshold else { return (false, false) }
                Self.goDown(&state, round: 1, site: site)
                return (true, true)
            case .trial(let round, _, var failing):
                // One referral that Ocean cannot digest must not stand for Ocean: the trial passes to another.
                failing.insert(referral)
                state.mode = .trial(round: round, isRunning: false, failing: failing)
                guard failing.count >= threshold else { return (false, false) }
                Self.goDown(&state, round: round + 1, site: site)
                return (true, false)
            case .down: return (false, false)
            }
        }
        if isNews { tellDown(reason) }
        return isDown
    }

    /// Ocean was asked for a sign of life and gave none.
    func silent(site: String, reason: String) {
        let isNews = state.withLock { state -> Bool in
            switch state.mode {
            case .up:
                Self.goDown(&state, round: 1, site: site)
                return true
            case .trial(let round, _, _):
                Self.goDown(&state, round: round + 1, site: site)
                return false
            case .down: return false
            }
        }
        if isNews { tellDown(reason) }
    }

    private static func goDown(_ state: inout State, round: Int, site: String) {
        state.site = site
        state.mode = .down(round: round, isProbing: false)
    }

    private func tellDown(_ reason: String) {
        record(0)
        logger.error(
            "Ocean does not answer; \(work) stops, nothing is lost, Ocean is asked again from time to time",
            metadata: ["reason": "\(reason)"])
    }

    /// An admitted call was not made after all.
    func withdrawn() {
        state.withLock { state in
            if case .trial(let round, true, let failing) = state.mode {
                state.mode = .trial(round: round, isRunning: false, failing: failing)
            }
        }
    }

    /// Returns when calls may be tried again, or `stop` was given. One of those who wait asks Ocean.
    func awaitRecovery(stop: StopSignal, probe: @Sendable (_ site: String) async -> Bool) async {
        while isDown, !stop.isTriggered, !Task.isCancelled {
            guard let (round, site) = beginProbe() else {
                guard await stop.pause(for: .milliseconds(500)) else { return }
                continue
            }
            let mayAsk = await stop.pause(for: backoff.delay(afterAttempt: round))
            let answers = mayAsk ? await probe(site) : false
            state.withLock { state in
                guard case .down = state.mode else { return }
                if answers {
                    state.mode = .trial(round: round, isRunning: false, failing: [])
                } else {
                    state.mode = .down(round: mayAsk ? round + 1 : round, isProbing: false)
                }
            }
        }
    }

    private func beginProbe() -> (round: Int, site: String)? {
        state.withLock { state in
            guard case .down(let round, isProbing: false) = state.mode else { return nil }
            state.mode = .down(round: round, isProbing: true)
            return (round, state.site)
        }
    }

    private func record(_ value: Int) {
        Gauge(label: gauge).record(value)
    }
}
