// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

package import BridgeCore

/// Everything that the pretend Ocean needs to know; its JSON form is the sandbox's configuration file.
package struct PretendOceanConfiguration: JSONRecord {
    /// IP address to listen on.
    package var address = "127.0.0.1"
    /// TCP port; 0 takes a free one.
    package var port = 0
    /// Base address in identifiers and document links, without a trailing slash; nil takes the bound address.
    package var publicAddress: String?
    package var sites: [PretendSite] = []
    package var webhooks: [PretendWebhook] = []
    /// CDS Hooks servers that are asked before a referral is sent.
    package var decisionSupport: [PretendCDSClient] = []
    package var launches: [PretendLaunch] = []
    package var retries = RetrySchedule()
    /// Life of an access token in seconds.
    package var tokenLifetime = 3600
    /// How long an answer to a webhook call is awaited, in seconds.
    package var answerTimeout = 30
    /// Whether payloads carry the label HTEST, "test health data".
    package var marksTestData = true
    /// File to which every accepted change is appended before it is answered, and from which a restart makes them all
    /// again; nil keeps everything in memory only.
    package var journalFile: String?

    package init() {}

    package static let fields: [Field<PretendOceanConfiguration>] = [
        .defaulted("address", \.address), .defaulted("port", \.port), .optional("publicAddress", \.publicAddress),
        .list("sites", \.sites), .list("webhooks", \.webhooks),
        .list("decisionSupport", \.decisionSupport), .list("launches", \.launches), .defaulted("retries", \.retries),
        .defaulted("tokenLifetimeSeconds", \.tokenLifetime), .defaulted("answerTimeoutSeconds", \.answerTimeout),
        .defaulted("marksTestData", \.marksTestData), .optional("journalFile", \.journalFile),
    ]

    /// - Throws: `SandboxConfigurationError` for names used twice, unknown webhooks and values out of range.
    package func check() throws(SandboxConfigurationError) {
        guard (0...65_535).contains(port) else { throw .init("port", "must be 0 to 65535") }
        guard tokenLifetime > 0 else { throw .init("tokenLifetimeSeconds", "must be above 0") }
        guard answerTimeout > 0 else { throw .init("answerTimeoutSeconds", "must be above 0") }
        guard journalFile == nil || port != 0 || publicAddress != nil else {
            throw .init("journalFile", "needs a fixed port or publicAddress: identifiers hold the address")
        }
        try retries.check()
        try checkUnique(webhooks.map(\.name), "webhooks[].name")
        try checkUnique(sites.map(\.number), "sites[].number")
        try checkUnique(sites.map(\.clientID), "sites[].clientId")
        try checkUnique(sites.flatMap(\.listings).map(\.reference), "sites[].listings[].ref")
        let known = Set(webhooks.map(\.name))
        for site in sites {
            for listing in site.listings where !known.contains(listing.webhook) {
                throw .init("sites[].listings[].webhook", "names no webhook of this file")
            }
            if let name = site.engagementWebhook, !known.contains(name) {
                throw .init("sites[].engagementWebhook", "names no webhook of this file")
            }
        }
        for webhook in webhooks { try webhook.check() }
        try checkUnique(decisionSupport.map(\.endpoint.name), "decisionSupport[].name")
        for client in decisionSupport { try client.check() }
        try checkUnique(launches.map(\.name), "launches[].name")
        let launchNames = Set(launches.map(\.name))
        for name in sites.flatMap(\.listings).compactMap(\.launch) where !launchNames.contains(name) {
            throw .init("sites[].listings[].launch", "names no launch of this file")
        }
        for launch in launches { try launch.check() }
    }

    private func checkUnique(_ names: [String], _ place: String) throws(SandboxConfigurationError) {
        guard !names.contains("") else { throw .init(place, "must not be empty") }
        guard Set(names).count == names.count else { throw .init(place, "is used twice") }
    }
}

/// A setting of the sandbox that cannot be.
package struct SandboxConfigurationError: DisposedError, CustomStringConvertible {
    /// Which setting.
    package let place: String
    package let message: String

    init(_ place: String, _ message: String) {
        self.place = place
        self.message = message
    }

    package var disposition: Disposition { .fatal }
    package var reason: String { "configuration" }
    package var description: String { "\(place): \(message)" }
}
