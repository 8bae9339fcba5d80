// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import Logging
import Metrics
import Ocean

extension Publication {
    enum Sent: Sendable {
        case delivered(OceanAnswer, attempts: Int)
        case refused(OceanServiceError, attempts: Int)
    }

    /// Sends until Ocean has answered for good. Later updates of the referral wait behind this one.
    ///
    /// - Throws: `Halt` on the stop signal, and when Ocean as a whole went down.
    func send(
        _ bundle: OutgoingBundle, for update: ReferralUpdate, _ key: String, since started: Timestamp
    ) async throws(Halt) -> Sent {
        var attempt = 0
        var isOverdue = false
        while true {
            if attempt > 0 { try await renew(key) }
            try await admitted()
            attempt += 1
            let failure: OceanServiceError
            await publisher.permits.acquire(update.site)
            do throws(OceanServiceError) {
                let answer = try await publisher.ocean.process(bundle.body, site: update.site, trace: hop.trace)
                publisher.permits.release(update.site)
                publisher.availability.answered()
                hop.note(.publish, "delivered", detail: "attempt \(attempt)", event: bundle.event)
                return .delivered(answer, attempts: attempt)
            } catch {
                publisher.permits.release(update.site)
                failure = error
            }
            guard case .retry(let after) = failure.disposition else {
                if failure.status == nil {
                    publisher.availability.withdrawn()
                } else {
                    publisher.availability.answered()
                }
                return .refused(failure, attempts: attempt)
            }
            if Task.isCancelled {
                publisher.availability.withdrawn()
                throw Halt()
            }
            publisher.availability.failed(referral: update.referral, site: update.site, reason: failure.reason)
            hop.note(.publish, "retry", detail: "\(failure.reason), attempt \(attempt)", event: bundle.event)
            hop.retrying("ocean", failure, attempt: attempt)
            if !isOverdue, publisher.clock.now().duration(since: started) > publisher.settings.retryLimit {
                isOverdue = true
                overdue(failure, attempts: attempt)
            }
            if publisher.availability.isDown { throw Halt() }
            let delay = publisher.persistence.backoff.delay(afterAttempt: attempt, retryAfter: after)
            guard await stop.pause(for: delay) else { throw Halt() }
        }
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

    private func overdue(_ failure: OceanServiceError, attempts: Int) {
        Counter(label: "ocean_bridge_updates_overdue_total", dimensions: [("reason", failure.reason)]).increment()
        hop.logger.error(
            "an update fails again and again while Ocean answers others; later updates of this referral wait behind it",
            metadata: ["reason": "\(failure.reason)", "attempts": "\(attempts)"])
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
