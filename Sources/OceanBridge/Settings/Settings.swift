// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

package import BridgeCore
package import ClaimCheck
package import Ocean
package import Workers

/// The settings in use, checked as a whole.
package struct Settings: Sendable {
    package struct Ocean: Sendable {
        package var host: String
        package var allowInsecureHost: Bool
        package var timeout: Duration
        package var sourceEndpoint: String
        /// What the status words of Ocean JSON mean, here and by site.
        package var statusMaps: StatusMaps
    }

    package struct Site: Sendable {
        package let number: String
        package var clientID: String?
        package var clientSecret: String?
        /// `body`, `basic` or `basic-query`.
        package var tokenStyle: String
        package var siteKey: String?
        package var siteCredential: String?
        package var sharedEncryptionKey: String?
        package var previousSharedEncryptionKey: String?
        /// Keys that came wrapped with the site's private key may be opened.
        package var usesPrivateKeys = false
        package var dialect: String
        package var updates: UpdateConventions
        package var concurrency: Int
        package var callInterval: Duration
        /// Names of actions; nil where the settings say nothing.
        package var deniedActions: [String]?
        package var allowedActions: [String]?
        package var isDryRun: Bool
    }

    package enum Authentication: Sendable {
        case none
        case basic(username: String, password: String)
        case bearer(token: String)
        case header(name: String, value: String)
        case oauth2(clientID: String, clientSecret: String)
    }

    package struct Integration: Sendable {
        package let name: String
        /// `ereferral-fhir`, `ereferral-open-api`, `patient-engagement`.
        package var kind: String
        package var site: String
        package var authentication: Authentication
        /// What it may lose without an alarm.
        package var losses = LossBudget.Allowance()
    }

    package struct Bus: Sendable {
        package var url: String
        package var partitions: Int
        package var publishTimeout: Duration
        package var heartbeat: Duration
        package var caFile: String
        package var certificateFile: String?
        package var keyFile: String?
        package var verifyHostName: Bool
        package var allowVulnerableLibrary: Bool
        package var isEmbedded: Bool { url == "embedded" }
    }

    package struct Spool: Sendable {
        package var enabled: Bool
        package var maximumBytes: Int
        package var maximumAge: Duration
        package var keyFile: String?
        package var previousKeyFile: String?
    }

    package struct PublicListener: Sendable {
        package var address: ListenAddress
        /// How Ocean reaches it, without a trailing slash.
        package var publicURL: String?
        package var certificateFile: String?
        package var keyFile: String?
        package var maximumBodyBytes: Int
        package var requestTimeout: Duration
        package var maximumConnections: Int
        package var tokenLifetime: Duration
        package var tokenKey: String?
    }

    package struct OperationsListener: Sendable {
        package var address: ListenAddress
        package var token: String?
    }

    package struct Workers: Sendable {
        package var prefetch: Int
        package var concurrency: Int
        package var stopTimeout: Duration
        package var firstRetry: Duration
        package var longestRetry: Duration
        package var parkAfter: Duration
        package var holdLimit: Duration
        package var crashLimit: Int
        package var fairShare: Bool
        /// How long the same content in a new envelope counts as Ocean's retry.
        package var repeatWindow: Duration
        /// Whether an update that would undo a newer change is refused.
        package var refusesStale: Bool
    }

    package struct Parking: Sendable {
        package var firstRetry: Duration
        package var longestRetry: Duration
        package var maximumMessages: Int
    }

    package struct Documents: Sendable {
        package var enabled: Bool
        package var letters: Bool
        package var attachments: Bool
        package var letterWithAttachments: Bool
        package var refreshLetters: Bool
        package var maximumBytes: Int
        package var types: Set<DocumentType>
        package var pace: Duration
        package var concurrency: Int
        package var timeout: Duration
        package var store: StoreAddress
        package var accessKeyID: String?
        package var secretAccessKey: String?
        package var keep: Duration
        package var reserve: Int
        package var scanCommand: String?
        package var scanArguments: [String]
        package var scanTimeout: Duration
    }

    package struct Forms: Sendable {
        /// The word for no matching.
        static let off = "off"

        package var matching: [MatchRule]
        package var template: FormTemplate
    }

    package enum Role: String, Sendable, CaseIterable {
        case ingress, translator, publisher, documents, responder, console
    }

    package var ocean: Ocean
    package var sites: [String: Site]
    package var integrations: [String: Integration]
    package var launches: [String: LaunchEntry]
    /// Signs launch handles; nil takes the store's own.
    package var launchKey: String?
    package var dataSources: [String: DataSource]
    package var bus: Bus
    package var spool: Spool
    package var documents: Documents
    package var forms: Forms
    package var dataDirectory: String
    package var publicListener: PublicListener
    package var hooks: Hooks
    package var cardRules: CardRules
    package var operationsListener: OperationsListener
    package var workers: Workers
    package var parking: Parking
    package var keepEndedReferrals: Duration
    package var roles: Set<Role>
    package var deliversFHIR: Bool
    package var deliversOceanJSON: Bool
    package var deliversCanonical: Bool
    /// Whose FHIR is judged.
    package var validation: BundleJudge.Scope
    package var logLevel: String
    package var sandboxAddress: ListenAddress
    package var sandboxJournalFile: String?
    package var sandboxTimesFaster: Int
    package var sandboxTestData: Bool
    package var sandboxAsksServices: Bool
}

/// Host and port to listen on.
package struct ListenAddress: Sendable, Hashable, CustomStringConvertible {
    package var host: String
    package var port: Int

    package init(host: String, port: Int) {
        self.host = host
        self.port = port
    }

    /// Reads `127.0.0.1:8080` or `[::1]:8080`.
    package init?(_ text: String) {
        guard let colon = text.lastIndex(of: ":"), let port = Int(text[text.index(after: colon)...]),
            (0...65_535).contains(port)
        else { return nil }
        var host = String(text[..<colon])
        if host.hasPrefix("["), host.hasSuffix("]") { host = String(host.dropFirst().dropLast()) }
        guard !host.isEmpty else { return nil }
        self.host = host
        self.port = port
    }

    package var isLoopback: Bool { host == "localhost" || host == "::1" || host.hasPrefix("127.") }
    package var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}
