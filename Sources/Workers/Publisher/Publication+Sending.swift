// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import Logging
import Ocean

extension Publication {
    struct Sent: Sendable {
        let settled: Settled
        /// Ocean's answer where it took the update, or refused it.
        var answer: OceanAnswer?
        var failure: OceanServiceError?
        /// When it was first about to go out.
        let sentAt: Timestamp
    }

    /// Sends until Ocean has answered for good, unless it is stale, or becomes so while it waits. Later updates of the
    /// referral wait behind this one.
    ///
    /// - Throws: `Halt` on the stop signal, when Ocean as a whole went down, and with a setback when Ocean fails for
    ///   this update for too long while it answers others.
    func send(_ work: Work) async throws(Halt) -> Sent {
        let (update, bundle) = (work.update, work.bundle)
        let sentAt = publisher.clock.now()
        var tries = 0
        if bundle.reply == nil {
            publisher.settings.judge.written(
                bundle.body, contentType: "application/fhir+json", to: .ocean, partner: update.site, hop.logger)
        }
        while true {
            if tries > 0 { try await renew(work) }
            // Each time: it may have waited for long.
            if let staleness = try await staleness(of: work) {
                return Sent(settled: .stale(staleness, attempts: tally.failures), sentAt: sentAt)
            }
            if tries == 0 { try await announce(bundle, update) }
            try await admitted()
            tries += 1
            let failure: OceanServiceError
            try await takePermit(work)
            Failpoint.oceanBefore.hit(message.id)
            switch try await posted(work) {
            case .success(let answer):
                Failpoint.oceanAfter.hit(message.id)
                publisher.permits.release(update.site)
                publisher.availability.answered()
                hop.note(.publish, "delivered", detail: "attempt \(tally.attempt)", event: bundle.event)
                return Sent(
                    settled: .delivered(status: answer.status, attempts: tally.attempt), answer: answer, sentAt: sentAt)
            case .failure(let error):
                Failpoint.oceanAfter.hit(message.id)
                publisher.permits.release(update.site, answered: error.disposition == .reject && error.status != nil)
                failure = error
            }
            guard case .retry(let after) = failure.disposition else {
                if failure.status == nil {
                    publisher.availability.withdrawn()
                } else {
                    publisher.availability.answered()
                }
                return Sent(
                    settled: .refused(
                        failure.code, detail: failure.message, status: failure.status, attempts: tally.attempt),
                    failure: failure, sentAt: sentAt)
            }
            if Task.isCancelled {
                publisher.availability.withdrawn()
                throw Halt()
            }
            if failure.status == 429, let after {
                publisher.pace.hold(update.site, for: after, now: publisher.clock.now())
            }
            await failed(failure, update, bundle, tries: tries)
            if publisher.availability.isDown { throw Halt() }
            if tally.isOverdue(since: publisher.availability.upSince, wait: after ?? .zero) {
                try await makeRoom(failure, site: update.site, retryAfter: after)
            }
            let delay = publisher.persistence.backoff.delay(afterAttempt: tries, retryAfter: after)
            guard await stop.pause(for: delay) else { throw Halt() }
        }
    }

    /// - Throws: `Halt`, the permit given back.
    private func posted(_ work: Work) async throws(Halt) -> Result<OceanAnswer, OceanServiceError> {
        do throws(Halt) {
            return try await post(work)
        } catch {
            publisher.permits.release(work.update.site, answered: false)
            publisher.availability.withdrawn()
            throw error
        }
    }

    /// Before the call: the echo may arrive sooner than the answer.
    private func announce(_ bundle: OutgoingBundle, _ update: ReferralUpdate) async throws(Halt) {
        for fingerprint in bundle.fingerprints {
            try await store("remember") { () async throws(StoreError) in
                try await publisher.store.remember(
                    fingerprint: fingerprint, referral: update.referral, now: publisher.clock.now())
            }
        }
    }

    /// Counts a failed attempt, unless Ocean as a whole turns out to be down.
    private func failed(
        _ failure: OceanServiceError, _ update: ReferralUpdate, _ bundle: OutgoingBundle, tries: Int
    ) async {
        let availability = publisher.availability
        if tally.isFromLot {
            // It is known to fail on its own account, so it says nothing of Ocean.
            availability.withdrawn()
        } else if availability.failed(referral: update.referral, site: update.site, reason: failure.reason) {
            publisher.permits.restrict()
        }
        hop.note(
            .publish, "retry", detail: "\(failure.reason), attempt \(tally.attempt)", event: bundle.event)
        hop.retrying("ocean", failure, attempt: tries)
        if !availability.isDown { await tally.note(failure.reason, hop) }
    }

    /// The referral is to be parked, unless Ocean gives no other sign of life either: with few updates under way,
    /// failures in a row do not tell.
    private func makeRoom(
        _ failure: OceanServiceError, site: String, retryAfter: Duration?
    ) async throws(Halt) {
        if !tally.isFromLot {
            do throws(OceanServiceError) {
                try await publisher.ocean.check(site: site)
            } catch {
                if Task.isCancelled { throw Halt() }
                // A refusal is an answer.
                if error.disposition != .reject {
                    publisher.permits.restrict()
                    publisher.availability.silent(site: site, reason: error.reason)
                    throw Halt()
                }
            }
        }
        throw Halt(Setback(reason: failure.reason, retryAfter: retryAfter))
    }

    private func admitted() async throws(Halt) {
        while true {
            if stop.isTriggered || Task.isCancelled { throw Halt() }
            switch publisher.availability.admit() {
            case .go: return
            case .down: throw Halt()
            case .wait(let duration):
                guard await stop.pause(for: duration) else { throw Halt() }
            }
        }
    }
}

extension UpdateAction {
    /// The state that Ocean shows after the action, where there is no doubt.
    var resultingStatus: ReferralStatus? {
        switch self {
        case .accept: .accepted
        case .decline: .declined
        case .complete: .completed
        case .book, .confirmBooking, .reschedule: .booked
        case .requestInformation: .awaitingInformation
        case .forward: .forwarded
        case .reopen, .cancelBooking, .bookingComments, .message, .convertToConsult, .convertToReferral, .assign,
            .correctCategory, .needsReview, .redirect, .updateDemographics:
            nil
        }
    }
}
