// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import Logging
import RabbitMQ
import Testing

@testable import OceanBridge

@Suite("A librabbitmq with known faults")
struct LibraryRefusalTests {
    private static let vulnerable = LibraryRevision.vulnerable(
        version: "0.11.0-1+deb12u2", remedy: LibraryRevision.remedy)
    private static let quiet = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })

    private func settings(_ more: String) throws -> Settings {
        try Settings(
            SettingsValues(yaml: ("bus: { url: \"amqp://u:p@h/v\"\(more) }", "ocean-bridge.yaml"), environment: [:]) {
                _ in nil
            })
    }

    @Test("it is refused with version and remedy, in `serve` and in `check`")
    func refused() throws {
        let settings = try self.settings("")
        do throws(StartError) {
            try settings.checkLibrary(Self.vulnerable, Self.quiet)
            Issue.record("started")
        } catch {
            #expect(error.part == "bus")
            #expect(error.message.contains("0.11.0-1+deb12u2"))
            #expect(error.message.contains("apt-get install --only-upgrade librabbitmq4"))
        }
        let finding = ConnectionCheck(settings: settings).library(Self.vulnerable)
        #expect(!finding.isGood)
        #expect(finding.message.contains("apt-get install --only-upgrade librabbitmq4"))
    }

    @Test("it is allowed by the setting; a good one and one that cannot be told start too")
    func allowed() throws {
        try self.settings(", allowVulnerableLibrary: true").checkLibrary(Self.vulnerable, Self.quiet)
        let standard = try self.settings("")
        try standard.checkLibrary(.good, Self.quiet)
        try standard.checkLibrary(.unknown(reason: "no dpkg"), Self.quiet)
        #expect(ConnectionCheck(settings: standard).library(.unknown(reason: "no dpkg")).isGood)
    }
}
