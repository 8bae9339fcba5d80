// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import JSON

/// An RSA private key as its numbers, in the two forms in which it is met: Ocean's JSON with hexadecimal texts (the
/// members of the JavaScript library JSEncrypt) and DER (RSAPrivateKey, RFC 8017 §A.1.2), which is what BoringSSL reads.
struct RSAKeyForm: Sendable, Equatable {
    /// Of both forms, in the order of RFC 8017.
    private static let names = ["n", "e", "d", "p", "q", "dmp1", "dmq1", "coeff"]
    /// Hexadecimal digits of the longest modulus that is taken: 8192 bits.
    private static let longest = 2048

    /// Big-endian, without leading zeros.
    private let numbers: [[UInt8]]

    /// Nil unless all eight members are hexadecimal texts of a sensible length. Whether they make a key is for the
    /// library to say.
    init?(json: JSONValue) {
        var numbers: [[UInt8]] = []
        for name in Self.names {
            guard let text = json[name]?.stringValue, let number = Self.number(text) else { return nil }
            numbers.append(number)
        }
        self.numbers = numbers
    }

    /// Nil unless it is the sequence of version 0 and eight integers that BoringSSL writes.
    init?(der: [UInt8]) {
        var reader = Reader(bytes: der[...])
        guard let content = reader.element(0x30), reader.bytes.isEmpty else { return nil }
        var inner = Reader(bytes: content)
        guard inner.element(0x02) == [0] else { return nil }
        var numbers: [[UInt8]] = []
        for _ in Self.names {
            guard let integer = inner.element(0x02) else { return nil }
            numbers.append(Array(integer.drop { $0 == 0 }))
        }
        self.numbers = numbers
    }

    var json: JSONValue {
        var object = JSONObject()
        for (name, number) in zip(Self.names, numbers) { object[name] = .string(Hexadecimal.text(number)) }
        return .object(object)
    }

    var der: [UInt8] {
        let integers = ([[]] + numbers).flatMap { number in
            // A leading one bit would make it negative, and zero has one byte.
            let isPadded = (number.first ?? 0x80) >= 0x80
            return Self.element(0x02, (isPadded ? [0] : []) + number)
        }
        return Self.element(0x30, integers)
    }

    private static func number(_ text: String) -> [UInt8]? {
        guard (1...longest).contains(text.utf8.count),
            let bytes = Hexadecimal.bytes((text.utf8.count.isMultiple(of: 2) ? "" : "0") + text)
        else { return nil }
        return Array(bytes.drop { $0 == 0 })
    }

    private static func element(_ tag: UInt8, _ content: [UInt8]) -> [UInt8] {
        var length: [UInt8] = []
        var rest = content.count
        while rest > 0 {
            length.insert(UInt8(truncatingIfNeeded: rest), at: 0)
            rest >>= 8
        }
        let head = content.count < 0x80 ? [UInt8(content.count)] : [0x80 | UInt8(length.count)] + length
        return [tag] + head + content
    }

    private struct Reader {
        var bytes: ArraySlice<UInt8>

        mutating func element(_ tag: UInt8) -> ArraySlice<UInt8>? {
            guard bytes.popFirst() == tag, let first = bytes.popFirst() else { return nil }
            var length = Int(first)
            if first >= 0x80 {
                length = 0
                for _ in 0..<(first & 0x7F) {
                    guard let byte = bytes.popFirst(), length <= 1 << 20 else { return nil }
                    length = length << 8 | Int(byte)
                }
            }
            guard length <= bytes.count else { return nil }
            let content = bytes.prefix(length)
            bytes = bytes.dropFirst(length)
            return content
        }
    }
}

/// Base 16 (RFC 4648 §8).
enum Hexadecimal {
    private static let digits: [UInt8] = Array("0123456789abcdef".utf8)

    static func text(_ bytes: some Sequence<UInt8>) -> String {
        var output: [UInt8] = []
        for byte in bytes { output += [digits[Int(byte >> 4)], digits[Int(byte & 15)]] }
        return String(decoding: output, as: UTF8.self)
    }

    /// Nil unless there are only digits, an even number of them.
    static func bytes(_ text: some StringProtocol) -> [UInt8]? {
        var output: [UInt8] = []
        var high: UInt8?
        for byte in text.utf8 {
            guard let value = value(byte) else { return nil }
            if let first = high {
                output.append(first << 4 | value)
                high = nil
            } else {
                high = value
            }
        }
        return high == nil ? output : nil
    }

    private static func value(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 0x30...0x39: byte - 0x30
        case 0x41...0x46: byte - 0x41 + 10
        case 0x61...0x66: byte - 0x61 + 10
        default: nil
        }
    }
}
