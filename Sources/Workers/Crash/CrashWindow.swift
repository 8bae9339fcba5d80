// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// The time in which the work on one delivery can crash the process. See `CrashGuard`.
///
/// A handler opens it for reading and writing a message, which waits for nothing, and closes it before it publishes,
/// calls or asks the store: whoever waits inside keeps the whole process waiting. Used by one handler, in one task at a
/// time.
package final class CrashWindow: Sendable {
    /// What came of opening.
    package enum Entry: Sendable, Hashable {
        case entered
        /// By the stop signal or a cancellation: leave the delivery unsettled.
        case stopped
        /// The process died over this message so many times while it was alone: set it aside.
        case poison(crashes: Int)
    }

    /// Guards nothing: for tests, and where no crash guard is wanted.
    package static let none = CrashWindow(crashGuard: nil, key: "", isSuspect: false, stop: StopSignal())

    private struct State {
        /// The key of the open part.
        var open: String?
        var used: [String] = []
        var hasMetPoison = false
    }

    private let crashGuard: CrashGuard?
    private let key: String
    private let isSuspect: Bool
    private let stop: StopSignal
    private let state = Mutex(State())

    init(crashGuard: CrashGuard?, key: String, isSuspect: Bool, stop: StopSignal) {
        self.crashGuard = crashGuard
        self.key = key
        self.isSuspect = isSuspect
        self.stop = stop
    }

    /// Opens the window for a part of the work, waiting until it may.
    ///
    /// - Parameter part: each part is marked by itself, or the survival of the first would hide a crash in the second.
    package func open(_ part: String? = nil) async -> Entry {
        guard let crashGuard else { return .entered }
        await close()
        let key = part.map { "\(self.key)|\($0)" } ?? self.key
        let entry = await crashGuard.enter(key, isSuspect: isSuspect, stop: stop)
        state.withLock { state in
            if isSuspect { state.used.append(key) }
            if entry == .entered { state.open = key }
            if case .poison = entry { state.hasMetPoison = true }
        }
        return entry
    }

    /// The work that can crash is over; closed already, it does nothing.
    package func close() async {
        guard let crashGuard else { return }
        let open = state.withLock { state in
            defer { state.open = nil }
            return state.open
        }
        if let open { await crashGuard.leave(open, isSuspect: isSuspect, stop: stop) }
    }

    /// The delivery is acknowledged. Forgets the marks of a message that was set aside: should an operator put it back,
    /// it begins anew.
    func settled() async {
        let keys = state.withLock { $0.hasMetPoison ? $0.used : [] }
        if !keys.isEmpty { await crashGuard?.forget(keys) }
    }
}
