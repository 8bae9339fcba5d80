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

    static func append(_ bytes: UnsafeBufferPointer<UInt8>, to output: inout [UInt8]) {
        output.append(ASCII.quote)
        if let base = bytes.baseAddress {
            var runStart = 0
            while true {
                let stop = endOfPlainRun(base, from: runStart, count: bytes.count)
                if stop > runStart {
                    output.append(contentsOf: UnsafeBufferPointer(start: base + runStart, count: stop - runStart))
                }
                if stop == bytes.count { break }
                appendEscape(of: base[stop], to: &output)
                runStart = stop + 1
            }
        }
        output.append(ASCII.quote)
    }

    @inline(__always)
    private static func endOfPlainRun(_ base: UnsafePointer<UInt8>, from start: Int, count: Int) -> Int {
        var index = start
        while index + 8 <= count {
            let marks = ByteWord.escapeMarks(ByteWord.load(base, index))
            if marks != 0 { return index + ByteWord.firstMark(marks) }
            index += 8
        }
        while index < count {
            let byte = base[index]
            if byte < ASCII.space || byte == ASCII.quote || byte == ASCII.backslash { break }
            index += 1
        }
        return index
    }

    private static func appendEscape(of byte: UInt8, to output: inout [UInt8]) {
        output.append(ASCII.backslash)
        switch byte {
        case ASCII.quote, ASCII.backslash: output.append(byte)
        case ASCII.backspace: output.append(0x62)
        case ASCII.tab: output.append(0x74)
        case ASCII.lineFeed: output.append(0x6E)
        case ASCII.formFeed: output.append(0x66)
        case ASCII.carriageReturn: output.append(0x72)
        default:
            output.append(contentsOf: [0x75, ASCII.zero, ASCII.zero, ASCII.zero + byte >> 4])
            let digit = byte & 0x0F
            output.append(digit < 10 ? ASCII.zero + digit : 0x61 + digit - 10)
        }
    }
}
