// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import Ocean

/// Whether a message only says what went out to Ocean before, and what in it somebody else has changed.
enum EchoRule {
    struct Finding: Sendable, Hashable {
        let isEcho: Bool
        /// Aspects of the referral that somebody else has changed.
        let foreign: Set<String>
    }

    /// An echo is a message all of whose changes are ours: one remembered change beside a new one proves nothing, and a
    /// sender's message that passes for an echo is a question that nobody answers. So when in doubt it is none.
    ///
    /// - Parameters:
    ///   - changes: what the message says that the known state did not say.
    ///   - remembered: which of them went out, and when.
    ///   - changedAt: when somebody else last changed an aspect: what we said of it before is no explanation any more.
    static func finding(
        on changes: [String], in referral: Referral, remembered: [String: Timestamp], changedAt: [String: Timestamp]
    ) -> Finding {
        var foreign: Set<String> = []
        var isEcho = !changes.isEmpty
        for change in changes {
            let aspects = ReferralAspect.aspects(of: change, in: referral)
            let since = aspects.compactMap { changedAt[$0] }.max()
            if let sent = remembered[change], since.map({ $0 <= sent }) ?? true { continue }
            isEcho = false
            foreign.formUnion(aspects)
        }
        return Finding(isEcho: isEcho, foreign: foreign)
    }
}
