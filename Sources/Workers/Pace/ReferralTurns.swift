// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// One call to Ocean at a time per referral, in the order of asking, whichever lane the updates came by: a hospital
/// system may have published two of them under different routing keys.
///
/// Waiting is not cancelled: who has the turn ends by the stop signal too.
final class ReferralTurns: Sendable {
    /// Those who wait for each referral whose turn is taken.
    private let state = Mutex<[String: [CheckedContinuation<Void, Never>]]>([:])

    func begin(_ referral: String) async {
        await withCheckedContinuation { continuation in
            let isFree = state.withLock { waiting in
                guard waiting[referral] != nil else {
                    waiting[referral] = []
                    return true
                }
                waiting[referral]?.append(continuation)
                return false
            }
            if isFree { continuation.resume() }
        }
    }

    func end(_ referral: String) {
        let next = state.withLock { waiting -> CheckedContinuation<Void, Never>? in
            guard var queue = waiting[referral], !queue.isEmpty else {
                waiting[referral] = nil
                return nil
            }
            let first = queue.removeFirst()
            waiting[referral] = queue
            return first
        }
        next?.resume()
    }

    /// How many wait for the referral's turn, for tests.
    func waiting(for referral: String) -> Int { state.withLock { $0[referral]?.count ?? 0 } }

    /// Referrals whose turn is taken, for tests.
    var count: Int { state.withLock { $0.count } }
}
