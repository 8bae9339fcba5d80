// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

/// Builds AMQP 0-9-1 bytes by hand, right or wrong (AMQP 0-9-1 §4.2).
package struct AMQPBytes: Sendable {
    package private(set) var bytes: [UInt8]

    package init(_ bytes: [UInt8] = []) {
        self.bytes = bytes
    }

    package func u8(_ value: UInt8) -> AMQPBytes { adding([value]) }
    package func u16(_ value: UInt16) -> AMQPBytes { adding(Self.bigEndian(UInt64(value), 2)) }
    package func u32(_ value: UInt32) -> AMQPBytes { adding(Self.bigEndian(UInt64(value), 4)) }
    package func u64(_ value: UInt64) -> AMQPBytes { adding(Self.bigEndian(value, 8)) }
    package func raw(_ value: [UInt8]) -> AMQPBytes { adding(value) }
    /// At most 255 bytes are kept.
    package func short(_ text: String) -> AMQPBytes {
        let part = Array(text.utf8.prefix(255))
        return u8(UInt8(part.count)).adding(part)
    }
    package func long(_ value: [UInt8]) -> AMQPBytes { u32(UInt32(value.count)).adding(value) }
    package func long(_ text: String) -> AMQPBytes { long(Array(text.utf8)) }

    private func adding(_ more: [UInt8]) -> AMQPBytes {
        AMQPBytes(bytes + more)
    }

    private static func bigEndian(_ value: UInt64, _ count: Int) -> [UInt8] {
        (0..<count).map { UInt8(truncatingIfNeeded: value >> UInt64(8 * (count - 1 - $0))) }
    }

    /// A whole frame.
    package static func frame(
        _ type: UInt8, channel: UInt16, _ payload: AMQPBytes, length: UInt32? = nil, end: UInt8 = 0xCE
    ) -> [UInt8] {
        AMQPBytes().u8(type).u16(channel).u32(length ?? UInt32(payload.bytes.count)).raw(payload.bytes).u8(end).bytes
    }

    package static func method(
        _ channel: UInt16, _ classID: UInt16, _ methodID: UInt16, _ arguments: AMQPBytes = AMQPBytes()
    ) -> [UInt8] {
        frame(1, channel: channel, AMQPBytes().u16(classID).u16(methodID).raw(arguments.bytes))
    }

    /// - Parameter headers: the `headers` property's table with its length; nil for no properties.
    package static func header(
        _ channel: UInt16 = 1, classID: UInt16 = 60, bodySize: UInt64, headers: [UInt8]? = nil
    ) -> [UInt8] {
        let flags: UInt16 = headers == nil ? 0 : 1 << 13
        return frame(
            2, channel: channel, AMQPBytes().u16(classID).u16(0).u64(bodySize).u16(flags).raw(headers ?? []))
    }

    package static func body(_ channel: UInt16 = 1, _ bytes: [UInt8]) -> [UInt8] {
        frame(3, channel: channel, AMQPBytes(bytes))
    }

    package static func deliver(tag: UInt64, redelivered: Bool = false, key: String = "q") -> [UInt8] {
        method(
            1, 60, 60,
            AMQPBytes().short("consumer").u64(tag).u8(redelivered ? 1 : 0).short("").short(key))
    }

    /// A table with one entry that holds arrays in arrays.
    package static func nestedArrays(_ depth: Int) -> [UInt8] {
        var inner: [UInt8] = []
        // From the inside out: each level is 'A', its length, its content.
        var sizes: [UInt32] = []
        var size: UInt32 = 0
        for _ in 0..<depth {
            sizes.append(size)
            size += 5
        }
        inner.reserveCapacity(depth * 5)
        for level in sizes.reversed() { inner += [UInt8(ascii: "A")] + AMQPBytes().u32(level).bytes }
        return AMQPBytes().u32(UInt32(inner.count + 2)).u8(1).raw([0x78]).raw(inner).bytes
    }

    /// Tables in tables.
    package static func nestedTables(_ depth: Int) -> [UInt8] {
        var inner: [UInt8] = []
        var size: UInt32 = 0
        var sizes: [UInt32] = []
        for _ in 0..<depth {
            sizes.append(size)
            size += 7
        }
        for level in sizes.reversed() {
            inner += AMQPBytes().u32(level).bytes
            if level > 0 { inner += [1, 0x78, UInt8(ascii: "F")] }
        }
        return inner
    }
}
