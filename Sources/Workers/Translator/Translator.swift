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
        /// Reads of thin events at once, per site.
        package var enrichmentsPerSite = 2

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
    private let logger: Logger

    /// - Parameters:
    ///   - changes: what a received referral says that the known one did not, to know the echo of our own.
    ///   - patientKey: the digest by which the referral index knows the patient.
    package init(
        bus: any MessageBus, store: any StateStore, enricher: any Enricher, settings: Settings,
        changes: @escaping Reconciler.Changes, patientKey: @escaping Reconciler.PatientKey = { _ in nil },
        clock: any WallClock = SystemClock(),
        backoff: Backoff = Backoff(), observer: any HopObserver = SilentObserver(), logger: Logger
    ) {
        self.settings = settings
        self.enricher = enricher
        self.clock = clock
        self.observer = observer
        self.logger = logger
        persistence = Persistence(backoff: backoff)
        outlet = Outlet(bus: bus, persistence: persistence, clock: clock)
        permits = SitePermits(limit: settings.enrichmentsPerSite)
        reconciler = Reconciler(
            store: store, clock: clock, lease: settings.lease, changes: changes, patientKey: patientKey)
    }

    /// Handles one delivery of `ocean.inbound.N`.
    package func handle(
        _ delivery: Delivery, stop: StopSignal, window: CrashWindow = .none
    ) async -> HandlerOutcome {
        let hop = Hop(Self.name, delivery, logger: logger, observer: observer)
        let work = Translation(translator: self, delivery: delivery, hop: hop, stop: stop, window: window)
        do throws(Halt) {
            let outcome = try await work.run()
            hop.finish(outcome)
            return .done
        } catch {
            hop.finish("returned")
            return .abandoned
        }
    }
}

/// The stop signal came while a message was in work: it goes back unsettled.
struct Halt: Error {}
