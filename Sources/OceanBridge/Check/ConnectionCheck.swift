// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import AsyncHTTPClient
import BridgeCore
import Embedded
import NIOCore
import NIOHTTP1
import RabbitMQ
import Spool

/// Tests what the settings point at: bus, store, Ocean's credentials, the way of Ocean's webhooks.
package struct ConnectionCheck: Sendable {
    package struct Finding: Sendable, CustomStringConvertible {
        package enum Verdict: String, Sendable {
            case good = "ok"
            /// Works, or cannot be told, and an operator should look at it.
            case warning = "WARNING"
            case bad = "FAILED"
        }

        package let part: String
        package let verdict: Verdict
        /// What was found; when bad, with the remedy.
        package let message: String

        /// Nothing has failed.
        package var isGood: Bool { verdict != .bad }
        package var description: String { "\(part): \(verdict.rawValue): \(message)" }

        init(part: String, verdict: Verdict, message: String) {
            self.part = part
            self.verdict = verdict
            self.message = message
        }

        init(part: String, isGood: Bool, message: String) {
            self.init(part: part, verdict: isGood ? .good : .bad, message: message)
        }
    }

    private let settings: Settings

    package init(settings: Settings) {
        self.settings = settings
    }

    /// One finding per part; never throws, since a failure is a finding.
    package func run() async -> [Finding] {
        var findings = [await bus(), await store()]
        if !settings.bus.isEmbedded { findings.append(library(LibraryRevision.judge())) }
        if let spool = spool() { findings.append(spool) }
        if let documents = await Self.documents(settings) { findings.append(documents) }
        findings += await DataSourceCheck(settings: settings).files()
        findings += await dataSourceQueues()
        findings += await SiteCheck(settings: settings).run()
        findings += await WebhookCheck(settings: settings).run()
        return findings
    }

    private func bus() async -> Finding {
        guard !settings.bus.isEmbedded else {
            do throws(BusError) {
                let bus = try EmbeddedBus(
                    path: settings.embeddedBusPath, logger: Observability.logger(level: "error"))
                await bus.shutdown()
                return Finding(part: "bus", isGood: true, message: settings.embeddedBusPath)
            } catch {
                return await heldByBridge("bus") ?? Finding(part: "bus", isGood: false, message: error.description)
            }
        }
        let configuration: RabbitMQConfiguration
        do throws(BusError) {
            configuration = try settings.rabbitMQ()
        } catch {
            return Finding(part: "bus", isGood: false, message: error.description)
        }
        let bus = RabbitMQBus(configuration: configuration, logger: Observability.logger(level: "critical"))
        let finding: Finding
        do throws(BusError) {
            let depth = try await bus.depth(of: BusNames.deadLetters)
            let state =
                depth.map { "\($0.ready) dead letters" }
                ?? "queues not declared yet; `ocean-bridge serve` declares them"
            finding = Finding(part: "bus", isGood: true, message: "\(configuration), \(state)")
        } catch {
            finding = Finding(part: "bus", isGood: false, message: error.description)
        }
        await bus.shutdown()
        return finding
    }

    /// The embedded bus of a running bridge cannot be asked from here, and that of none holds no questions.
    private func dataSourceQueues() async -> [Finding] {
        guard !settings.bus.isEmbedded, !settings.dataSources.isEmpty else { return [] }
        do throws(BusError) {
            let bus = RabbitMQBus(
                configuration: try settings.rabbitMQ(), logger: Observability.logger(level: "critical"))
            let findings = await DataSourceCheck(settings: settings).queues(bus)
            await bus.shutdown()
            return findings
        } catch {
            // The finding about the bus says it.
            return []
        }
    }

    func library(_ revision: LibraryRevision) -> Finding {
        switch revision {
        case .good:
            Finding(
                part: "library", isGood: true, message: "librabbitmq4 has the repairs of \(LibraryRevision.repaired)")
        case .unknown(let reason): Finding(part: "library", isGood: true, message: "cannot tell: \(reason)")
        case .vulnerable(let version, let remedy):
            Finding(
                part: "library", isGood: settings.bus.allowVulnerableLibrary,
                message: "librabbitmq4 \(version) has known memory-safety faults. \(remedy)")
        }
    }

    /// Nil when the spool is off or of no use.
    private func spool() -> Finding? {
        guard settings.usesSpool || settings.spool.keyFile != nil else { return nil }
        do throws(StartError) {
            let keys = try settings.spoolKeys()
            let seal = keys.map { "sealed with key \($0.current.id)" } ?? "not sealed; see spool.keyFile"
            let use = settings.usesSpool ? "" : ", not in use with these settings"
            return Finding(part: "spool", isGood: true, message: "\(settings.spoolPath), \(seal)\(use)")
        } catch {
            return Finding(part: "spool", isGood: false, message: error.message)
        }
    }

    private func store() async -> Finding {
        do throws(StoreError) {
            let store = try SQLiteStateStore(
                path: settings.storePath, logger: Observability.logger(level: "error"))
            let outcome: Result<Void, StoreError>
            do throws(StoreError) {
                try await store.check()
                outcome = .success(())
            } catch {
                outcome = .failure(error)
            }
            await store.shutdown()
            try outcome.get()
            return Finding(part: "store", isGood: true, message: settings.storePath)
        } catch {
            return await heldByBridge("store") ?? Finding(part: "store", isGood: false, message: error.description)
        }
    }

    /// The files of embedded bus and store belong to one process: while `ocean-bridge serve` runs, its own word counts.
    private func heldByBridge(_ part: String) async -> Finding? {
        let url = "http://\(settings.operationsListener.address)/readyz"
        do {
            return try await HTTPClient.withHTTPClient { client in
                let response = try await client.execute(HTTPClientRequest(url: url), timeout: .seconds(3))
                guard response.status.code == 200 else { return nil }
                return Finding(
                    part: part, isGood: true, message: "in use by the running bridge, which is ready (\(url))")
            }
        } catch {
            // Nobody answers there: what the file said is the finding.
            return nil
        }
    }
}
