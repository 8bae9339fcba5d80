// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import BridgeTestKit
import JSON
import Testing

@testable import Ocean

@Suite struct CanonicalGoldenTests {
    @Test("the canonical form of each message, with its envelope, is as it was", arguments: try FHIRReading.all)
    func golden(_ path: String) throws {
        let bytes = try Fixture.bytes(path)
        let message = try OceanFHIRReader().read(
            try JSONValue(parsing: bytes), bytes: bytes, mediaType: "application/fhir+json")
        var output: JSONObject = [
            "type": .string(message.type.rawValue), "subject": .string(message.subject),
            "time": .string(message.time?.description ?? ""), "attributes": Self.attributes(message.attributes),
        ]
        let canonical = message.canonical.json
        output["event"] = canonical["event"]
        output["referral"] = canonical["referral"]
        output["dialect"] = canonical["original"]?["dialect"]
        let golden = JSONValue.object(output).bytes(.pretty) + [0x0A]
        let target = "golden/canonical/\(path.split(separator: "/").dropFirst().joined(separator: "-"))"
        if Fixture.isUpdatingGolden { try Fixture.write(golden, to: target) }
        #expect(try Fixture.bytes(target) == golden)
    }

    private static func attributes(_ attributes: MessageAttributes) -> JSONValue {
        var object = JSONObject()
        for (name, value) in [
            ("site", attributes.site), ("listing", attributes.listing), ("service", attributes.service),
            ("event", attributes.event), ("dialect", attributes.dialect),
        ] {
            if let value { object[name] = .string(value) }
        }
        if attributes.test { object["test"] = true }
        return .object(object)
    }
}
