// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

package import BridgeCore
package import Logging
package import Ocean

/// Asks Ocean for the eForms that hospital systems want a patient to fill, and tells them the link.
package final class FormWorker: Sendable {
    package struct Settings: Sendable {
        package var template = FormTemplate.assumed
        /// The shared encryption keys of a site.
        package var keys: @Sendable (_ site: String) -> SharedEncryptionKeys? = { _ in nil }
        /// Sites for which nothing is sent.
        package var dryRuns: Set<String> = []
        /// Names this worker in leases: unique per start.
        package var holder: String
        /// Whether the holder of a lease is dead for certain.
        package var isDead: @Sendable (_ holder: String) -> Bool = { ProcessIdentity.isDead(holder: $0) }
        /// Longer than one call may take; renewed before each attempt.
        package var lease: Duration = .seconds(90)
        /// Calls at once per site.
        package var perSite = 2
        /// How long one request may fail while Ocean answers others; then its lane is parked.
        package var parkAfter: Duration = .seconds(300)
        package var parking = ParkingSchedule()

        package init(holder: String) {
            self.holder = holder
        }
    }

    static let name = "forms"

    let settings: Settings
    let store: any StateStore
    let forms: any FormService
    let ocean: any OceanService
    let availability: OceanAvailability
    let outlet: Outlet
    let persistence: Persistence
    let permits: SitePermits
    let clock: any WallClock
    let logger: Logger
    let parking: LaneParking
    private let observer: any HopObserver

    /// - Parameters:
    ///   - store: remembers which requests are done, and their links.
    ///   - ocean: asked for a sign of life when requests fail.
    package init(
        bus: any MessageBus, store: any StateStore, forms: any FormService, ocean: any OceanService,
        settings: Settings, availability: OceanAvailability, clock: any WallClock = SystemClock(),
        backoff: Backoff = Backoff(), observer: any HopObserver = SilentObserver(), sideLanes: SideLanes? = nil,
        logger: Logger
    ) {
        self.store = store
        self.forms = forms
        self.ocean = ocean
        self.settings = settings
        self.availability = availability
        self.clock = clock
        self.observer = observer
        self.logger = logger
        persistence = Persistence(backoff: backoff)
        outlet = Outlet(
            bus: bus, persistence: persistence, clock: clock, sideLanes: sideLanes ?? SideLanes(logger: logger))
        permits = SitePermits(limit: settings.perSite)
        parking = LaneParking(
            stage: Self.name, lot: store, history: store, limit: settings.parkAfter, schedule: settings.parking,
            persistence: persistence, clock: clock, alarm: LotAlarm(logger: logger))
    }

    /// Handles one delivery of `ocean.forms.N`.
    package func handle(
        _ delivery: Delivery, stop: StopSignal, window: CrashWindow = .none
    ) async -> HandlerOutcome {
        // Before any work: while Ocean is down nothing is held, and nothing parked.
        if availability.isDown { return .giveUp }
        switch await take(delivery, from: .queue, stop: stop, window: window) {
        case .left, .parked: return .done
        case .failing, .halted: return availability.isDown ? .giveUp : .abandoned
        }
    }

    /// One request through the worker, whichever way it came.
    func take(
        _ delivery: Delivery, from origin: Origin, stop: StopSignal, window: CrashWindow
    ) async -> Passage {
        let hop = Hop(Self.name, delivery, logger: logger, observer: observer)
        return await parking.take(
            delivery, from: origin, hop, stop,
            announce: { (reason, tally) async throws(Halt) in
                try await FormWork(
                    worker: self, delivery: delivery, hop: hop, stop: stop, tally: tally, window: window
                ).announceParked(reason)
            },
            work: { (tally) async throws(Halt) in
                try await FormWork(
                    worker: self, delivery: delivery, hop: hop, stop: stop, tally: tally, window: window
                ).run()
            })
    }

    /// Returns when Ocean answers again: for `PartitionConsumer`'s `resume`.
    package func awaitOcean(stop: StopSignal) async {
        let (ocean, logger) = (self.ocean, self.logger)
        await availability.awaitRecovery(stop: stop) { site in
            do throws(OceanServiceError) {
                try await ocean.check(site: site)
                return true
            } catch {
                logger.debug("Ocean does not answer yet", metadata: ["reason": "\(error.reason)"])
                // A refusal is an answer.
                return error.disposition == .reject
            }
        }
    }
}
