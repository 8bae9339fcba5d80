// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

/// Appends `bytes` to `output` as a JSON string, quotes included, without building a `String` first.
///
/// `bytes` must be UTF-8 already, such as a body that `JSONDocument` accepted; they are not checked again. Escapes
/// only what RFC 8259 §7 demands: `"`, `\` and control bytes.
package func appendJSONString(utf8 bytes: [UInt8], to output: inout [UInt8]) {
    bytes.withUnsafeBufferPointer { StringWriter.append($0, to: &output) }
}

/// As above, for a part of an array.
package func appendJSONString(utf8 bytes: ArraySlice<UInt8>, to output: inout [UInt8]) {
    bytes.withUnsafeBufferPointer { StringWriter.append($0, to: &output) }
}

enum StringWriter {
    static func append(_ text: String, to output: inout [UInt8]) {
        text.withBytes { append($0, to: &output) }
    }

    /// Input is written chunk by chunk through the stack: a chunk of 128 bytes grows to at most six times its size,
    /// and whole words are stored, of which the last may reach 8 bytes further. Above 1,024 bytes the room would come
    /// from the heap.
    static func append(_ bytes: UnsafeBufferPointer<UInt8>, to output: inout [UInt8]) {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 6 * chunkLength + 10) { room in
            guard let target = room.baseAddress else { return }
            target[0] = ASCII.quote
            var written = 1
            if let base = bytes.baseAddress {
                var start = 0
                while bytes.count - start > chunkLength {
                    written = write(base + start, count: chunkLength, to: target, from: written)
                    output.append(contentsOf: UnsafeBufferPointer(start: target, count: written))
                    written = 0
                    start += chunkLength
                }
                written = write(base + start, count: bytes.count - start, to: target, from: written)
            }
            target[written] = ASCII.quote
            output.append(contentsOf: UnsafeBufferPointer(start: target, count: written + 1))
        }
    }

    private static let chunkLength = 128

    /// Writes one chunk at `target + written`; gives the new number of bytes written.
    @inline(__always)
    private static func write(
        _ base: UnsafePointer<UInt8>, count: Int, to target: UnsafeMutablePointer<UInt8>, from written: Int
    ) -> Int {
        var place = written
        var index = 0
        while index + 8 <= count {
            let word = ByteWord.load(base, index)
            UnsafeMutableRawPointer(target).storeBytes(of: word.littleEndian, toByteOffset: place, as: UInt64.self)
            let marks = ByteWord.escapeMarks(word)
            if marks == 0 {
                index += 8
                place += 8
            } else {
                let plain = ByteWord.firstMark(marks)
                place = writeEscape(of: base[index + plain], to: target, at: place + plain)
                index += plain + 1
            }
        }
        while index < count {
            let byte = base[index]
            if byte < ASCII.space || byte == ASCII.quote || byte == ASCII.backslash {
                place = writeEscape(of: byte, to: target, at: place)
            } else {
                target[place] = byte
                place += 1
            }
            index += 1
        }
        return place
    }

    @inline(__always)
    private static func writeEscape(of byte: UInt8, to target: UnsafeMutablePointer<UInt8>, at place: Int) -> Int {
        target[place] = ASCII.backslash
        switch byte {
        case ASCII.quote, ASCII.backslash: target[place + 1] = byte
        case ASCII.backspace: target[place + 1] = 0x62
        case ASCII.tab: target[place + 1] = 0x74
        case ASCII.lineFeed: target[place + 1] = 0x6E
        case ASCII.formFeed: target[place + 1] = 0x66
        case ASCII.carriageReturn: target[place + 1] = 0x72
        default:
            target[place + 1] = 0x75
            target[place + 2] = ASCII.zero
            target[place + 3] = ASCII.zero
            target[place + 4] = ASCII.zero + byte >> 4
            let digit = byte & 0x0F
            target[place + 5] = digit < 10 ? ASCII.zero + digit : 0x61 + digit - 10
            return place + 6
        }
        return place + 2
    }
}
