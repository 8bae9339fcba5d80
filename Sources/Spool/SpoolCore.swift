// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import Logging
import Synchronization

/// What publishers and the drain share: contents, health, alarms, behind one lock.
final class SpoolCore: Sendable {
    private struct State {
        var contents: SpoolContents
        var health: PrimaryHealth
        var alarm = SpoolAlarm()
        var locked = 0
        /// Drain tasks that wait for the bus.
        var waiting = 0
    }

    let settings: SpoolSettings
    /// Rings at every change of the bus's health.
    let bell = Bell()
    private let clock: any WallClock
    private let metrics = SpoolMetrics()
    private let logger: Logger
    private let state: Mutex<State>

    init(_ contents: SpoolContents, settings: SpoolSettings, clock: any WallClock, logger: Logger) {
        self.settings = settings
        self.clock = clock
        self.logger = logger
        state = Mutex(State(contents: contents, health: PrimaryHealth(policy: settings.retry)))
        if contents.count > 0 { tell(state.withLock { $0.alarm.stored(at: clock.now()) }, reason: "found at start") }
        measure()
    }

    var now: Timestamp { clock.now() }

    var status: SpoolStatus {
        let now = clock.now()
        return state.withLock { state in
            let age = state.contents.oldest().map { now.duration(since: $0) }
            return SpoolStatus(
                isPrimaryUp: state.health.isUp, messages: state.contents.count, bytes: state.contents.bytes,
                oldestAge: age, locked: state.locked,
                isFull: state.alarm.isFull
                    || settings.bounds.refusal(of: 0, into: &state.contents, now: now) != nil)
        }
    }

    func measure() {
        metrics.show(status)
    }

    /// Nil when a message of this lane may go straight to the bus, else why not: a word for the metrics.
    func detour(_ lane: SpoolLane) -> String? {
        state.withLock { state in
            if state.contents.holds(lane) { return "behind-others" }
            return state.health.isUp ? nil : "bus-away"
        }
    }

    // MARK: contents

    /// Books a message that is about to be stored; else says why it is not taken.
    func admit(_ label: SpoolLabel, bytes: Int) -> String? {
        let (refusal, events) = state.withLock { state -> (String?, [SpoolAlarm.Event]) in
            if let refusal = settings.bounds.refusal(of: bytes, into: &state.contents, now: label.since) {
                return (refusal, state.alarm.refused())
            }
            state.contents.add(label.id, .init(lane: label.lane, bytes: bytes, since: label.since))
            return (nil, [])
        }
        if let refusal {
            metrics.countRefused(reason: "bounds")
            tell(events, reason: refusal)
        }
        return refusal
    }

    func stored(cause: String) {
        metrics.countSpooled(cause: cause)
        let now = clock.now()
        // Drained already, when the bus came back just now: then there is nothing to tell.
        tell(state.withLock { $0.contents.count > 0 ? $0.alarm.stored(at: now) : [] }, reason: cause)
    }

    /// The disk did not take the message.
    ///
    /// - Parameter isGone: false when it may be there all the same; then its lane stays behind it.
    func notStored(_ id: String, isGone: Bool, reason: String) {
        metrics.countRefused(reason: "disk")
        let events = state.withLock { state in
            if isGone { state.contents.remove(id) }
            return state.alarm.refused()
        }
        tell(events, reason: reason)
    }

    func read(_ label: SpoolLabel, bytes: Int) {
        state.withLock { state in
            state.contents.read(label.id, .init(lane: label.lane, bytes: bytes, since: label.since))
        }
    }

    func drained(_ id: String) {
        metrics.countDrained()
        let events = state.withLock { state -> [SpoolAlarm.Event] in
            state.contents.remove(id)
            return state.contents.count == 0 ? state.alarm.emptied() : []
        }
        tell(events, reason: "")
    }

    func locked() {
        state.withLock { $0.locked += 1 }
        measure()
    }

    // MARK: health

    /// True while the bus is up, or for the one who tries it; false when the task was cancelled.
    func awaitPrimary() async -> (mayTry: Bool, isTrial: Bool) {
        state.withLock { $0.waiting += 1 }
        defer { state.withLock { $0.waiting -= 1 } }
        while !Task.isCancelled {
            let round = bell.round
            let (isUp, isTrial) = state.withLock { ($0.health.isUp, $0.health.takeTrial()) }
            if isUp { return (true, false) }
            if isTrial { return (true, true) }
            await bell.wait(after: round)
        }
        return (false, false)
    }

    /// Tries the bus from time to time while it is away, until the task is cancelled.
    ///
    /// - Parameter probe: asked when no message waits to be drained; true when the bus serves.
    func watch(_ probe: @Sendable () async -> Bool) async {
        var generator = SystemRandomNumberGenerator()
        while !Task.isCancelled {
            let round = bell.round
            guard let pause = state.withLock({ $0.health.pause(using: &generator) }) else {
                await bell.wait(after: round)
                continue
            }
            do { try await Task.sleep(for: pause) } catch { return }
            let isMine = state.withLock { state in
                state.health.openTrial()
                return state.waiting == 0 && state.health.takeTrial()
            }
            guard isMine else {
                // Whoever drains next takes the trial; its end rings.
                bell.ring()
                continue
            }
            if await probe() { succeeded() } else { failed(isTrial: true, reason: "not ready") }
        }
    }

    func succeeded() {
        guard state.withLock({ $0.health.succeeded() }) else { return }
        logger.notice("the bus takes messages again", metadata: ["spooled": "\(status.messages)"])
        bell.ring()
    }

    func failed(isTrial: Bool, reason: String) {
        if state.withLock({ $0.health.failed(isTrial: isTrial) }) {
            logger.warning("the bus is away; messages go into the spool", metadata: ["reason": "\(reason)"])
        }
        bell.ring()
    }

    // MARK: alarms

    private func tell(_ events: [SpoolAlarm.Event], reason: String) {
        guard !events.isEmpty else { return }
        let status = status
        metrics.show(status)
        let metadata: Logger.Metadata = [
            "messages": "\(status.messages)", "bytes": "\(status.bytes)", "reason": "\(reason)",
        ]
        for event in events {
            switch event {
            case .began: logger.warning("spooling began", metadata: metadata)
            case .full: logger.error("the spool takes no more: callers are answered 503", metadata: metadata)
            case .room: logger.notice("the spool takes messages again", metadata: metadata)
            case .drained: logger.notice("the spool is drained", metadata: metadata)
            }
        }
    }
}
