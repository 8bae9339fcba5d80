// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import BridgeTestKit
import ClaimCheck
import JSON
import Ocean
import Testing
import Workers

@testable import OceanBridge

@Suite("Settings")
struct SettingsTests {
    private static let complete = """
        ocean: { host: https://test.cognisantmd.com }
        sites:
          "1234":
            oauth: { clientId: client-a, clientSecretFile: /secrets/client }
            openApi: { siteKey: key-a, siteCredential: credential-a, sharedEncryptionKey: "Bridge#2025aBcD!" }
            dialect: 0.10.0
        integrations:
          ereferral: { kind: ereferral-fhir, site: "1234", auth: { oauth2: { clientId: ocean, clientSecret: s3cret } } }
          forms: { kind: patient-engagement, site: "1234", auth: { header: { name: X-Key, value: abc } } }
        bus: { url: "amqps://bridge:broker-password@rabbit.example.org/prod", partitions: 4 }
        dataDirectory: /tmp/ocean-bridge
        """

    private func values(_ yaml: String, _ environment: [String: String] = [:]) -> SettingsValues {
        SettingsValues(yaml: (yaml, "ocean-bridge.yaml"), environment: environment) { path in
            path == "/secrets/client" ? "from-file\n" : path.hasSuffix("/bus.url") ? "amqp://u:p@h/v" : nil
        }
    }

    private func problems(_ yaml: String, _ environment: [String: String] = [:]) -> [String] {
        do {
            _ = try Settings(values(yaml, environment))
            return []
        } catch {
            return error.problems.map(\.description)
        }
    }

    @Test("a complete file gives typed settings")
    func complete() throws {
        let settings = try Settings(values(Self.complete))
        #expect(settings.ocean.host == "https://test.cognisantmd.com")
        let site = try #require(settings.sites["1234"])
        #expect(site.clientID == "client-a")
        #expect(site.clientSecret == "from-file")
        #expect(site.dialect == "0.10.0")
        #expect(settings.integrations.keys.sorted() == ["ereferral", "forms"])
        #expect(settings.bus.partitions == 4)
        #expect(!settings.bus.isEmbedded)
        guard case .oauth2(let id, let secret) = settings.integrations["ereferral"]?.authentication else {
            Issue.record("ereferral must use oauth2")
            return
        }
        #expect(id == "ocean")
        #expect(secret == "s3cret")
    }

    @Test("the example in deploy is complete and right")
    func example() throws {
        let text = String(decoding: try Fixture.bytes("../../deploy/ocean-bridge.yaml"), as: UTF8.self)
        let values = SettingsValues(yaml: (text, "deploy/ocean-bridge.yaml"), environment: [:]) { _ in "secret" }
        let settings = try Settings(values)
        #expect(settings.integrations.count == 2)
        #expect(settings.sites["1234"]?.sharedEncryptionKey == "secret")
    }

    @Test("no file at all runs on defaults")
    func defaults() throws {
        let settings = try Settings(SettingsValues(yaml: nil, environment: [:]))
        #expect(settings.bus.isEmbedded)
        #expect(settings.bus.partitions == 8)
        #expect(settings.publicListener.address.description == "127.0.0.1:8080")
        #expect(settings.roles == [.ingress, .translator, .publisher, .documents, .responder, .console])
        #expect(settings.documents.enabled)
        #expect(settings.documents.store == .directory("/var/lib/ocean-bridge/documents"))
        #expect(settings.documents.pace == .seconds(2))
        #expect(settings.documents.maximumBytes == 64 << 20)
        #expect(settings.documents.types == Set(DocumentType.allCases))
    }

