// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import CRabbitMQ
import Testing

@testable import RabbitMQ

@Suite("Field tables")
struct FieldTableTests {
    @Test("every kind of field is read or left out, and none traps")
    func everyKind() {
        var field = amqp_field_value_t()
        field.value.u64 = .max
        for kind in UInt8.min...UInt8.max
        where ![FieldKind.text, FieldKind.table, UInt8(ascii: "A"), UInt8(ascii: "x")].contains(kind) {
            field.kind = kind
            _ = HeaderValue(field)
        }
        func read(_ kind: UInt8, _ set: (inout amqp_field_value_t) -> Void) -> HeaderValue? {
            var field = amqp_field_value_t()
            field.kind = kind
            set(&field)
            return HeaderValue(field)
        }
        #expect(read(FieldKind.boolean) { $0.value.boolean = 1 } == .bool(true))
        #expect(read(FieldKind.int8) { $0.value.i8 = -128 } == .integer(-128))
        #expect(read(FieldKind.uint8) { $0.value.u8 = 255 } == .integer(255))
        #expect(read(FieldKind.int16) { $0.value.i16 = -32768 } == .integer(-32768))
        #expect(read(FieldKind.uint16) { $0.value.u16 = 65535 } == .integer(65535))
        #expect(read(FieldKind.int32) { $0.value.i32 = .min } == .integer(-2_147_483_648))
        #expect(read(FieldKind.uint32) { $0.value.u32 = .max } == .integer(4_294_967_295))
        #expect(read(FieldKind.int64) { $0.value.i64 = .min } == .integer(.min))
        #expect(read(FieldKind.uint64) { $0.value.u64 = .max } == .string("18446744073709551615"))
        #expect(read(FieldKind.timestamp) { $0.value.u64 = 1_770_000_000 } == .integer(1_770_000_000))
        #expect(read(FieldKind.double) { $0.value.f64 = 1.5 } == .string("1.5"))
        #expect(read(FieldKind.double) { $0.value.f64 = .nan } == .string("nan"))
        #expect(read(FieldKind.float) { $0.value.f32 = -0.25 } == .string("-0.25"))
        #expect(read(FieldKind.decimal) { $0.value.decimal = .init(decimals: 2, value: 5) } == .string("0.05"))
        #expect(read(FieldKind.decimal) { $0.value.decimal = .init(decimals: 2, value: 12345) } == .string("123.45"))
        #expect(read(FieldKind.decimal) { $0.value.decimal = .init(decimals: 255, value: 1) }?.text.utf8.count == 257)
        #expect(read(FieldKind.text) { $0.value.bytes = amqp_empty_bytes } == .string(""))
        #expect(read(FieldKind.table) { $0.value.table = amqp_empty_table } == nil)
        #expect(read(UInt8(ascii: "A")) { $0.value.array = amqp_empty_array } == nil)
        #expect(read(UInt8(ascii: "V")) { _ in } == nil)
    }

    @Test("broken UTF-8 in a text is repaired")
    func brokenText() {
        var bytes: [UInt8] = [0x61, 0xFF, 0x62]
        let value = bytes.withUnsafeMutableBytes { buffer -> HeaderValue? in
            var field = amqp_field_value_t()
            field.kind = FieldKind.text
            field.value.bytes = amqp_bytes_t(len: buffer.count, bytes: buffer.baseAddress)
            return HeaderValue(field)
        }
        #expect(value == .string("a\u{FFFD}b"))
    }

    @Test("properties survive the way into the library's form and back")
    func properties() {
        let arena = FieldArena()
        let properties = CloudEventsBinary.Properties(
            messageID: "id", correlationID: "reference", type: "type", contentType: "application/json",
            appID: "ocean-bridge", timestamp: 1_770_000_000, replyTo: "reply",
            headers: ["a": .string("ä"), "b": .integer(.min), "c": .bool(false), "": .string("")])
        #expect(CloudEventsBinary.Properties(properties.encoded(in: arena)) == properties)
        let bare = CloudEventsBinary.Properties()
        #expect(CloudEventsBinary.Properties(bare.encoded(in: arena)) == bare)
    }

    @Test("a text too long for a short string is left out of the properties")
    func longTexts() {
        let arena = FieldArena()
        let long = String(repeating: "x", count: 256)
        let properties = CloudEventsBinary.Properties(messageID: long, correlationID: String(long.dropLast()))
        let back = CloudEventsBinary.Properties(properties.encoded(in: arena))
        #expect(back.messageID == nil)
        #expect(back.correlationID?.utf8.count == 255)
    }
}
