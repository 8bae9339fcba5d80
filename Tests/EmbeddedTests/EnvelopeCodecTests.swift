// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import Testing

@testable import Embedded

@Suite("Stored envelopes")
struct EnvelopeCodecTests {
    static let full = CloudEventsBinary.Properties(
        messageID: "id", correlationID: "ref-é", type: "t", contentType: "application/json", appID: "", timestamp: .max,
        replyTo: "back",
        headers: [
            "text": .string(String(repeating: "long ", count: 100)), "low": .integer(.min), "high": .integer(.max),
            "yes": .bool(true), "no": .bool(false), "": .string(""),
        ])

    @Test("an envelope comes back as it was, absent parts absent", arguments: [full, CloudEventsBinary.Properties()])
    func roundTrip(_ properties: CloudEventsBinary.Properties) {
        #expect(EnvelopeCodec.decode(EnvelopeCodec.encode(properties)) == properties)
    }

    @Test("a cut, longer or overwritten envelope is refused or read, never a crash")
    func damage() {
        let bytes = EnvelopeCodec.encode(Self.full)
        for length in 0..<bytes.count { #expect(EnvelopeCodec.decode(Array(bytes[..<length])) == nil) }
        #expect(EnvelopeCodec.decode(bytes + [0]) == nil)
        for index in bytes.indices {
            for value in [0, 1, 0x7F, 0x80, 0xFF] as [UInt8] {
                var damaged = bytes
                damaged[index] = value
                _ = EnvelopeCodec.decode(damaged)
            }
        }
        var newer = bytes
        newer[0] = 2
        #expect(EnvelopeCodec.decode(newer) == nil)
    }
}
