// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import Logging
import Ocean

extension FormWork {
    /// Sends until Ocean has answered for good. Later requests of the lane wait behind this one.
    ///
    /// - Throws: `Halt` on the stop signal, when Ocean as a whole went down, and with a setback when Ocean fails for
    ///   this request for too long while it answers others.
    func send(
        _ call: FormCall, _ request: FormRequest, _ identity: FormIdentity, isLeased: Bool
    ) async throws(Halt) -> Result<FormAnswer, OceanServiceError> {
        let availability = worker.availability
        var tries = 0
        while true {
            if tries > 0, isLeased { try await renew(identity) }
            try await admitted()
            tries += 1
            let failure: OceanServiceError
            await worker.permits.acquire(request.site)
            do throws(OceanServiceError) {
                let answer = try await worker.forms.createForm(call, site: request.site, trace: hop.trace)
                worker.permits.release(request.site)
                availability.answered()
                hop.note(.form, "answered", detail: "attempt \(tally.attempt)")
                return .success(answer)
            } catch {
                worker.permits.release(
                    request.site, answered: error.disposition == .reject && error.status != nil)
                failure = error
            }
            guard case .retry(let after) = failure.disposition else {
                if failure.status == nil { availability.withdrawn() } else { availability.answered() }
                return .failure(failure)
            }
            if Task.isCancelled {
                availability.withdrawn()
                throw Halt()
            }
            await failed(failure, site: request.site, tries: tries)
            if availability.isDown { throw Halt() }
            if tally.isOverdue(since: availability.upSince, wait: after ?? .zero) {
                try await makeRoom(failure, site: request.site, retryAfter: after)
            }
            let delay = worker.persistence.backoff.delay(afterAttempt: tries, retryAfter: after)
            guard await stop.pause(for: delay) else { throw Halt() }
        }
    }

    /// Counts a failed attempt, unless Ocean as a whole turns out to be down.
    private func failed(_ failure: OceanServiceError, site: String, tries: Int) async {
        let availability = worker.availability
        if tally.isFromLot {
            // It is known to fail on its own account, so it says nothing of Ocean.
            availability.withdrawn()
        } else if availability.failed(
            referral: message.subject ?? message.id, site: site, reason: failure.reason)
        {
            worker.permits.restrict()
        }
        hop.note(.form, "retry", detail: "\(failure.reason), attempt \(tally.attempt)")
        hop.retrying("ocean", failure, attempt: tries)
        if !availability.isDown { await tally.note(failure.reason, hop) }
    }

    /// The lane is to be parked, unless Ocean gives no other sign of life either.
    private func makeRoom(
        _ failure: OceanServiceError, site: String, retryAfter: Duration?
    ) async throws(Halt) {
        if !tally.isFromLot {
            do throws(OceanServiceError) {
                try await worker.ocean.check(site: site)
            } catch {
                if Task.isCancelled { throw Halt() }
                // A refusal is an answer.
                if error.disposition != .reject {
                    worker.permits.restrict()
                    worker.availability.silent(site: site, reason: error.reason)
                    throw Halt()
                }
            }
        }
        throw Halt(Setback(reason: failure.reason, retryAfter: retryAfter))
    }

    private func admitted() async throws(Halt) {
        while true {
            if stop.isTriggered || Task.isCancelled { throw Halt() }
            switch worker.availability.admit() {
            case .go: return
            case .down: throw Halt()
            case .wait(let duration):
                guard await stop.pause(for: duration) else { throw Halt() }
            }
        }
    }
}
