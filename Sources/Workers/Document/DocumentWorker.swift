// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

package import BridgeCore
package import Logging
package import Ocean

/// Fetches the letters and attachments that referrals name, keeps them in the claim-check store and tells hospital
/// systems where they are.
package final class DocumentWorker: Sendable {
    package struct Settings: Sendable {
        /// Ocean's base address: documents come from there and nowhere else.
        package var oceanHost: String
        /// The letter brings the attachments as pages of its own.
        package var lettersWithAttachments = false
        /// In bytes, of one document.
        package var limit = 64 << 20
        package var types = Set(DocumentType.allCases)
        /// A rest between two documents of a site; of this process alone.
        package var pace: Duration = .seconds(2)
        /// Documents of a site at once.
        package var perSite = 1
        /// How often a document is fetched that comes broken or is none.
        package var tries = 5
        /// `hospital.fhir` is to be told.
        package var tellsFHIR = true
        /// `hospital.canonical` is to be told.
        package var tellsCanonical = true
        /// How long a document in work keeps others of the same id waiting after a crash.
        package var lease: Duration = .seconds(900)
        /// How long one document may fail while others succeed; then its referral is parked.
        package var parkAfter: Duration = .seconds(300)
        package var parking = ParkingSchedule()

        package init(oceanHost: String) {
            self.oceanHost = oceanHost
        }
    }

    static let name = "documents"

    let settings: Settings
    let state: any StateStore
    let claims: any ClaimCheckStore
    let source: any DocumentSource
    let scanner: (any DocumentScanner)?
    let ocean: any OceanService
    let files: OpenFileSource?
    let availability: OceanAvailability
    let storage: StorageHealth
    let outlet: Outlet
    let persistence: Persistence
    let permits: SitePermits
    let pace: DocumentPace
    let clock: any WallClock
    let logger: Logger
    let parking: LaneParking
    private let observer: any HopObserver

    /// - Parameters:
    ///   - state: remembers which documents are done.
    ///   - claims: keeps the documents.
    ///   - ocean: asked for a sign of life when documents fail.
    ///   - files: fetches files of the Open eReferral API; nil where no site has it.
    ///   - scanner: nil to keep documents unscanned.
    package init(
        bus: any MessageBus, state: any StateStore, claims: any ClaimCheckStore, source: any DocumentSource,
        ocean: any OceanService, files: OpenFileSource? = nil, scanner: (any DocumentScanner)? = nil,
        settings: Settings,
        availability: OceanAvailability, clock: any WallClock = SystemClock(), backoff: Backoff = Backoff(),
        observer: any HopObserver = SilentObserver(), sideLanes: SideLanes? = nil, logger: Logger
    ) {
        self.state = state
        self.claims = claims
        self.source = source
        self.ocean = ocean
        self.files = files
        self.scanner = scanner
        self.settings = settings
        self.availability = availability
        self.clock = clock
        self.observer = observer
        self.logger = logger
        storage = StorageHealth(store: claims, backoff: backoff, logger: logger)
        persistence = Persistence(backoff: backoff)
        outlet = Outlet(
            bus: bus, persistence: persistence, clock: clock, sideLanes: sideLanes ?? SideLanes(logger: logger))
        permits = SitePermits(limit: settings.perSite)
        pace = DocumentPace(rest: settings.pace, clock: clock)
        parking = LaneParking(
            stage: Self.name, lot: state, history: state, limit: settings.parkAfter, schedule: settings.parking,
            persistence: persistence, clock: clock, alarm: LotAlarm(logger: logger))
    }

    /// Nothing is to be fetched now.
    var isPaused: Bool { availability.isDown || storage.isDown }

    /// Why documents cannot be kept; nil when they can.
    package var storageFault: String? { storage.reason }

    /// Handles one delivery of `ocean.documents.N`.
    package func handle(
        _ delivery: Delivery, stop: StopSignal, window: CrashWindow = .none
    ) async -> HandlerOutcome {
        if isPaused { return .giveUp }
        switch await take(delivery, from: .queue, stop: stop, window: window) {
        case .left, .parked: return .done
        case .failing, .halted: return isPaused ? .giveUp : .abandoned
        }
    }

    /// One request through the worker, whichever way it came.
    func take(
        _ delivery: Delivery, from origin: Origin, stop: StopSignal, window: CrashWindow
    ) async -> Passage {
        let hop = Hop(Self.name, delivery, logger: logger, observer: observer)
        return await parking.take(
            delivery, from: origin, hop, stop, announce: { (_, _) async throws(Halt) in },
            work: { (tally) async throws(Halt) in
                try await DocumentWork(
                    worker: self, delivery: delivery, hop: hop, stop: stop, tally: tally, window: window
                ).run()
            })
    }

    /// Returns when Ocean and the store serve again: for `PartitionConsumer`'s `resume`.
    package func awaitService(stop: StopSignal) async {
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
        await storage.awaitRecovery(stop: stop)
    }
}
