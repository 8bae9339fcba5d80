// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import ClaimCheck
import Ocean
import OceanClient
import Workers

/// What one role runs: a consumer of the partitions, and an attendant for what was parked.
struct Worker: Sendable {
    let consumer: PartitionConsumer
    /// Sorts into the partitions; nil on a bus that does it by itself.
    let router: PartitionConsumer?
    let attendant: ParkingAttendant
}

extension Parts {
    /// Reads what Ocean said.
    func translator(_ observer: any HopObserver) -> Worker {
        var targets: [HospitalTarget] = []
        if settings.deliversFHIR { targets.append(.fhir(NormalisedFHIRWriter())) }
        if settings.deliversOceanJSON { targets.append(.ocean(OceanJSONWriter(statusMaps: settings.ocean.statusMaps))) }
        if settings.deliversCanonical { targets.append(.canonical) }
        var wanted = Translator.Settings(targets: targets)
        wanted.parkAfter = settings.workers.parkAfter
        wanted.parking = schedule
        // Where nobody could be told of a document, none is asked for.
        if settings.documents.enabled, settings.deliversFHIR || settings.deliversCanonical {
            var requests = DocumentRequests()
            requests.letters = settings.documents.letters
            requests.attachments = settings.documents.attachments
            requests.refreshesLetters = settings.documents.refreshLetters
            requests.sites = Set(settings.sites.values.filter { $0.clientSecret != nil }.map(\.number))
            requests.openAPISites = Set(
                settings.sites.values.filter { $0.siteKey != nil && $0.sharedEncryptionKey != nil }.map(\.number))
            wanted.documents = requests
        }
        wanted.losses = LossBudget(
            book: store, allowances: settings.integrations.mapValues(\.losses), clock: clock)
        wanted.repeatWindow = settings.workers.repeatWindow
        wanted.keepsReceived = { [settings] in settings.sites[$0]?.updates.echo == .full }
        wanted.judge = BundleJudge(settings.validation)
        wanted.matching = settings.forms.matching
        let translator = Translator(
            bus: bus, store: store,
            enricher: OceanEnricher(
                ocean: ocean, reader: reader, keys: { [settings] in settings.encryptionKeys(site: $0) },
                keyring: keyring),
            settings: wanted,
            changes: { ChangeFingerprint.changes(in: $0, since: $1) },
            patientKey: { [patientKey] in patientKey.key(of: $0) },
            matchKeys: { [patientKey] in patientKey.matchKeys(of: $0) }, clock: clock, backoff: backoff,
            observer: observer, sideLanes: sideLanes, logger: logger)
        return Worker(
            consumer: .translator(
                translator, bus: bus, settings: consumption(BusNames.inbound), crashGuard: crashGuard,
                backoff: backoff, logger: logger),
            router: router(BusNames.inbound),
            attendant: .translator(translator, holder: holder, crashGuard: crashGuard, settings: attendance))
    }

    /// Tells Ocean what the hospital said.
    func publisher(_ observer: any HopObserver) -> Worker {
        var wanted = settings.publisherSettings(holder: holder)
        wanted.parkAfter = settings.workers.parkAfter
        wanted.parking = schedule
        wanted.refusesStale = settings.workers.refusesStale
        wanted.judge = BundleJudge(settings.validation)
        let publisher = Publisher(
            bus: bus, store: store, ocean: ocean, openAPI: OpenReferralAccess(service: ocean, keyring: keyring),
            reader: OceanUpdateReader(statusMaps: settings.ocean.statusMaps), writer: OceanUpdateWriter(),
            settings: wanted, availability: OceanAvailability(logger: logger), clock: clock, backoff: backoff,
            observer: observer, sideLanes: sideLanes, logger: logger)
        return Worker(
            consumer: .publisher(
                publisher, bus: bus, settings: consumption(BusNames.updates), crashGuard: crashGuard,
                backoff: backoff, logger: logger),
            router: router(BusNames.updates),
            attendant: .publisher(publisher, holder: holder, crashGuard: crashGuard, settings: attendance))
    }

