// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore

/// The stored form of an envelope: AMQP properties and headers with their kinds, length-prefixed, without the body.
///
/// The first byte is the version of the form. Written by this bus only; read with every length checked, since a file
/// can be damaged.
enum EnvelopeCodec {
    private static let version: UInt8 = 1

    private enum Kind: UInt8 {
        case string = 0
        case integer = 1
        case no = 2
        case yes = 3
    }

    static func encode(_ properties: CloudEventsBinary.Properties) -> [UInt8] {
        var writer = ByteWriter()
        writer.byte(version)
        for text in [
            properties.messageID, properties.correlationID, properties.type, properties.contentType, properties.appID,
            properties.replyTo, properties.timestamp.map { String($0) },
        ] {
            writer.optional(text)
        }
        writer.count(properties.headers.count)
        for (name, value) in properties.headers {
            writer.text(name)
            switch value {
            case .string(let text):
                writer.byte(Kind.string.rawValue)
                writer.text(text)
            case .integer(let number):
                writer.byte(Kind.integer.rawValue)
                writer.integer(UInt64(bitPattern: number))
            case .bool(let flag):
                writer.byte(flag ? Kind.yes.rawValue : Kind.no.rawValue)
            }
        }
        return writer.bytes
    }

    /// Nil when the bytes are not of this form.
    static func decode(_ bytes: [UInt8]) -> CloudEventsBinary.Properties? {
        var reader = ByteReader(bytes)
        guard reader.byte() == version else { return nil }
        var texts: [String?] = []
        for _ in 0..<7 {
            guard let text = reader.optional() else { return nil }
            texts.append(text)
        }
        guard let count = reader.count() else { return nil }
        var headers: [String: HeaderValue] = [:]
        for _ in 0..<count {
            guard let name = reader.text(), let kind = reader.byte().flatMap(Kind.init(rawValue:)) else { return nil }
            switch kind {
            case .string:
                guard let text = reader.text() else { return nil }
                headers[name] = .string(text)
            case .integer:
                guard let number = reader.integer() else { return nil }
                headers[name] = .integer(Int64(bitPattern: number))
            case .no: headers[name] = .bool(false)
            case .yes: headers[name] = .bool(true)
            }
        }
        guard reader.isAtEnd else { return nil }
        return CloudEventsBinary.Properties(
            messageID: texts[0], correlationID: texts[1], type: texts[2], contentType: texts[3], appID: texts[4],
            timestamp: texts[6].flatMap { UInt64($0) }, replyTo: texts[5], headers: headers)
    }
}

private struct ByteWriter {
    var bytes: [UInt8] = []

    mutating func byte(_ value: UInt8) {
        bytes.append(value)
    }

    /// LEB128: seven bits a byte, lowest first.
    mutating func count(_ value: Int) {
        var rest = UInt64(value)
        while rest >= 0x80 {
            bytes.append(UInt8(rest & 0x7F) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }

    mutating func integer(_ value: UInt64) {
        for shift in stride(from: UInt64(0), to: 64, by: 8) { bytes.append(UInt8(value >> shift & 0xFF)) }
    }

    mutating func text(_ value: String) {
        count(value.utf8.count)
        bytes.append(contentsOf: value.utf8)
    }

    mutating func optional(_ value: String?) {
        byte(value == nil ? 0 : 1)
        if let value { text(value) }
    }
}

private struct ByteReader {
    private let bytes: [UInt8]
    private var position = 0

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    var isAtEnd: Bool { position == bytes.count }

    mutating func byte() -> UInt8? {
        guard position < bytes.count else { return nil }
        defer { position += 1 }
        return bytes[position]
    }

    /// Never more than the bytes that are left, so that a damaged length cannot ask for memory.
    mutating func count() -> Int? {
        var value: UInt64 = 0
        for shift in stride(from: UInt64(0), to: 63, by: 7) {
            guard let next = byte() else { return nil }
            value |= UInt64(next & 0x7F) << shift
            if next & 0x80 == 0 { return value <= UInt64(bytes.count - position) ? Int(value) : nil }
        }
        return nil
    }

    mutating func integer() -> UInt64? {
        var value: UInt64 = 0
        for shift in stride(from: UInt64(0), to: 64, by: 8) {
            guard let next = byte() else { return nil }
            value |= UInt64(next) << shift
        }
        return value
    }

    mutating func text() -> String? {
        guard let length = count() else { return nil }
        defer { position += length }
        return String(decoding: bytes[position..<(position + length)], as: UTF8.self)
    }

    /// The outer optional is nil for damage, the inner for an absent text.
    mutating func optional() -> String?? {
        switch byte() {
        case 0: .some(nil)
        case 1: text().map { .some($0) }
        default: nil
        }
    }
}
