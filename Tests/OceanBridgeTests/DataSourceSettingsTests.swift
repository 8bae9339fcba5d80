// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import Testing

@testable import OceanBridge

@Suite("Settings of data sources")
struct DataSourceSettingsTests {
    private func values(_ yaml: String, _ environment: [String: String] = [:]) -> SettingsValues {
        SettingsValues(yaml: (yaml, "ocean-bridge.yaml"), environment: environment) { _ in nil }
    }

    private func problems(_ yaml: String) -> [String] {
        do {
            _ = try Settings(values(yaml))
            return []
        } catch {
            return error.problems.map(\.description)
        }
    }

    private static func dataSource(_ line: String) -> String { "dataSources: { beds: { \(line) } }" }

    @Test("a data source has its defaults, and its question a queue")
    func dataSource() throws {
        let settings = try Settings(values(Self.dataSource("request: beds, auth: { none: true }")))
        let source = try #require(settings.dataSources["beds"])
        #expect(source.origin == .request("beds"))
        #expect(source.cache == .seconds(60))
        #expect(source.timeout == .seconds(2))
        #expect(source.staleWhileError == .seconds(3600))
        #expect(source.parameters.isEmpty)
        #expect(settings.topology.queues.contains { $0.name == "ocean.requests.beds" })
        #expect(settings.roles.contains(.responder))
    }

    @Test(
        "a data source that could not be right is refused",
        arguments: [
            ("auth: { none: true }", "needs exactly one of file, queue and request"),
            ("file: /a.json, queue: q, auth: { none: true }", "needs exactly one of file, queue and request"),
            ("file: a.json, auth: { none: true }", "must be an absolute path"),
            ("queue: ocean.updates.0, auth: { none: true }", "must be a queue of the hospital's"),
            ("request: a.b, auth: { none: true }", "has 1 to 64 letters"),
            ("file: /a.json", "needs exactly one complete scheme"),
            ("request: r, parameters: service, auth: { basic: { username: u, password: p } }", "allowParameters"),
            (
                "request: r, allowParameters: true, parameters: service, auth: { none: true }",
                "needs authentication, not `none`"
            ),
            (
                "file: /a.json, allowParameters: true, parameters: s, auth: { basic: { username: u, password: p } }",
                "only a source with `request`"
            ),
            (
                "request: r, allowParameters: true, auth: { basic: { username: u, password: p } }",
                "needs the names that are passed on"
            ),
            ("file: /a.json, auth: { none: true }, cors: { origins: ocean.cognisantmd.com }", "an origin is scheme"),
            ("file: /a.json, auth: { none: true }, cors: { origins: \"https://a.ca/x\" }", "an origin is scheme"),
            ("request: r, auth: { none: true }, timeout: 31s", "must be from 50ms to 30s"),
            ("file: /a.json, auth: { none: true }, cacheSeconds: 86401", "must be a whole number"),
        ])
    func wrongDataSource(_ line: String, _ message: String) {
        let found = problems(Self.dataSource(line))
        #expect(found.contains { $0.contains(message) }, "\(found)")
    }

    @Test("the environment reaches into a data source")
    func dataSourceEnvironment() throws {
        let settings = try Settings(
            values(
                Self.dataSource("queue: hospital.beds, auth: { none: true }"),
                ["OCEAN_BRIDGE_DATA_SOURCES_BEDS_QUEUE": "hospital.beds.second"]))
        #expect(settings.dataSources["beds"]?.origin == .queue("hospital.beds.second"))
    }
}
