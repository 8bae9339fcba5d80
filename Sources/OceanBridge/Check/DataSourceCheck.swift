// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import DataSource

/// Lints the data sources: files are there and JSON, queues exist, somebody answers.
package struct DataSourceCheck: Sendable {
    private let settings: Settings

    package init(settings: Settings) {
        self.settings = settings
    }

    /// What can be told without a connection.
    package func files() async -> [ConnectionCheck.Finding] {
        var findings: [ConnectionCheck.Finding] = []
        for (name, source) in settings.dataSources.sorted(by: { $0.key < $1.key }) {
            guard case .file(let path) = source.origin else { continue }
            let part = "data source \(name)"
            do throws(DataSourceError) {
                let document = try await DataFile.document(path, upTo: source.maximumBytes)
                findings.append(
                    .init(part: part, isGood: true, message: "\(path), \(document.body.count) bytes of JSON"))
            } catch {
                let remedy =
                    switch error.code {
                    case .missing: "write the file, or correct dataSources.\(name).file"
                    case .notJSON: "mend the file; until then the last good document is served, none after a restart"
                    case .tooLarge: "or shorten the file"
                    default: "give the bridge's user the right to read it"
                    }
                findings.append(.init(part: part, isGood: false, message: "\(path): \(error.message). \(remedy)"))
            }
        }
        return findings
    }

    /// What a bus tells of queues and services; a bus that is away has a finding of its own.
    func queues(_ bus: any MessageBus) async -> [ConnectionCheck.Finding] {
        var findings: [ConnectionCheck.Finding] = []
        for (name, source) in settings.dataSources.sorted(by: { $0.key < $1.key }) {
            let queue: String
            let isQuestion: Bool
            switch source.origin {
            case .file: continue
            case .queue(let named): (queue, isQuestion) = (named, false)
            case .request(let named): (queue, isQuestion) = (BusNames.request(named), true)
            }
            do throws(BusError) {
                let depth = try await bus.depth(of: queue)
                findings.append(Self.finding("data source \(name)", queue, isQuestion, depth))
            } catch {
                findings.append(
                    .init(part: "data source \(name)", verdict: .warning, message: "\(queue): \(error.description)"))
            }
        }
        return findings
    }

    private static func finding(
        _ part: String, _ queue: String, _ isQuestion: Bool, _ depth: QueueDepth?
    ) -> ConnectionCheck.Finding {
        guard let depth else {
            return .init(
                part: part, verdict: .warning,
                message: "queue \(queue) is not declared yet; `ocean-bridge serve` declares it")
        }
        if isQuestion, depth.consumers == 0 {
            return .init(
                part: part, verdict: .warning,
                message: "nobody takes questions from \(queue); start the service that answers them")
        }
        return .init(part: part, isGood: true, message: "queue \(queue), \(depth.consumers) consumers")
    }
}
