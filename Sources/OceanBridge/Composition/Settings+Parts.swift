// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import ClaimCheck
import Embedded
import Logging
import Ocean
import OceanClient
import RabbitMQ

/// The parts that the settings describe.
extension Settings {
    var embeddedBusPath: String { dataDirectory + "/bus.sqlite" }
    var storePath: String { dataDirectory + "/state.sqlite" }

    /// Opens the bus. The embedded one blocks while its file is opened: call it at start.
    func makeBus(_ logger: Logger) throws(StartError) -> any MessageBus {
        do {
            if bus.isEmbedded {
                return try EmbeddedBus(path: embeddedBusPath, logger: logger)
            }
            let configuration = try rabbitMQ()
            try checkLibrary(LibraryRevision.judge(), logger)
            return RabbitMQBus(configuration: configuration, logger: logger)
        } catch let error as StartError {
            throw error
        } catch {
            throw StartError(part: "bus", message: "\(error)")
        }
    }

    /// Refuses a librabbitmq with known faults, says so when that is allowed or cannot be told.
    func checkLibrary(_ revision: LibraryRevision, _ logger: Logger) throws(StartError) {
        switch revision {
        case .good: return
        case .unknown(let reason):
            logger.warning("cannot tell whether librabbitmq has the known repairs", metadata: ["reason": "\(reason)"])
        case .vulnerable(let version, let remedy):
            let text =
                "librabbitmq4 \(version) has known memory-safety faults that a broker can use "
                + "(CVE-2026-44235, -44236, -59986, -61547)"
            guard bus.allowVulnerableLibrary else {
                throw StartError(part: "bus", message: "\(text). \(remedy)")
            }
            logger.warning(
                "a vulnerable librabbitmq is in use because bus.allowVulnerableLibrary is true",
                metadata: ["version": "\(version)", "remedy": "\(remedy)"])
        }
    }

    /// What the bus is to have.
    var topology: Topology {
        var topology = Topology.bridge(partitions: bus.partitions, intake: !bus.isEmbedded)
        for name in requestNames.sorted() { topology.queues.append(Topology.Queue(name: BusNames.request(name))) }
        return topology
    }

    /// - Throws: `BusError` when `bus.url` is not an AMQP address.
    func rabbitMQ() throws(BusError) -> RabbitMQConfiguration {
        var configuration = try RabbitMQConfiguration(url: bus.url)
        configuration.publishTimeout = bus.publishTimeout
        configuration.partitions = Dictionary(
            uniqueKeysWithValues: BusNames.partitioned.map { ($0, bus.partitions) })
        configuration.heartbeat = max(1, Int(bus.heartbeat.components.seconds))
        if configuration.tls != nil {
            configuration.tls = RabbitMQTLS(
                authorityFile: bus.caFile, certificateFile: bus.certificateFile, keyFile: bus.keyFile,
                verifiesHostname: bus.verifyHostName, external: configuration.tls?.external ?? false
            )
        }
        return configuration
    }

    func makeStore(_ logger: Logger) throws(StartError) -> SQLiteStateStore {
        do {
            // With RabbitMQ several processes of this machine may share the work, and then they must share what they
            // remember; the embedded bus belongs to one process.
            return try SQLiteStateStore(
                path: storePath, sharing: !bus.isEmbedded, parking: ParkingLimits(messages: parking.maximumMessages),
                logger: logger)
        } catch {
            throw StartError(part: "store", message: error.description)
        }
    }

    func makeOceanClient() throws(StartError) -> OceanHTTPClient {
        let host: OceanHost
        do {
            host = try OceanHost(ocean.host, allowPlainHTTP: ocean.allowInsecureHost)
        } catch {
            throw StartError(part: "ocean", message: error.description)
        }
        var credentials: [String: SiteCredentials] = [:]
        for (number, site) in sites {
            let openAPI = site.siteKey.flatMap { key in
                site.siteCredential.map { SiteCredentials.OpenAPI(siteKey: key, siteCredential: $0) }
            }
            guard let clientID = site.clientID, let secret = site.clientSecret else {
                if let openAPI { credentials[number] = SiteCredentials(openAPI: openAPI) }
                continue
            }
            credentials[number] = SiteCredentials(
                clientID: clientID, clientSecret: secret,
                tokenStyle: SiteCredentials.TokenStyle(rawValue: site.tokenStyle) ?? .body, openAPI: openAPI)
        }
        return OceanHTTPClient(
            OceanClientConfiguration(
                host: host, sites: credentials,
                timeouts: .init(
                    connect: .seconds(5), call: ocean.timeout, token: .seconds(15), document: documents.timeout),
                maximumConnections: max(16, sites.values.map(\.concurrency).reduce(0, +)),
                version: ProductVersion.text))
    }

    /// Where documents are kept.
    func makeClaimStore() -> any ClaimCheckStore {
        switch documents.store {
        case .directory(let path): DirectoryClaimStore(root: path, room: documents.reserve)
        case .s3(let address):
            S3ClaimStore(
                address, accessKeyID: documents.accessKeyID ?? "", secretAccessKey: documents.secretAccessKey ?? "",
                directory: dataDirectory + "/documents", room: documents.reserve)
        }
    }

    /// The keys of a site, current first; nil when it has none.
    func encryptionKeys(site number: String) -> SharedEncryptionKeys? {
        guard let site = sites[number], let current = site.sharedEncryptionKey else { return nil }
        return SharedEncryptionKeys(
            current: SharedEncryptionKey(text: current),
            previous: site.previousSharedEncryptionKey.map { SharedEncryptionKey(text: $0) })
    }
}
