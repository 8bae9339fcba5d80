// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore

extension Publication {
    /// Waits for the site's permit and its pace. The caller gives the permit back.
    ///
    /// - Throws: `Halt`, the permit given back, on the stop signal, when Ocean went down meanwhile, and when another
    ///   process has taken the update up.
    func takePermit(_ work: Work) async throws(Halt) {
        let site = work.update.site
        let asked = publisher.clock.now()
        await publisher.permits.acquire(site)
        do throws(Halt) {
            try await keepPace(site)
            // It may have waited for longer than the lease lasts.
            if publisher.clock.now().duration(since: asked) > publisher.settings.lease / 3 { try await renew(work) }
        } catch {
            publisher.permits.release(site, answered: false)
            publisher.availability.withdrawn()
            throw error
        }
    }

    private func keepPace(_ site: String) async throws(Halt) {
        while true {
            if stop.isTriggered || Task.isCancelled || publisher.availability.isDown { throw Halt() }
            guard let wait = publisher.pace.turn(of: site, now: publisher.clock.now()) else { return }
            guard await stop.pause(for: wait) else { throw Halt() }
        }
    }
}
