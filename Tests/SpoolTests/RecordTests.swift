// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import BridgeTestKit
import Testing

@testable import Spool

@Suite("Stored records")
struct RecordTests {
    private static func complete(_ body: [UInt8]) -> Message {
        Message(
            id: "hospital id with spaces — é", source: "/ocean/main", type: .appointmentChanged, subject: "ref-é-日本",
            time: Timestamp(milliseconds: -62_000_000_000_001), dataSchema: "https://example.org/a.json",
            contentType: "application/fhir+json; charset=utf-8",
            attributes: MessageAttributes(
                site: "1234", listing: "listing-1", service: "cardiology", event: "add-appointment", dialect: "0.11.1",
                test: true, echo: true, late: true, sequence: "0000000042", causationID: "cause-1",
                integration: "main"),
            trace: TraceContext(
                traceID: "0af7651916cd43dd8448eb211c80319c", spanID: "b7ad6b7169203331", sampled: false,
                state: "vendor=opaque"),
            headers: [
                "x-reason": .string(""), "test": .string("plain header"), "x-min": .integer(.min), "x-yes": .bool(true),
                "x-no": .bool(false), "cloudEvents_other": .string("kept"), "traceparent": .string("not a trace"),
            ], body: body)
    }

    private static func random(_ random: inout SeededGenerator) -> Message {
        func text() -> String {
            String(
                (0..<Int.random(in: 0...12, using: &random)).map { _ in
                    "aé日🙂\n\0x/".randomElement(using: &random) ?? "a"
                })
        }
        func maybe() -> String? { Bool.random(using: &random) ? text() : nil }
        var headers: [String: HeaderValue] = [:]
        for _ in 0..<Int.random(in: 0...6, using: &random) {
            headers[text()] =
                Bool.random(using: &random) ? .string(text()) : .integer(.random(in: .min ... .max, using: &random))
        }
        return Message(
            id: text(), source: text(), type: MessageType(rawValue: text()), subject: maybe(),
            time: Timestamp(milliseconds: .random(in: .min ... .max, using: &random)), dataSchema: maybe(),
            contentType: text(),
            attributes: MessageAttributes(
                site: maybe(), listing: maybe(), service: maybe(), event: maybe(), dialect: maybe(),
                test: .random(using: &random), echo: .random(using: &random), late: .random(using: &random),
                sequence: maybe(), causationID: maybe(), integration: maybe()),
            headers: headers,
            body: (0..<Int.random(in: 0...64, using: &random)).map { _ in .random(in: 0...255, using: &random) })
    }

    @Test("every field comes back as it was, for both kinds of destination")
    func roundTrip() {
        let all = [UInt8](0...255)
        for destination in [inbound("ref-é"), .queue("ocean.invalid"), .exchange("", routingKey: "")] {
            for message in [Self.complete(all), sample("m"), Self.complete([])] {
                let record = SpoolRecord(message: message, destination: destination)
                #expect(SpoolRecord(bytes: record.bytes) == record)
            }
        }
    }

    @Test("any message comes back as it was", arguments: 0..<200)
    func generated(_ seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let record = SpoolRecord(message: Self.random(&random), destination: inbound())
        #expect(SpoolRecord(bytes: record.bytes) == record)
    }

    @Test("the form knows every field that a message has")
    func fields() {
        // A new field must go into SpoolRecord, or it would be lost on the way through the spool.
        #expect(Mirror(reflecting: sample("m")).children.count == 11)
        #expect(Mirror(reflecting: MessageAttributes()).children.count == 11)
    }

    @Test("cut or changed bytes never trap, and cut ones are never a record")
    func damage() {
        let bytes = SpoolRecord(message: Self.complete([1, 2, 3]), destination: inbound()).bytes
        for length in 0..<bytes.count { #expect(SpoolRecord(bytes: Array(bytes[..<length])) == nil) }
        #expect(SpoolRecord(bytes: bytes + [0]) == nil)
        var random = SeededGenerator(seed: 3)
        for _ in 0..<2000 {
            var changed = bytes
            changed[Int.random(in: 0..<bytes.count, using: &random)] = .random(in: 0...255, using: &random)
            _ = SpoolRecord(bytes: changed)
        }
    }

    private func key(_ seed: UInt64) throws -> SpoolKey {
        var random = SeededGenerator(seed: seed)
        return try #require(SpoolKey(bytes: (0..<32).map { _ in .random(in: 0...255, using: &random) }))
    }

    @Test("a sealed record opens under its own label and keys only")
    func sealing() throws {
        let wrapping = SpoolWrapping(keys: SpoolKeys(current: try key(1)))
        let record = SpoolRecord(message: sample("m"), destination: inbound())
        func label(id: String = "r", message: String = "m", lane: String = "l", key: String?) -> SpoolLabel {
            SpoolLabel(
                id: id, messageID: message, lane: SpoolLane(name: lane), since: Timestamp(milliseconds: 1), keyID: key)
        }
        let own = label(key: wrapping.keyID)
        let body = try #require(wrapping.seal(record, own))
        #expect(wrapping.open(body, own) == .success(record))
        #expect(wrapping.seal(record, own) != body, "each record has a nonce of its own")
        for other in [
            label(id: "s", key: wrapping.keyID), label(message: "n", key: wrapping.keyID),
            label(lane: "k", key: wrapping.keyID), label(key: nil),
        ] {
            #expect(wrapping.open(body, other) == .failure(.unreadable))
        }
        for index in body.indices {
            var changed = body
            changed[index] ^= 1
            #expect(wrapping.open(changed, own) == .failure(.unreadable))
        }
        #expect(wrapping.open([], own) == .failure(.unreadable))
        let changedKey = SpoolWrapping(keys: SpoolKeys(current: try key(2), previous: try key(1)))
        #expect(changedKey.open(body, own) == .success(record))
        let lost = SpoolWrapping(keys: SpoolKeys(current: try key(2)))
        #expect(lost.open(body, own) == .failure(.unknownKey(id: try key(1).id)))
        #expect(SpoolWrapping(keys: nil).open(body, own) == .failure(.unknownKey(id: try key(1).id)))
    }
}
