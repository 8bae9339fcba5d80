// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import JSON
import Ocean
import Testing

@Suite("The identity of a content")
struct ContentDigestTests {
    private static func canonical(_ change: (inout CanonicalMessage) -> Void = { _ in }) -> CanonicalMessage {
        var canonical = CanonicalMessage()
        canonical.event.code = "notify-update-service-request"
        canonical.event.bundleID = "b1"
        canonical.event.headerID = "h1"
        canonical.event.timestamp = "2026-01-01T10:00:00Z"
        canonical.original.sha256 = "one"
        var referral = Referral()
        referral.ref = "ref-1"
        referral.status = .accepted
        referral.modified = "2026-01-01T10:00:00Z"
        var task = ProcessTask()
        task.id = "t1"
        task.status = "accepted"
        referral.tasks = [task]
        referral.unmapped = [Unmapped(path: "Bundle.meta.lastUpdated", value: "2026-01-01T10:00:00Z")]
        canonical.referral = referral
        change(&canonical)
        return canonical
    }

    private static let digest = ContentDigest.digest(of: canonical())

    @Test("what a sender makes anew when it sends again does not count")
    func volatile() {
        let again = Self.canonical { canonical in
            canonical.event.bundleID = "b2"
            canonical.event.headerID = "h2"
            canonical.event.timestamp = "2026-01-01T11:00:00Z"
            canonical.original.sha256 = "two"
            canonical.referral?.modified = "2026-01-01T11:00:00Z"
            canonical.referral?.tasks[0].id = "t2"
            canonical.referral?.tasks[0].modified = "2026-01-01T11:00:00Z"
            canonical.referral?.unmapped = [
                Unmapped(path: "Bundle.meta.lastUpdated", value: "2026-01-01T11:00:00Z")
            ]
        }
        #expect(ContentDigest.digest(of: again) == Self.digest)
        #expect(Self.digest.utf8.count == 64)
    }

    @Test("all else counts")
    func counts() {
        var digests: Set<String> = [Self.digest]
        let changes: [(inout CanonicalMessage) -> Void] = [
            { $0.event.code = "add-service-request" }, { $0.event.reason = "Initial" },
            { $0.referral?.status = .declined }, { $0.referral?.tasks[0].status = "rejected" },
            { $0.referral?.appointments = [Appointment()] },
            { $0.referral?.unmapped = [Unmapped(path: "Bundle.entry[1].resource.id", value: "x")] },
            { $0.engagement = Engagement() }, { $0.referral = nil },
        ]
        for change in changes { digests.insert(ContentDigest.digest(of: Self.canonical(change))) }
        #expect(digests.count == changes.count + 1)
    }

    @Test("where nothing was understood only the same bytes are the same")
    func bytes() {
        let unknown = { (sha256: String) in
            ContentDigest.digest(
                of: Self.canonical {
                    $0.referral = nil
                    $0.original.sha256 = sha256
                })
        }
        #expect(unknown("one") == unknown("one"))
        #expect(unknown("one") != unknown("two"))
    }

    @Test("an update is the same under another key and time, and another with another word")
    func updates() {
        var update = ReferralUpdate(referral: "ref-1", site: "1234", action: .decline)
        update.reason = "no capacity"
        let digest = ContentDigest.digest(of: update)
        update.idempotencyKey = "k"
        update.occurredAt = "2026-01-01T10:00:00Z"
        #expect(ContentDigest.digest(of: update) == digest)
        update.reason = "wrong clinic"
        #expect(ContentDigest.digest(of: update) != digest)
    }
}

@Suite("What a change concerns")
struct ReferralAspectTests {
    @Test("words of change lead to the aspects that updates overwrite")
    func words() {
        var referral = Referral()
        var appointment = Appointment()
        appointment.id = "urn:a1"
        referral.appointments = [appointment]
        func of(_ change: String) -> Set<String> { ReferralAspect.aspects(of: change, in: referral) }
        #expect(of("task:accepted") == ["status"])
        #expect(of("status:cancelled") == ["status"])
        #expect(of("appointment:urn:a1:2026-01-01T10:00:00.000Z:confirmed") == ["appointment:urn:a1"])
        #expect(of("appointment:other:2026-01-01T10:00:00.000Z:confirmed") == ["appointments"])
        #expect(of("slot:2026-01-01T10:00:00.000Z:confirmed").isEmpty)
        referral.appointments = [Appointment()]
        #expect(of("slot:2026-01-01T10:00:00.000Z:confirmed") == ["appointments"])
        #expect(of("gone:appointment") == ["appointments"])
        for (word, aspect) in [
            ("listing:l", "listing"), ("kind:consult", "kind"), ("category:c", "category"), ("patient:p", "patient"),
            ("redirect:r", "redirect"), ("comments:c", "comments"),
        ] {
            #expect(of(word) == [aspect])
        }
        for word in ["communication:x", "rest:x", "odd"] { #expect(of(word).isEmpty) }
    }

    @Test("every action that changes something overwrites an aspect; what adds overwrites none")
    func actions() {
        let adding: Set<UpdateAction> = [.message, .requestInformation, .needsReview]
        for action in UpdateAction.allCases {
            let update = ReferralUpdate(referral: "r", site: "1", action: action)
            #expect(ReferralAspect.aspects(of: update, appointmentID: "a1").isEmpty == adding.contains(action))
        }
    }

    @Test("what is told for the first time has changed nothing")
    func first() {
        let all: Set<String> = ["status", "listing", "kind", "category", "patient"]
        var known = Referral()
        #expect(ReferralAspect.changed(all, in: known) == ["status"])
        known.patient = Patient()
        known.kind = .referral
        known.category = [Coding()]
        known.receiver = Listing()
        known.receiver?.ref = "l"
        #expect(ReferralAspect.changed(all, in: known) == all)
    }
}
