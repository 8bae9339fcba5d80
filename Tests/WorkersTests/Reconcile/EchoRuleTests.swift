// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import BridgeTestKit
import Ocean
import Testing

@testable import Workers

@Suite("The echo rule")
struct EchoRuleTests {
    private static let ten = Timestamp(milliseconds: 1_767_261_600_000)
    private static let later = ten.advanced(by: .seconds(60))

    private static func finding(
        _ changes: [String], remembered: [String: Timestamp], changedAt: [String: Timestamp] = [:]
    ) -> EchoRule.Finding {
        EchoRule.finding(on: changes, in: Referral(), remembered: remembered, changedAt: changedAt)
    }

    @Test("an echo is nothing but ours; what else is in it is somebody else's change")
    func rule() {
        let ours = ["task:accepted": Self.ten]
        #expect(Self.finding([], remembered: ours) == EchoRule.Finding(isEcho: false, foreign: []))
        #expect(Self.finding(["task:accepted"], remembered: ours) == EchoRule.Finding(isEcho: true, foreign: []))
        #expect(
            Self.finding(["task:accepted", "patient:x"], remembered: ours)
                == EchoRule.Finding(isEcho: false, foreign: ["patient"]))
        #expect(
            Self.finding(["task:accepted", "rest:x"], remembered: ours)
                == EchoRule.Finding(isEcho: false, foreign: []))
    }

    @Test("what we said before somebody else changed the same thing explains nothing any more")
    func outdated() {
        let ours = ["task:accepted": Self.ten]
        #expect(!Self.finding(["task:accepted"], remembered: ours, changedAt: ["status": Self.later]).isEcho)
        #expect(Self.finding(["task:accepted"], remembered: ours, changedAt: ["status": Self.ten]).isEcho)
        #expect(Self.finding(["task:accepted"], remembered: ours, changedAt: ["patient": Self.later]).isEcho)
        #expect(Self.finding(["task:accepted"], remembered: ours, changedAt: ["sent:status": Self.later]).isEcho)
    }
}

@Suite("The time of a message")
struct SourceTimeTests {
    @Test("what lies far ahead counts as now; the same time is not late")
    func time() {
        let now = Timestamp("2026-01-01T10:00:00Z") ?? Timestamp(milliseconds: 0)
        func of(_ time: String) -> Timestamp {
            SourceTime.of(Inbound.message("m1"), Inbound.canonical(timestamp: time), now: now)
        }
        #expect(of("2026-01-01T10:10:00Z") == now.advanced(by: .seconds(600)))
        #expect(of("2026-01-01T10:10:01Z") == now)
        #expect(of("2025-01-01T10:00:00Z") < now)
        let known = ReferralRecord(reference: "r", site: "1", status: "accepted", sourceTime: now)
        #expect(!SourceTime.isLate(now, known: known))
        #expect(SourceTime.isLate(now.advanced(by: .milliseconds(-1)), known: known))
        #expect(!SourceTime.isLate(now, known: nil))
    }
}
