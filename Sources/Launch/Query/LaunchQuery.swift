// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

/// The query of a launch address: any query is taken, and of it only what was asked for by name.
///
/// A value that cannot be trusted to mean one thing is as good as absent: broken escapes, control characters, direction
/// marks, more than 256 bytes, the same name with two different values.
package struct LaunchQuery: Sendable, Hashable {
    /// What stands under one name.
    package enum Value: Sendable, Hashable {
        case text(String)
        /// There is something, and it is not usable.
        case unusable
    }

    /// Bytes of the whole query; a longer one is refused.
    package static let maximumBytes = 8192
    /// Bytes of one value.
    package static let maximumValueBytes = 256

    /// Only of the names that were asked for.
    package let values: [String: Value]

    /// Nil when `text` is longer than `maximumBytes`.
    ///
    /// - Parameters:
    ///   - text: as sent, without the question mark.
    ///   - names: what to look for.
    package init?(_ text: String, names: Set<String>) {
        guard text.utf8.count <= Self.maximumBytes else { return nil }
        var values: [String: Value] = [:]
        for part in text.utf8.split(separator: 0x26) {
            let halves = part.split(separator: 0x3D, maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = halves.first.flatMap({ Self.decoded($0) }), names.contains(name) else { continue }
            let value = Self.value(halves.count > 1 ? halves[1] : Substring().utf8[...])
            guard let value else { continue }
            if let earlier = values[name], earlier != value {
                values[name] = .unusable
            } else {
                values[name] = value
            }
        }
        self.values = values
    }

    /// How many of the names have a value that is not usable.
    package var unusableCount: Int { values.values.count { $0 == .unusable } }

    /// The usable value of a name.
    package func text(_ name: String) -> String? {
        guard case .text(let text) = values[name] else { return nil }
        return text
    }

    /// Nil for an empty value, which says nothing.
    private static func value(_ bytes: Substring.UTF8View) -> Value? {
        guard !bytes.isEmpty else { return nil }
        guard let text = decoded(bytes), text.utf8.count <= maximumValueBytes,
            text.unicodeScalars.allSatisfy({ isHarmless($0) })
        else { return .unusable }
        return .text(text)
    }

    /// No control characters, line separators, or marks that turn the direction of what is shown.
    private static func isHarmless(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0...0x1F, 0x7F...0x9F, 0x200B...0x200F, 0x2028...0x202E, 0x2060...0x206F, 0xFEFF, 0xFFF0...0xFFFF: false
        default: true
        }
    }

    /// Undone once: what is escaped twice stays escaped once. Nil when an escape is broken or the bytes are no UTF-8.
    private static func decoded(_ bytes: Substring.UTF8View) -> String? {
        var output: [UInt8] = []
        var rest = bytes.makeIterator()
        while let byte = rest.next() {
            switch byte {
            case 0x25:
                guard let high = rest.next().flatMap(digit), let low = rest.next().flatMap(digit) else { return nil }
                output.append(high << 4 | low)
            case 0x2B: output.append(0x20)
            default: output.append(byte)
            }
        }
        return String(validating: output, as: UTF8.self)
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 0x30...0x39: byte - 0x30
        case 0x41...0x46: byte - 0x37
        case 0x61...0x66: byte - 0x57
        default: nil
        }
    }
}