    @Test("documents in a bucket, scanned by a command")
    func documents() throws {
        let yaml = """
            documents:
              mediaTypes: application/pdf, image/jpg
              store: { url: 's3://letters/a?endpoint=https://minio.example:9000', accessKeyId: k, secretAccessKey: s }
              scan: { command: /usr/bin/clamdscan, arguments: "--no-summary  --fdpass" }
            """
        let documents = try Settings(SettingsValues(yaml: (yaml, "a.yaml"), environment: [:])).documents
        #expect(documents.types == [.pdf, .jpeg])
        #expect(
            documents.store
                == .s3(
                    S3Address(
                        bucket: "letters", prefix: "a", endpoint: "https://minio.example:9000", region: "us-east-1")))
        #expect(documents.scanArguments == ["--no-summary", "--fdpass"])
    }

    @Test("an unknown key is an error with file, line, column and the nearest name")
    func unknownKey() {
        let found = problems("bus:\n  partitons: 3\n")
        #expect(found == ["ocean-bridge.yaml:2:3: unknown setting bus.partitons; did you mean bus.partitions?"])
    }

    @Test(
        "what is wrong is named with its place",
        arguments: [
            ("bus: { partitions: 0 }", "bus.partitions must be a whole number from 1 to 256"),
            ("ocean: { host: 'http://ocean.example.org' }", "must begin with https://"),
            ("bus: { url: 'kafka://x' }", "must be `embedded` or begin with amqp://"),
            ("http: { public: { address: nowhere } }", "must be host:port"),
            ("http: { operations: { address: '0.0.0.0:9090' } }", "set http.operations.token too"),
            ("sites: { '1234': { oauth: { clientId: a } } }", "clientId and clientSecret belong together"),
            ("integrations: { a: { site: '1' } }", "is required: ereferral-fhir"),
            (
                "integrations: { a: { kind: ereferral-fhir, site: '9', auth: { none: true } } }",
                "site 9 is not under sites"
            ),
            ("integrations: { a: { kind: ereferral-fhir, site: '9' } }", "needs exactly one complete scheme"),
            ("documents: { store: { url: 'http://x' } }", "must begin with file:/// or s3://"),
            ("documents: { store: { url: 's3://letters' } }", "needs documents.store.accessKeyId"),
            ("documents: { scan: { command: clamdscan } }", "must be an absolute path"),
            ("documents: { mediaTypes: 'application/pdf,text/html' }", "text/html is not known"),
            ("documents: { store: { keep: 1m } }", "must be an hour at least"),
            ("bus: [1, 2]", "a list is not allowed here"),
            ("bus: 7", "bus is a section, not a value"),
            ("dataDirectory: { a: 1 }", "dataDirectory is a value, not a section"),
            ("ocean: { timeout: soon }", "must be a duration"),
            ("a: &x 1\nb: *x", "unknown setting a"),
            ("bus: {", "not YAML"),
            ("roles: ingress,baker", "baker is no role"),
            ("store: { url: 'postgres://x' }", "this version knows only `embedded`"),
            ("sites: { '1234': { actions: { deny: [forwad] } } }", "did you mean forward?"),
            ("sites: { '1234': { actions: { deny: [{ a: b }] } } }", "must be a list of plain words"),
            ("sites: { '1234': { actions: { allow: [] } } }", "must name something"),
            ("sites: { '1234': { dryRun: maybe } }", "must be true or false"),
            ("http: { public: { url: bridge.hospital.ca } }", "must begin with https://"),
            ("http: { public: { url: 'https://bridge.hospital.ca/?x=1' } }", "must begin with https://"),
            ("delivery: { fhir: false, ocean: false, canonical: false }", "no hospital exchange is switched on"),
        ])
    func wrong(_ yaml: String, _ expected: String) {
        let found = problems(yaml)
        #expect(found.contains { $0.contains(expected) }, "found: \(found)")
        #expect(
            found.allSatisfy {
                $0.hasPrefix("ocean-bridge.yaml") || $0.hasPrefix("settings") || $0.hasPrefix("default")
            })
    }

    @Test("a site's pace, concurrency, actions and dry run reach its policy, a list or comma-separated words")
    func policies() throws {
        let settings = try Settings(
            values(
                """
                sites:
                  "1": { concurrency: 2, callInterval: 250ms, actions: { deny: [forward, decline] }, oauth: { tokenStyle: basic-query } }
                  "2": { concurrency: 9, actions: { allow: "accept, book" }, dryRun: true }
                http: { public: { url: "https://bridge.hospital.ca/" } }
                """, ["OCEAN_BRIDGE_SITES_1_ACTIONS_ALLOW": "decline"])
        ).publisherSettings(holder: "h")
        let first = try #require(settings.sites["1"])
        #expect(first.concurrency == 2)
        #expect(first.interval == .milliseconds(250))
        #expect(first.denied == [.forward, .decline])
        #expect(first.allowed == [.decline])
        #expect(first.prohibition(of: .decline, site: "1") == "sites.1.actions.deny")
        #expect(!first.isDryRun)
        let second = try #require(settings.sites["2"])
        #expect(second.concurrency == 9)
        #expect(second.interval == .zero)
        #expect(second.allowed == [.accept, .book])
        #expect(second.isDryRun)
    }

    @Test("the environment overrides the file, also below keys that the user chose")
    func environment() throws {
        let settings = try Settings(
            values(
                Self.complete,
                [
                    "OCEAN_BRIDGE_BUS_PARTITIONS": "16", "OCEAN_BRIDGE_SITES_1234_OAUTH_CLIENT_ID": "other",
                    "OCEAN_BRIDGE_INTEGRATIONS_FORMS_AUTH_HEADER_VALUE": "xyz", "OCEAN_BRIDGE_DATA_DIRECTORY": "/data",
                ]))
        #expect(settings.bus.partitions == 16)
        #expect(settings.sites["1234"]?.clientID == "other")
        #expect(settings.dataDirectory == "/data")
        guard case .header(_, let value) = settings.integrations["forms"]?.authentication else {
            Issue.record("forms must use a header")
            return
        }
        #expect(value == "xyz")
    }

    @Test("an environment variable that is no setting is an error")
    func environmentTypo() {
        #expect(
            problems("bus: { partitions: 2 }", ["OCEAN_BRIDGE_BUS_PARTITION": "3"]) == [
                "environment variable OCEAN_BRIDGE_BUS_PARTITION: no such setting"
            ])
    }

    @Test("a secrets directory fills in what the file leaves out")
    func secretsDirectory() throws {
        let settings = try Settings(values("secretsDirectory: /run/secrets"))
        #expect(settings.bus.url == "amqp://u:p@h/v")
    }

    @Test("a secret and its file together are an error")
    func secretTwice() {
        let found = problems(
            "sites: { '1': { oauth: { clientId: a, clientSecret: b, clientSecretFile: /secrets/client } } }")
        #expect(found.contains { $0.contains("both clientSecret and clientSecretFile are set") })
    }

    @Test("printing masks every secret and keeps the broker's host")
    func masked() throws {
        let printed = values(Self.complete).printed
        let text = printed.map { "\($0.name)=\($0.text)" }.joined(separator: "\n")
        for secret in ["from-file", "credential-a", "Bridge#2025aBcD!", "s3cret", "broker-password", "=abc"] {
            #expect(!text.contains(secret), "\(secret) is printed")
        }
        #expect(text.contains("bus.url=amqps://********@rabbit.example.org/prod"))
    }

    @Test("the schema names every setting and allows no others")
    func schema() throws {
        let schema = SettingsSchema.json
        let sites = try #require(schema["properties"]?["sites"]?["additionalProperties"])
        #expect(sites["properties"]?["oauth"]?["properties"]?["clientSecretFile"] != nil)
        #expect(schema["additionalProperties"]?.boolValue == false)
        for declaration in SettingDeclaration.all {
            #expect(SettingsSchema.markdown.contains("`\(declaration.name)`"))
        }
    }

    @Test("without rows the shipped table of status words counts, labelled as assumed")
    func shippedStatusWords() throws {
        let settings = try Settings(SettingsValues(yaml: nil, environment: [:]))
        #expect(settings.ocean.statusMaps == StatusMaps())
        #expect(settings.ocean.statusMaps.standard.name == "assumed-open-ereferral-v1")
        let declared = SettingDeclaration.all.filter { $0.name.hasPrefix("ocean.statusMap.") }
        #expect(declared.count == ReferralStatus.allCases.count - 1)
        #expect(declared.allSatisfy { $0.note.contains("assumed") && $0.defaultText != nil })
        let accepted = try #require(declared.first { $0.name == "ocean.statusMap.accepted" })
        #expect(accepted.defaultText == "ACCEPTED, PENDING_BOOKING")
    }

    @Test("rows of status words replace the shipped ones, for all sites and for one")
    func statusWords() throws {
        let yaml =
            Self.complete.replacing(
                "dialect: 0.10.0", with: "statusMap: { accepted: \"En attente , Pending Booking\" }"
            )
            .replacing(
                "ocean: { host: https://test.cognisantmd.com }",
                with: "ocean: { statusMap: { awaitingInformation: Question, booked: \"Booked\" } }")
        let maps = try Settings(values(yaml, ["OCEAN_BRIDGE_OCEAN_STATUS_MAP_EXTERNAL": "Elsewhere"])).ocean.statusMaps
        #expect(maps.standard.status(of: "question") == .awaitingInformation)
        #expect(maps.standard.status(of: "AWAITING_REPLY") == .unknown)
        #expect(maps.standard.status(of: "Elsewhere") == .external && maps.standard.status(of: "ACCEPTED") == .accepted)
        let site = maps.map(site: "1234")
        #expect(site.word(for: .accepted) == "En attente" && site.status(of: "PENDING_BOOKING") == .accepted)
        #expect(site.status(of: "ACCEPTED") == .unknown && site.status(of: "question") == .awaitingInformation)
        #expect(maps.map(site: "9") == maps.standard)
    }

    @Test("a status word in two rows and a row without a word are errors with their place")
    func wrongStatusWords() {
        #expect(
            problems("ocean:\n  statusMap:\n    accepted: Declined\n") == [
                "ocean-bridge.yaml:3:15: ocean.statusMap: a word stands for two statuses; take it out of one row"
            ])
        #expect(problems("sites:\n  \"1\": { statusMap: { booked: \", ,\" } }\n").count == 1)
        #expect(problems("ocean:\n  statusMap:\n    unknown: X\n").count == 1)
    }

    @Test("translate takes keys and status words of a site from the settings")
    func translation() throws {
        let settings = try Settings(
            values(Self.complete.replacing("dialect: 0.10.0", with: "statusMap: { accepted: Bei uns }")))
        var json = try JSONValue(parsing: Fixture.bytes("ocean-json/referral-encrypted.json"))
        json["siteNum"] = nil
        json["status"] = "bei uns"
        var translation = Translation(from: .oceanJSON, to: .canonical)
        translation.take(settings, site: "1234")
        let opened = try JSONValue(parsing: translation.translate(json.bytes()).body)["referral"]
        #expect(opened?["status"] == "accepted")
        #expect(opened?["patient"]?["names"]?[0]?["family"] == "Testpatient")
        let closed = try JSONValue(
            parsing: Translation(from: .oceanJSON, to: .canonical).translate(json.bytes()).body)["referral"]
        #expect(closed?["status"] == "unknown" && closed?["patient"] == nil)
        let back = try JSONValue(parsing: translation.with(target: .oceanJSON).translate(json.bytes()).body)
        #expect(back["status"] == "bei uns")
        translation.keys = SharedEncryptionKeys(current: SharedEncryptionKey(text: "Other#2026aBcD!!"))
        let error = #expect(throws: TranslationError.self) { try translation.translate(json.bytes()) }
        #expect(error?.code == .undecipherable)
        #expect(error?.description.contains("/oneTimeKeyEncryptedWithSiteSEK") == true)
    }
}

extension Translation {
    fileprivate func with(target: TranslationFormat) -> Translation {
        var output = self
        output.target = target
        return output
    }
}
