// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// Where the server listens, once it does.
final class BaseAddress: Sendable {
    private enum State {
        case waiting([CheckedContinuation<Int?, Never>])
        case bound(Int)
        case stopped
    }

    private let state = Mutex(State.waiting([]))
    private let address: String
    private let wanted: Int
    private let fixed: String?

    /// - Parameter port: what will be bound, where it is known before; else 0.
    init(address: String, port: Int, publicAddress: String?) {
        self.address = address
        wanted = port
        fixed = publicAddress
    }

    /// The base of Ocean's addresses; without a free port before it is known.
    var current: String {
        if let fixed { return fixed }
        let port = state.withLock { state in
            if case .bound(let port) = state { port } else { wanted }
        }
        return port == 0 ? "http://\(address)" : "http://\(address):\(port)"
    }

    /// Nil when the server ended without ever listening.
    func port() async -> Int? {
        await withCheckedContinuation { continuation in
            let known: Int?? = state.withLock { state in
                switch state {
                case .waiting(let list):
                    state = .waiting(list + [continuation])
                    return nil
                case .bound(let port): return .some(port)
                case .stopped: return .some(nil)
                }
            }
            if let known { continuation.resume(returning: known) }
        }
    }

    func bind(_ port: Int) { settle(.bound(port), port) }

    func stop() { settle(.stopped, nil) }

    private func settle(_ new: State, _ port: Int?) {
        let waiting: [CheckedContinuation<Int?, Never>] = state.withLock { state in
            defer { state = new }
            if case .waiting(let list) = state { return list }
            return []
        }
        for continuation in waiting { continuation.resume(returning: port) }
    }
}
