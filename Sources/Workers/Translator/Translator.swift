// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

package import BridgeCore
import JSON
package import Logging
package import Ocean

/// Turns what Ocean said into messages for hospital systems: completes thin events, knows duplicates, echoes and
/// late comers, remembers the referral, publishes in every form that is switched on.
package final class Translator: Sendable {
    package struct Settings: Sendable {
        package var targets: [HospitalTarget]
        /// How long a message in work keeps others of the same content waiting after a crash.
        package var lease: Duration = .seconds(60)
        /// How long after a delivery the same content in a new envelope, with nothing of the referral between, counts
        /// as Ocean's retry of a webhook whose answer it did not see. Ocean tries several times in the first hour.
        package var repeatWindow: Duration = .seconds(3600)
        /// Reads of thin events at once, per site.
        package var enrichmentsPerSite = 2
        /// How long a message may fail, from its first failed attempt; then its referral is parked. Also while Ocean
        /// is down: what needs no answer of Ocean's is not held up for what does.
        package var parkAfter: Duration = .seconds(300)
        /// When parked referrals are tried again.
        package var parking = ParkingSchedule()
        /// Which documents are asked for on `ocean.documents`; nil for none.
        package var documents: DocumentRequests?
        /// What brings a form to a known referral, first things first; empty for no matching.
        package var matching: [MatchRule] = MatchRule.allCases
        /// Looks for fields that cannot be placed; nil looks for none.
        package var losses: LossBudget?

        /// Whether the updates of a site echo what was received: then the last bundle of each referral is kept.
        package var keepsReceived: @Sendable (_ site: String) -> Bool = { _ in false }
        /// Looks at the structure of FHIR, and refuses nothing.
        package var judge = BundleJudge()

        package init(targets: [HospitalTarget]) {
            self.targets = targets
        }
    }

    static let name = "translator"

    let settings: Settings
    let enricher: any Enricher
    let reconciler: Reconciler
    let outlet: Outlet
    let persistence: Persistence
    let permits: SitePermits
    let clock: any WallClock
    private let observer: any HopObserver
    let logger: Logger
    let parking: LaneParking

    /// - Parameters:
    ///   - changes: what a received referral says that the known one did not, to know the echo of our own.
    ///   - patientKey: the digest by which the referral index knows the patient.
    ///   - matchKeys: the digests by which a form finds the referrals of its patient.
    ///   - sideLanes: shared by the workers of a process, so that a closed lane is told once.
    package init(
        bus: any MessageBus, store: any StateStore, enricher: any Enricher, settings: Settings,
        changes: @escaping Reconciler.Changes, patientKey: @escaping Reconciler.PatientKey = { _ in nil },
        matchKeys: @escaping Reconciler.MatchKeys = { _ in [:] },
        clock: any WallClock = SystemClock(),
        backoff: Backoff = Backoff(), observer: any HopObserver = SilentObserver(), sideLanes: SideLanes? = nil,
        logger: Logger
    ) {
        self.settings = settings
        self.enricher = enricher
        self.clock = clock
        self.observer = observer
        self.logger = logger
        persistence = Persistence(backoff: backoff)
        outlet = Outlet(
            bus: bus, persistence: persistence, clock: clock, sideLanes: sideLanes ?? SideLanes(logger: logger))
        parking = LaneParking(
            stage: Self.name, lot: store, history: store, limit: settings.parkAfter, schedule: settings.parking,
            persistence: persistence, clock: clock, alarm: LotAlarm(logger: logger))
        permits = SitePermits(limit: settings.enrichmentsPerSite)
        reconciler = Reconciler(
            store: store, clock: clock, lease: settings.lease, repeatWindow: settings.repeatWindow, changes: changes,
            patientKey: patientKey, matchKeys: matchKeys, keepsReceived: settings.keepsReceived)
    }

    /// Handles one delivery of `ocean.inbound.N`.
    package func handle(
        _ delivery: Delivery, stop: StopSignal, window: CrashWindow = .none
    ) async -> HandlerOutcome {
        switch await take(delivery, from: .queue, stop: stop, window: window) {
        case .left, .parked: .done
        case .failing, .halted: .abandoned
        }
    }

    /// One message through the translator, whichever way it came.
    func take(
        _ delivery: Delivery, from origin: Origin, stop: StopSignal, window: CrashWindow
    ) async -> Passage {
        let hop = Hop(Self.name, delivery, logger: logger, observer: observer)
        return await parking.take(
            delivery, from: origin, hop, stop, announce: { (_, _) async throws(Halt) in },
            work: { (tally) async throws(Halt) in
                try await Translation(
                    translator: self, delivery: delivery, hop: hop, stop: stop, tally: tally, window: window
                ).run()
            })
    }
}
