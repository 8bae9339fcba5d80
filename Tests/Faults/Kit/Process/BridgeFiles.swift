// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeTestKit
import Glibc

/// The settings files of the processes of one run, and where they write.
struct BridgeFiles: Sendable {
    static let site = "1234"
    /// The generator's integration, and the pretend Ocean's.
    static let integration = "soak"
    static let listing = "ereferral_1234_0111"

    let directory: String
    let publicPort: Int
    let operationsPort: Int
    let oceanPort: Int
    let brokerAddress: String

    init(directory: String, brokerAddress: String) throws {
        self.directory = directory
        self.brokerAddress = brokerAddress
        let ports = try FreePorts.find(3)
        publicPort = ports[0]
        operationsPort = ports[1]
        oceanPort = ports[2]
    }

    var ingress: String { "http://127.0.0.1:\(publicPort)/ocean/\(Self.integration)" }
    var operations: String { "http://127.0.0.1:\(operationsPort)" }
    var ocean: String { "http://127.0.0.1:\(oceanPort)" }
    var journal: String { "\(directory)/journal.jsonl" }

    /// - Parameter data: the directory of a process that shares it with no other.
    func settings(_ options: FaultOptions, data: String) -> String {
        """
        ocean: { host: "\(ocean)", timeout: 5s }
        sites:
          "\(Self.site)":
            oauth: { clientId: faults-client-id-0123456789abcdef012, clientSecret: faults-secret-0123456789abcdef012 }
        integrations:
          \(Self.integration): { kind: ereferral-fhir, site: "\(Self.site)", auth: { none: true } }
          ereferral: { kind: ereferral-fhir, site: "\(Self.site)", auth: { none: true } }
        bus: { url: "\(brokerAddress)", partitions: \(options.partitions), publishTimeout: 5s, heartbeat: 5s }
        documents: { enabled: false }
        dataDirectory: "\(data)"
        http:
          public: { address: "127.0.0.1:\(publicPort)" }
          operations: { address: "127.0.0.1:\(operationsPort)" }
        workers:
          prefetch: \(options.prefetch)
          retry: { first: 50ms, longest: 2s }
          stopTimeout: 5s
        \(options.workerSettings.map { "  \($0)\n" }.joined())delivery: { fhir: true, ocean: false, canonical: true }
        log: { level: notice }
        sandbox: { address: "127.0.0.1:\(oceanPort)", journalFile: "\(journal)" }
        """
    }

    func write(_ name: String, _ options: FaultOptions, shared: Bool) async throws -> String {
        let data = shared ? "\(directory)/data" : "\(directory)/data-\(name)"
        for path in [directory, data] where mkdir(path, 0o700) != 0 && errno != EEXIST {
            throw FaultFailure("cannot make \(path) (errno \(errno))")
        }
        let path = "\(directory)/\(name).yaml"
        try await LineFile.save(settings(options, data: data), to: path)
        return path
    }
}
