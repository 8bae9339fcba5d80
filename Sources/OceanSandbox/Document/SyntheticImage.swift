// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials

/// Pictures of one dot, made as large as wanted by bytes that readers pass over.
enum SyntheticImage {
    /// PNG (ISO/IEC 15948); the filling stands behind its last chunk.
    static func png(filling: Int) -> [UInt8] {
        let dot =
            "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
        return Array(Data(base64Encoded: dot) ?? Data()) + [UInt8](repeating: 0, count: filling)
    }

    /// TIFF 6.0, little-endian, one bilevel dot; the filling stands behind the dot.
    static func tiff(filling: Int) -> [UInt8] {
        // Tag, type (3 short, 4 long) and value: width, length, bits, compression, photometric, strip offset, samples,
        // rows per strip, strip byte count.
        let entries: [(tag: Int, type: Int, value: Int)] = [
            (256, 3, 1), (257, 3, 1), (258, 3, 1), (259, 3, 1), (262, 3, 0), (273, 4, 122), (277, 3, 1), (278, 3, 1),
            (279, 4, 1),
        ]
        var bytes: [UInt8] = [0x49, 0x49, 42, 0, 8, 0, 0, 0]
        bytes += little(entries.count, 2)
        for entry in entries {
            bytes += little(entry.tag, 2) + little(entry.type, 2) + little(1, 4) + little(entry.value, 4)
        }
        bytes += little(0, 4)
        return bytes + [0x80] + [UInt8](repeating: 0, count: filling)
    }

    private static func little(_ value: Int, _ count: Int) -> [UInt8] {
        (0..<count).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) }
    }
}
