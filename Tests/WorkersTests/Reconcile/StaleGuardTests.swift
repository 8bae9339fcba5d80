// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import Ocean
import Testing

@testable import Workers

@Suite("The stale guard")
struct StaleGuardTests {
    private static let ten = Timestamp("2026-01-01T10:00:00Z") ?? Timestamp(milliseconds: 0)

    private static func update(_ action: UpdateAction, at time: String? = "2026-01-01T10:00:00Z") -> ReferralUpdate {
        var update = ReferralUpdate(referral: "ref-1", site: "1234", action: action)
        update.occurredAt = time
        return update
    }

    private static func record(_ status: ReferralStatus, _ changes: [String: Int]) -> ReferralRecord {
        ReferralRecord(
            reference: "ref-1", site: "1234", status: status.rawValue, sourceTime: ten,
            changedAt: changes.mapValues { ten.advanced(by: .seconds(60 * $0)) })
    }

    /// One row of the table in docs/messages.md.
    struct Row: Sendable, CustomTestStringConvertible {
        let action: UpdateAction
        let status: ReferralStatus
        /// Minutes after the update happened, by aspect.
        let changes: [String: Int]
        let isStale: Bool
        var testDescription: String { "\(action) of \(status), \(changes)" }
    }

    @Test(
        "stale is what would undo a newer change of the same aspect, and nothing else",
        arguments: [
            Row(action: .accept, status: .declined, changes: ["status": 1], isStale: true),
            Row(action: .accept, status: .declined, changes: ["status": 0], isStale: false),
            Row(action: .accept, status: .declined, changes: ["status": -1], isStale: false),
            Row(action: .accept, status: .declined, changes: ["sent:status": 1], isStale: true),
            Row(action: .accept, status: .accepted, changes: ["status": 1], isStale: false),
            Row(action: .reopen, status: .cancelled, changes: ["status": 1], isStale: true),
            Row(action: .complete, status: .received, changes: ["listing": 1], isStale: true),
            Row(action: .complete, status: .received, changes: ["category": 1, "patient": 1], isStale: false),
            Row(action: .convertToConsult, status: .accepted, changes: ["kind": 1], isStale: true),
            Row(action: .forward, status: .accepted, changes: ["sent:listing": 1], isStale: true),
            Row(action: .reschedule, status: .booked, changes: ["appointment:a1": 1], isStale: true),
            Row(action: .reschedule, status: .booked, changes: ["appointment:a2": 1], isStale: false),
            Row(action: .cancelBooking, status: .booked, changes: ["appointments": 1], isStale: true),
            Row(action: .book, status: .accepted, changes: ["status": 1], isStale: false),
            Row(action: .book, status: .cancelled, changes: ["status": 1], isStale: true),
            Row(action: .cancelBooking, status: .cancelled, changes: ["status": 1], isStale: false),
            Row(action: .bookingComments, status: .booked, changes: ["comments": 1], isStale: true),
            Row(action: .correctCategory, status: .booked, changes: ["category": 1], isStale: true),
            Row(action: .updateDemographics, status: .booked, changes: ["patient": 1], isStale: true),
            Row(action: .redirect, status: .accepted, changes: ["redirect": 1], isStale: true),
            Row(action: .message, status: .cancelled, changes: ["status": 1, "patient": 1], isStale: false),
            Row(action: .requestInformation, status: .declined, changes: ["status": 1], isStale: false),
            Row(action: .needsReview, status: .declined, changes: ["status": 1], isStale: false),
        ])
    func table(_ row: Row) {
        let found = StaleGuard.staleness(
            of: Self.update(row.action), appointmentID: "a1", record: Self.record(row.status, row.changes))
        #expect((found != nil) == row.isStale)
    }

    @Test("what does not say when it happened, or says it unreadably, is never stale; nor is an unknown referral's")
    func undated() {
        let record = Self.record(.declined, ["status": 1])
        for time in [nil, "yesterday", "2026-01-01"] {
            #expect(StaleGuard.staleness(of: Self.update(.accept, at: time), appointmentID: nil, record: record) == nil)
        }
        #expect(StaleGuard.staleness(of: Self.update(.accept), appointmentID: nil, record: nil) == nil)
    }

    @Test("what went out is written down under its time, at the latest that of sending")
    func written() {
        let early = Self.ten.advanced(by: .seconds(-60))
        #expect(
            StaleGuard.changes(by: Self.update(.decline), appointmentID: nil, sentAt: Self.ten)
                == ["sent:status": Self.ten])
        #expect(
            StaleGuard.changes(by: Self.update(.book), appointmentID: "a1", sentAt: early)
                == ["sent:appointment:a1": early, "sent:status": early])
        #expect(StaleGuard.changes(by: Self.update(.message), appointmentID: nil, sentAt: early).isEmpty)
        #expect(StaleGuard.changes(by: Self.update(.accept, at: nil), appointmentID: nil, sentAt: early).isEmpty)
    }

    @Test("notes on a key read as they were written; others are none")
    func notes() {
        let settled: [Settled?] = [
            nil, .delivered(status: 201, attempts: 3),
            .refused(.unauthorized, detail: "HTTP 403", status: 403, attempts: 1),
            .refused(.notConfigured, detail: "no credentials", status: nil, attempts: 1),
            .stale(StaleGuard.Staleness(aspect: "status", changedAt: Self.ten), attempts: 0),
        ]
        for one in settled {
            let note = UpdateNote(digest: "d", settled: one)
            #expect(UpdateNote(text: note.text) == note)
        }
        #expect(UpdateNote(text: "judged - - d") == nil)
        let judgement = Judgement(isEcho: true, isLate: false, digest: "d")
        #expect(Judgement(note: judgement.note) == judgement)
        #expect(Judgement(note: UpdateNote(digest: "d").text) == nil)
    }
}
