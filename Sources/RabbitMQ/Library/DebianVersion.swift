// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

/// A version of a Debian package, in dpkg's order (Debian Policy §5.6.12, deb-version(7)).
package struct DebianVersion: Sendable, Comparable, CustomStringConvertible {
    package let epoch: Int
    package let upstream: String
    package let revision: String
    package let description: String

    /// Nil when the text is no version: empty, or an epoch that is not a number.
    package init?(_ text: String) {
        var rest = Substring(text)
        var epoch = 0
        if let colon = rest.firstIndex(of: ":") {
            guard let number = Int(rest[..<colon]), number >= 0 else { return nil }
            epoch = number
            rest = rest[rest.index(after: colon)...]
        }
        if let dash = rest.lastIndex(of: "-") {
            revision = String(rest[rest.index(after: dash)...])
            rest = rest[..<dash]
        } else {
            revision = ""
        }
        guard !rest.isEmpty, !rest.utf8.contains(0x20) else { return nil }
        self.epoch = epoch
        upstream = String(rest)
        description = text
    }

    package static func < (left: DebianVersion, right: DebianVersion) -> Bool {
        if left.epoch != right.epoch { return left.epoch < right.epoch }
        let upstream = order(left.upstream, right.upstream)
        return upstream != 0 ? upstream < 0 : order(left.revision, right.revision) < 0
    }

    package static func == (left: DebianVersion, right: DebianVersion) -> Bool {
        left.epoch == right.epoch && order(left.upstream, right.upstream) == 0
            && order(left.revision, right.revision) == 0
    }

    /// Below 0 when `left` comes first. Runs of other characters and runs of digits take turns; in the former letters
    /// come before signs, and `~` before everything, the end included.
    private static func order(_ left: String, _ right: String) -> Int {
        var left = Array(left.utf8)[...]
        var right = Array(right.utf8)[...]
        while !left.isEmpty || !right.isEmpty {
            while left.first.map({ !isDigit($0) }) ?? false || right.first.map({ !isDigit($0) }) ?? false {
                let difference = weight(left.first) - weight(right.first)
                if difference != 0 { return difference }
                left = left.dropFirst()
                right = right.dropFirst()
            }
            let (mine, theirs) = (digits(&left), digits(&right))
            if mine.count != theirs.count { return mine.count - theirs.count }
            for (one, other) in zip(mine, theirs) where one != other { return Int(one) - Int(other) }
        }
        return 0
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }

    private static func weight(_ byte: UInt8?) -> Int {
        switch byte {
        case nil: 0
        case UInt8(ascii: "~"): -1
        case .some(0x30...0x39): 0
        case .some(0x41...0x5A), .some(0x61...0x7A): Int(byte ?? 0)
        case .some(let sign): Int(sign) + 256
        }
    }

    /// Takes the run of digits off, without its leading zeros.
    private static func digits(_ bytes: inout ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        let run = bytes.prefix(while: isDigit)
        bytes = bytes.dropFirst(run.count)
        return run.drop { $0 == 0x30 }
    }
}
