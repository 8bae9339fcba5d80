// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import JSON
import Logging
import OceanSandbox
import Testing

@Suite("The sandbox's configuration")
struct ConfigurationTests {
    private func make(_ json: JSONValue) throws -> PretendOcean {
        var unknown: [JSONPointer] = []
        let configuration = try PretendOceanConfiguration(json: json, at: .root, unknown: &unknown)
        #expect(unknown.isEmpty)
        return try PretendOcean(configuration: configuration, logger: Logger(label: "test"))
    }

    private func site(_ number: String, listing: String, webhook: String = "bridge") -> JSONValue {
        [
            "number": .string(number), "name": "Invented", "clientId": .string("client-\(number)"),
            "clientSecret": "s", "siteKey": "k", "siteCredential": "c", "sharedEncryptionKey": "e",
            "listings": [
                [
                    "ref": .string(listing), "title": "T", "dialect": "0.11.1", "webhook": .string(webhook),
                ]
            ],
        ]
    }

    @Test("a file with sites and webhooks is read, the rest by default")
    func file() throws {
        let webhooks: JSONValue = [["name": "bridge", "url": "http://127.0.0.1:1"]]
        _ = try make(["sites": [site("4500", listing: "a")], "webhooks": webhooks, "retries": ["compression": 60]])
    }

    @Test("names used twice, unknown webhooks and incomplete authentication are refused")
    func contradictions() {
        let webhooks: JSONValue = [["name": "bridge"]]
        let cases: [JSONValue] = [
            ["sites": [site("4500", listing: "a"), site("4600", listing: "a")], "webhooks": webhooks],
            ["sites": [site("4500", listing: "a"), site("4500", listing: "b")], "webhooks": webhooks],
            ["sites": [site("4500", listing: "a", webhook: "none")], "webhooks": webhooks],
            ["webhooks": [["name": "bridge", "auth": "basic"]]], ["port": 70_000], ["retries": ["compression": 0]],
        ]
        for json in cases { #expect(throws: SandboxConfigurationError.self) { try make(json) } }
    }

    @Test("the demonstration is a valid configuration and survives its own JSON form")
    func demonstration() throws {
        let configuration = PretendOceanConfiguration.demonstration(webhook: "http://127.0.0.1:8080/ocean/demo")
        #expect(try PretendOceanConfiguration.read(configuration.json.bytes()) == configuration)
        #expect(Set(configuration.sites.flatMap(\.listings).map(\.dialect)) == Set(ListingDialect.allCases))
    }

    @Test("a setting that does not exist is named", arguments: [#"{"prot":1}"#, #"{"retries":{"speed":2}}"#, "{"])
    func unknownSetting(text: String) {
        #expect(throws: SandboxConfigurationError.self) { try PretendOceanConfiguration.read(Array(text.utf8)) }
    }
}