    /// Asks Ocean for forms that hospital systems want.
    func forms(_ observer: any HopObserver) -> Worker {
        var wanted = FormWorker.Settings(holder: holder)
        wanted.template = settings.forms.template
        wanted.keys = { [settings] in settings.encryptionKeys(site: $0) }
        wanted.dryRuns = Set(settings.sites.values.filter(\.isDryRun).map(\.number))
        wanted.parkAfter = settings.workers.parkAfter
        wanted.parking = schedule
        let worker = FormWorker(
            bus: bus, store: store, forms: ocean, ocean: ocean, settings: wanted,
            availability: OceanAvailability(
                gauge: "ocean_bridge_ocean_forms_up", work: "creating forms", logger: logger),
            clock: clock, backoff: backoff, observer: observer, sideLanes: sideLanes, logger: logger)
        return Worker(
            consumer: .forms(
                worker, bus: bus, settings: consumption(BusNames.forms), crashGuard: crashGuard, backoff: backoff,
                logger: logger),
            router: router(BusNames.forms),
            attendant: .forms(worker, holder: holder, crashGuard: crashGuard, settings: attendance))
    }

    /// Fetches what referrals name, keeps it and tells where it is.
    func documents(_ observer: any HopObserver) -> Worker {
        let documents = settings.documents
        var wanted = DocumentWorker.Settings(oceanHost: settings.ocean.host)
        wanted.lettersWithAttachments = documents.letterWithAttachments
        wanted.limit = documents.maximumBytes
        wanted.types = documents.types
        wanted.pace = documents.pace
        wanted.perSite = documents.concurrency
        wanted.tellsFHIR = settings.deliversFHIR
        wanted.tellsCanonical = settings.deliversCanonical
        wanted.parkAfter = settings.workers.parkAfter
        wanted.parking = schedule
        let scanner = documents.scanCommand.map {
            CommandScanner(command: $0, arguments: documents.scanArguments, timeout: documents.scanTimeout)
        }
        let worker = DocumentWorker(
            bus: bus, state: store, claims: claims, source: ocean, ocean: ocean,
            files: OpenFileSource(ocean: ocean, service: ocean, keyring: keyring), scanner: scanner, settings: wanted,
            availability: OceanAvailability(
                gauge: "ocean_bridge_ocean_documents_up", work: "fetching documents", logger: logger),
            clock: clock, backoff: backoff, observer: observer, sideLanes: sideLanes, logger: logger)
        var consumption = consumption(BusNames.documents)
        // They wait for the site's pace in hand: so few that none is held for long.
        consumption.prefetch = max(1, min(consumption.prefetch, 128 / settings.bus.partitions))
        return Worker(
            consumer: .documents(
                worker, bus: bus, settings: consumption, crashGuard: crashGuard, backoff: backoff, logger: logger),
            router: router(BusNames.documents),
            attendant: .documents(worker, holder: holder, crashGuard: crashGuard, settings: attendance))
    }

    /// Opens keys of referrals of the Open eReferral API.
    private var keyring: ReferralKeyring {
        ReferralKeyring(
            service: ocean, keys: { [settings] in settings.encryptionKeys(site: $0) },
            usesPrivateKeys: { [settings] in settings.sites[$0]?.usesPrivateKeys == true })
    }

    private func router(_ exchange: String) -> PartitionConsumer? {
        guard !settings.bus.isEmbedded else { return nil }
        return IntakeRouter.consumer(
            of: exchange, bus: bus, drain: settings.workers.stopTimeout, backoff: backoff, logger: logger)
    }

    private func consumption(_ exchange: String) -> PartitionConsumer.Settings {
        var wanted = PartitionConsumer.Settings(exchange: exchange, partitions: settings.bus.partitions)
        wanted.prefetch = settings.workers.prefetch
        wanted.concurrency = settings.workers.concurrency
        wanted.drain = settings.workers.stopTimeout
        wanted.holdLimit = settings.workers.holdLimit
        if !settings.bus.isEmbedded, settings.workers.fairShare { wanted.share = ShareSettings(exchange: exchange) }
        return wanted
    }

    private var schedule: ParkingSchedule {
        ParkingSchedule(first: settings.parking.firstRetry, longest: settings.parking.longestRetry)
    }

    private var attendance: ParkingAttendant.Settings {
        var wanted = ParkingAttendant.Settings()
        wanted.drain = settings.workers.stopTimeout
        return wanted
    }

    /// Names a worker of this process in leases and claims, so that others can tell when it is dead.
    private var holder: String { ProcessIdentity.holder(instance: ids.next()) }
}
