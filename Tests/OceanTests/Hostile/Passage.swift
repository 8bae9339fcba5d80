// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import FHIR
import JSON
import Ocean

/// Everything pure that the bridge does with a body from outside.
enum Passage {
    private static let time = Timestamp(milliseconds: 1_772_460_000_000)

    /// The stations of a body, to be told apart in a failure.
    static let stations: [(name: String, run: @Sendable ([UInt8]) -> Void)] = [
        ("validate", { _ = StructureValidator().validate($0) }),
        ("receive", { _ = received($0) }),
        ("translate", { translate($0) }),
        ("update", { update($0) }),
    ]

    /// What ingress publishes.
    static func received(_ body: [UInt8]) -> Message? {
        guard case .message(let inbound) = OceanInboundReader.standard().read(body, mediaType: "application/json")
        else {
            return nil
        }
        return Message(
            id: "m", source: "/ocean/x", type: inbound.type, subject: inbound.subject, time: inbound.time ?? time,
            attributes: inbound.attributes, body: inbound.canonical.json.bytes())
    }

    /// What the translator makes of it.
    static func translate(_ body: [UInt8]) {
        guard let message = received(body) else { return }
        var unknown: [JSONPointer] = []
        guard let json = try? JSONValue(parsing: message.body),
            let canonical = try? CanonicalMessage(json: json, at: .root, unknown: &unknown)
        else { return }
        _ = canonical.referral.map { ChangeFingerprint.changes(in: $0, since: nil) }
        let normalised = try? NormalisedFHIRWriter().write(message, canonical)
        let ocean = try? OceanJSONWriter().write(message, canonical)
        // All forms are held at once, as by the translator.
        withExtendedLifetime((normalised, ocean)) {}
    }

    /// What the publisher makes of it.
    static func update(_ body: [UInt8]) {
        let message = Message(
            id: "m", source: "/hospital", type: .updateRequested, subject: "7d3c", time: time,
            attributes: MessageAttributes(site: "1"), body: body)
        guard let changes = try? OceanUpdateReader().read(message).changes(since: nil) else { return }
        for dialect in [Dialect.fhir0100, .fhir0111] {
            let context = UpdateContext(
                dialect: dialect, oceanHost: "https://ocean.example.org", sourceEndpoint: "https://b.example.org",
                messageID: "m", messageTime: time)
            for change in changes { _ = try? OceanUpdateWriter().bundle(for: change.update, in: context) }
        }
    }
}
