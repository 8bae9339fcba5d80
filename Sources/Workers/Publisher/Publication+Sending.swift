// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import Logging
import Ocean

extension Publication {
    enum Sent: Sendable {
        case delivered(OceanAnswer, attempts: Int)
        case refused(OceanServiceError, attempts: Int)
    }

    /// Sends until Ocean has answered for good. Later updates of the referral wait behind this one.
    ///
    /// - Throws: `Halt` on the stop signal, when Ocean as a whole went down, and with a setback when Ocean fails for
    ///   this update for too long while it answers others.
    func send(_ bundle: OutgoingBundle, for update: ReferralUpdate, _ key: String) async throws(Halt) -> Sent {
        var tries = 0
        while true {
            if tries > 0 { try await renew(key) }
            try await admitted()
            tries += 1
            let failure: OceanServiceError
            try await takePermit(update.site, key)
            Failpoint.oceanBefore.hit(message.id)
            do throws(OceanServiceError) {
                let answer = try await publisher.ocean.process(bundle.body, site: update.site, trace: hop.trace)
                Failpoint.oceanAfter.hit(message.id)
                publisher.permits.release(update.site)
                publisher.availability.answered()
                hop.note(.publish, "delivered", detail: "attempt \(tally.attempt)", event: bundle.event)
                return .delivered(answer, attempts: tally.attempt)
            } catch {
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
                return .refused(failure, attempts: tally.attempt)
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

    /// What the next update of this referral needs: the appointment's id and, until Ocean says more, the state.
    func remember(
        _ update: ReferralUpdate, _ bundle: OutgoingBundle, _ record: ReferralRecord?
    ) async throws(Halt) {
        let status = update.action.resultingStatus
        guard bundle.appointmentID != nil || status != nil else { return }
        // A referral that Ocean has not sent to us: any word of Ocean's is newer than what we know.
        var next =
            record
            ?? ReferralRecord(
                reference: update.referral, site: update.site, listing: update.listing, service: update.service,
                status: ReferralStatus.unknown.rawValue, sourceTime: Timestamp(milliseconds: 0))
        // The translator may save a newer record meanwhile; then that one gets the appointment. A few rounds: each
        // needs another message of the same referral in the same instant.
        for _ in 0..<5 {
            if let status { next.status = status.rawValue }
            if let id = bundle.appointmentID, !next.appointmentIDs.contains(id) { next.appointmentIDs.append(id) }
            let wanted = next
            let kept = try await store("save") { () async throws(StoreError) in
                try await publisher.store.save(wanted)
            }
            guard kept.sourceTime > wanted.sourceTime else { return }
            next = kept
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
