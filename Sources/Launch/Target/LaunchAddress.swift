// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

/// Scheme, host, port and path of an application's address (RFC 3986), checked for everything that a browser might read
/// otherwise than we do.
struct LaunchAddress: Sendable, Hashable {
    let origin: String
    /// Begins with a slash.
    let path: String

    /// - Parameter text: without query and fragment.
    init(_ text: String) throws(LaunchError) {
        guard let scheme = ["https://", "http://"].first(where: { text.hasPrefix($0) }) else {
            throw LaunchError("must begin with https://")
        }
        let rest = text.dropFirst(scheme.count)
        let authority = rest.prefix { $0 != "/" }
        guard !authority.contains("@") else { throw LaunchError("must have no user name or password") }
        let (host, port) = Self.split(authority)
        guard Self.isHost(host), port.map(Self.isPort) ?? true else {
            throw LaunchError("must have a host name or address, and a port from 1 to 65535 if any; no placeholders")
        }
        guard scheme == "https://" || Self.isLoopback(host) else {
            throw LaunchError("must begin with https://; http:// only for this machine")
        }
        let path = rest.dropFirst(authority.count)
        guard Self.isPlain(path, also: "/:@=&") else {
            throw LaunchError("the path must be of plain characters and %-escapes; placeholders belong behind ?")
        }
        guard !path.split(separator: "/").contains(where: { $0 == "." || $0 == ".." }) else {
            throw LaunchError("the path must have no . or .. in it")
        }
        origin = scheme + authority
        self.path = path.isEmpty ? "/" : String(path)
    }

    private static func split(_ authority: Substring) -> (host: Substring, port: Substring?) {
        if authority.hasPrefix("["), let end = authority.firstIndex(of: "]") {
            let after = authority[authority.index(after: end)...]
            return (authority[...end], after.isEmpty ? nil : after.hasPrefix(":") ? after.dropFirst() : "")
        }
        guard let colon = authority.firstIndex(of: ":") else { return (authority, nil) }
        return (authority[..<colon], authority[authority.index(after: colon)...])
    }

    private static func isHost(_ host: Substring) -> Bool {
        if host.hasPrefix("["), host.hasSuffix("]") {
            let inner = host.dropFirst().dropLast()
            return inner.contains(":") && inner.utf8.allSatisfy { isHexadecimal($0) || $0 == 0x3A || $0 == 0x2E }
        }
        let labels = host.split(separator: ".", omittingEmptySubsequences: false)
        return host.utf8.count <= 253
            && labels.allSatisfy { label in
                (1...63).contains(label.utf8.count) && label.utf8.allSatisfy { isAlphanumeric($0) || $0 == 0x2D }
            }
    }

    private static func isPort(_ port: Substring) -> Bool {
        port.utf8.allSatisfy { (0x30...0x39).contains($0) } && Int(port).map { (1...65_535).contains($0) } ?? false
    }

    private static func isLoopback(_ host: Substring) -> Bool {
        if host == "localhost" || host == "[::1]" { return true }
        let parts = host.split(separator: ".", omittingEmptySubsequences: false).map { UInt8($0) }
        return parts.count == 4 && parts[0] == 127 && parts.allSatisfy { $0 != nil }
    }

    /// Unreserved characters, some sub-delimiters, whole %-escapes, and the characters in `also`.
    static func isPlain(_ text: some StringProtocol, also: String) -> Bool {
        let more = Set(also.utf8).union("!$'()*+,;".utf8)
        var rest = text.utf8.makeIterator()
        while let byte = rest.next() {
            if byte == 0x25 {
                guard let high = rest.next(), let low = rest.next(), isHexadecimal(high), isHexadecimal(low) else {
                    return false
                }
            } else if !isUnreserved(byte), !more.contains(byte) {
                return false
            }
        }
        return true
    }

    static func isUnreserved(_ byte: UInt8) -> Bool {
        isAlphanumeric(byte) || byte == 0x2D || byte == 0x2E || byte == 0x5F || byte == 0x7E
    }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
    }

    private static func isHexadecimal(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x41...0x46).contains(byte) || (0x61...0x66).contains(byte)
    }
}
