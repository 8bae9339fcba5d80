// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import Glibc

/// A referral and the number of a message within it, written into the message's text so that it can be followed from
/// end to end.
struct Marker: Sendable, Hashable, CustomStringConvertible {
    let referral: String
    /// Counted from 1.
    let sequence: Int

    init(referral: String, sequence: Int) {
        self.referral = referral
        self.sequence = sequence
    }

    var description: String { "\(referral)/\(sequence)" }

    /// As it stands in a note or a message.
    var text: String { "@@\(referral)/\(sequence)@@" }

    /// The first marker in a body of any format.
    static func find(in body: [UInt8]) -> Marker? {
        guard let start = Bytes.find("@@", in: body, from: 0), let end = Bytes.find("@@", in: body, from: start + 2)
        else { return nil }
        let text = String(decoding: body[(start + 2)..<end], as: UTF8.self)
        let parts = text.split(separator: "/")
        guard parts.count == 2, let sequence = Int(parts[1]) else { return nil }
        return Marker(referral: String(parts[0]), sequence: sequence)
    }
}

/// Searches bytes with the C library, which a debug build does not slow down.
enum Bytes {
    static func find(_ needle: String, in body: [UInt8], from offset: Int) -> Int? {
        guard offset < body.count else { return nil }
        var text = body[offset...] + [0]
        return text.withUnsafeMutableBytes { bytes -> Int? in
            guard let base = bytes.baseAddress?.assumingMemoryBound(to: CChar.self), let found = strstr(base, needle)
            else { return nil }
            return offset + (UnsafePointer(found) - UnsafePointer(base))
        }
    }

    /// The text of the first member of that name, when it is a plain string.
    static func member(_ name: String, in body: [UInt8]) -> String? {
        let opening = "\"\(name)\":\""
        guard let start = find(opening, in: body, from: 0) else { return nil }
        let first = start + opening.utf8.count
        guard let end = find("\"", in: body, from: first) else { return nil }
        return String(decoding: body[first..<end], as: UTF8.self)
    }

    static func number(_ name: String, in body: [UInt8]) -> Int? {
        let opening = "\"\(name)\":"
        guard let start = find(opening, in: body, from: 0) else { return nil }
        let digits = body[(start + opening.utf8.count)...].prefix { (0x30...0x39).contains($0) }
        return Int(String(decoding: digits, as: UTF8.self))
    }

    /// The texts of the first member of that name that is a list of plain strings.
    static func list(_ name: String, in body: [UInt8]) -> [String] {
        let opening = "\"\(name)\":["
        guard let start = find(opening, in: body, from: 0), let end = find("]", in: body, from: start) else {
            return []
        }
        return body[(start + opening.utf8.count)..<end].split(separator: 0x2C).map { item in
            String(decoding: item.filter { $0 != 0x22 }, as: UTF8.self)
        }
    }
}
