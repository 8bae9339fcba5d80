// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

package import BridgeCore
import JSON
package import Logging
package import Ocean

/// Tells Ocean what hospital systems said about a referral: reads the update, writes it in the site's dialect, sends
/// it until Ocean has answered, publishes what became of it.
package final class Publisher: Sendable {
    package struct Settings: Sendable {
        /// By site number: the dialect in which Ocean is configured to speak, where no referral tells.
        package var dialects: [String: Dialect] = [:]
        package var defaultDialect = Dialect.fhir0111
        /// By site number: its choices where Ocean's documents leave one.
        package var conventions: [String: UpdateConventions] = [:]
        /// Ocean's base address, without a trailing slash.
        package var oceanHost: String
        /// Our own address, for `MessageHeader.source.endpoint`.
        package var sourceEndpoint: String
        /// Names this publisher in leases: unique per start. `ProcessIdentity.holder` makes one that others can tell to
        /// be dead.
        package var holder: String
        /// Whether the holder of a lease is dead for certain.
        package var isDead: @Sendable (_ holder: String) -> Bool = { ProcessIdentity.isDead(holder: $0) }
        /// Longer than one call with its token may take. Renewed before each attempt; after a crash an update that
        /// was in work waits so long, lest Ocean be told twice.
        package var lease: Duration = .seconds(90)
        /// Whether an update that would undo a newer change is refused as stale.
        package var refusesStale = true
        /// Calls to Ocean at once per site, where the site's policy says nothing else.
        package var callsPerSite = 4
        /// By site number.
        package var sites: [String: SitePolicy] = [:]
        /// How long one update may fail, from its first failed attempt, while Ocean answers others; then its referral
        /// is parked.
        package var parkAfter: Duration = .seconds(300)
        /// When parked referrals are tried again.
        package var parking = ParkingSchedule()
        /// Looks at the structure of what is sent to Ocean, and holds nothing back.
        package var judge = BundleJudge()

        package init(oceanHost: String, sourceEndpoint: String, holder: String) {
            self.oceanHost = oceanHost
            self.sourceEndpoint = sourceEndpoint
            self.holder = holder
        }
    }

    static let name = "publisher"

    let store: any StateStore
    let ocean: any OceanService
    let openAPI: OpenReferralAccess?
    let reader: any UpdateReader
    let writer: any UpdateWriter
    let settings: Settings
    let availability: OceanAvailability
    let outlet: Outlet
    let persistence: Persistence
    let permits: SitePermits
    let pace: SitePace
    let turns = ReferralTurns()
    let clock: any WallClock
    private let observer: any HopObserver
    let logger: Logger
    let parking: LaneParking
    let reconciler: UpdateReconciler

    /// - Parameters:
    ///   - openAPI: for sites whose messages go by the Open API; nil where there is none.
    ///   - sideLanes: shared by the workers of a process, so that a closed lane is told once.
    package init(
        bus: any MessageBus, store: any StateStore, ocean: any OceanService,
        openAPI: OpenReferralAccess? = nil, reader: any UpdateReader, writer: any UpdateWriter, settings: Settings,
        availability: OceanAvailability,
        clock: any WallClock = SystemClock(), backoff: Backoff = Backoff(),
        observer: any HopObserver = SilentObserver(), sideLanes: SideLanes? = nil, logger: Logger
    ) {
        self.store = store
        self.ocean = ocean
        self.openAPI = openAPI
        self.reader = reader
        self.writer = writer
        self.settings = settings
        self.availability = availability
        self.clock = clock
        self.observer = observer
        self.logger = logger
        persistence = Persistence(backoff: backoff)
        outlet = Outlet(
            bus: bus, persistence: persistence, clock: clock, sideLanes: sideLanes ?? SideLanes(logger: logger))
        permits = SitePermits(
            limit: settings.callsPerSite, limits: settings.sites.compactMapValues(\.concurrency))
        pace = SitePace(intervals: settings.sites.mapValues(\.interval))
        reconciler = UpdateReconciler(
            store: store, clock: clock, lease: settings.lease, holder: settings.holder,
            isGuarding: settings.refusesStale)
        parking = LaneParking(
            stage: Self.name, lot: store, history: store, limit: settings.parkAfter, schedule: settings.parking,
            persistence: persistence, clock: clock, alarm: LotAlarm(logger: logger))
    }

    /// Handles one delivery of `ocean.updates.N`.
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

    /// One message through the publisher, whichever way it came.
    func take(
        _ delivery: Delivery, from origin: Origin, stop: StopSignal, window: CrashWindow
    ) async -> Passage {
        let hop = Hop(Self.name, delivery, logger: logger, observer: observer)
        return await parking.take(
            delivery, from: origin, hop, stop,
            announce: { (reason, tally) async throws(Halt) in
                let work = Publication(
                    publisher: self, delivery: delivery, hop: hop, stop: stop, tally: tally, window: window)
                try await work.announceParked(reason)
            },
            work: { (tally) async throws(Halt) in
                try await Publication(
                    publisher: self, delivery: delivery, hop: hop, stop: stop, tally: tally, window: window
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
