// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

/// `application/x-www-form-urlencoded` text, in bodies and queries.
struct FormText: Sendable {
    private let pairs: [(name: String, value: String)]

    /// Nil when an escape is broken or the text is not UTF-8.
    init?(_ text: some StringProtocol) {
        var pairs: [(name: String, value: String)] = []
        for part in text.split(separator: "&") {
            let halves = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = Self.percentDecoded(halves[0], plusIsSpace: true),
                let value = Self.percentDecoded(halves.count > 1 ? halves[1] : "", plusIsSpace: true)
            else { return nil }
            pairs.append((name, value))
        }
        self.pairs = pairs
    }

    /// Values by name; nil when a name comes twice, which RFC 6749 §3.2 forbids.
    var unique: [String: String]? {
        var output: [String: String] = [:]
        for (name, value) in pairs {
            guard output.updateValue(value, forKey: name) == nil else { return nil }
        }
        return output
    }

    static func percentDecoded(_ text: some StringProtocol, plusIsSpace: Bool) -> String? {
        var output: [UInt8] = []
        var bytes = text.utf8.makeIterator()
        while let byte = bytes.next() {
            switch byte {
            case 0x25:
                guard let high = bytes.next().flatMap(Hexadecimal.digit),
                    let low = bytes.next().flatMap(Hexadecimal.digit)
                else { return nil }
                output.append(high << 4 | low)
            case 0x2B where plusIsSpace: output.append(0x20)
            default: output.append(byte)
            }
        }
        return String(validating: output, as: UTF8.self)
    }
}

/// Bytes as hexadecimal digits.
enum Hexadecimal {
    static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 0x30...0x39: byte - 0x30
        case 0x41...0x46: byte - 0x37
        case 0x61...0x66: byte - 0x57
        default: nil
        }
    }

    static func text(_ bytes: some Sequence<UInt8>) -> String {
        let digits = Array("0123456789abcdef".utf8)
        var output: [UInt8] = []
        for byte in bytes {
            output.append(digits[Int(byte >> 4)])
            output.append(digits[Int(byte & 15)])
        }
        return String(decoding: output, as: UTF8.self)
    }

    /// Nil unless `text` is an even number of hexadecimal digits.
    static func bytes(_ text: some StringProtocol) -> [UInt8]? {
        var output: [UInt8] = []
        var iterator = text.utf8.makeIterator()
        while let first = iterator.next() {
            guard let high = digit(first), let low = iterator.next().flatMap(digit) else { return nil }
            output.append(high << 4 | low)
        }
        return output
    }
}
