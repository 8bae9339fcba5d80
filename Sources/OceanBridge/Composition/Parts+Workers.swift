// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
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
        let translator = Translator(
            bus: bus, store: store,
            enricher: OceanEnricher(ocean: ocean, reader: reader) { [settings] in settings.encryptionKeys(site: $0) },
            settings: wanted,
            changes: { ChangeFingerprint.changes(in: $0, since: $1) },
            patientKey: { [patientKey] in patientKey.key(of: $0) }, clock: clock, backoff: backoff,
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
        var wanted = Publisher.Settings(
            oceanHost: settings.ocean.host, sourceEndpoint: settings.ocean.sourceEndpoint,
            holder: holder)
        wanted.dialects = settings.sites.compactMapValues { Dialect(rawValue: $0.dialect) }
        wanted.parkAfter = settings.workers.parkAfter
        wanted.parking = schedule
        wanted.callsPerSite = settings.sites.values.map(\.concurrency).max() ?? 8
        let publisher = Publisher(
            bus: bus, store: store, ocean: ocean, reader: OceanUpdateReader(statusMaps: settings.ocean.statusMaps),
            writer: OceanUpdateWriter(),
            settings: wanted, availability: OceanAvailability(logger: logger), clock: clock, backoff: backoff,
            observer: observer, sideLanes: sideLanes, logger: logger)
        return Worker(
            consumer: .publisher(
                publisher, bus: bus, settings: consumption(BusNames.updates), crashGuard: crashGuard,
                backoff: backoff, logger: logger),
            router: router(BusNames.updates),
            attendant: .publisher(publisher, holder: holder, crashGuard: crashGuard, settings: attendance))
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
