// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

/// Where Ocean serves a letter or an attachment: the path under the configured host, made anew from its parts, so that
/// nothing of a received address but the id reaches the wire.
package struct DocumentAddress: Sendable, Hashable {
    package enum Resource: Sendable, Hashable {
        /// `ServiceRequest/{referral}/$letter`
        case letter(String)
        /// `DocumentReference/{id}/$binary`
        case binary(String)
    }

    package let resource: Resource
    /// The letter is to bring the attachments as pages of its own.
    package let withAttachments: Bool

    package init(_ resource: Resource, withAttachments: Bool = false) {
        self.resource = resource
        self.withAttachments = withAttachments
    }

    /// Reads an address out of a referral, trusting nothing.
    ///
    /// - Parameters:
    ///   - url: as Ocean wrote it.
    ///   - host: the configured Ocean: scheme, host and port.
    ///   - referral: whose document it is; the letter of another one would be another patient's.
    /// - Throws: `foreignHost`, `unknownAddress`, `otherReferral`.
    package init(_ url: String, host: String, referral: String, withAttachments: Bool = false) throws(DocumentError) {
        guard let given = Self.split(url), let ours = Self.split(host), given.origin == ours.origin else {
            throw DocumentError(
                .foreignHost,
                "the document's address is not one of ocean.host; nothing was sent there. Is ocean.host right?")
        }
        let path = given.rest.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)[0]
        let parts = path.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 7, parts[0].isEmpty, Array(parts[1...3]) == ["svc", "fhir", "v1"], Self.isID(parts[5])
        else { throw Self.unknown }
        switch (parts[4], parts[6]) {
        case ("ServiceRequest", "$letter"), ("ServiceRequest", "%24letter"):
            guard parts[5].lowercased() == referral.lowercased() else {
                throw DocumentError(
                    .otherReferral, "the letter's address names another referral than the message it came with")
            }
            self.init(.letter(parts[5]), withAttachments: withAttachments)
        case ("DocumentReference", "$binary"), ("DocumentReference", "%24binary"):
            self.init(.binary(parts[5]))
        default: throw Self.unknown
        }
    }

    /// Begins with a slash; holds letters, digits and `-._$/?=` only.
    package var path: String {
        switch resource {
        case .letter(let id):
            "/svc/fhir/v1/ServiceRequest/\(id)/$letter" + (withAttachments ? "?attachments=true" : "")
        case .binary(let id): "/svc/fhir/v1/DocumentReference/\(id)/$binary"
        }
    }

    /// For errors and metrics: `GET $letter`.
    package var call: String {
        if case .letter = resource { "GET $letter" } else { "GET $binary" }
    }

    private static let unknown = DocumentError(
        .unknownAddress, "the document's address is neither a letter's nor an attachment's")

    private struct Origin: Hashable {
        let scheme: String
        let host: String
        let port: Int
    }

    /// Scheme, host and port, and what follows. Nil for what is no plain http address: user-info, escapes and
    /// backslashes before the path, blanks, controls and letters beyond ASCII anywhere.
    private static func split(_ url: String) -> (origin: Origin, rest: Substring)? {
        guard url.utf8.allSatisfy({ (0x21...0x7E).contains($0) && $0 != 0x5C }) else { return nil }
        let lower = url.lowercased()
        let standard: (scheme: String, port: Int)
        if lower.hasPrefix("https://") {
            standard = ("https", 443)
        } else if lower.hasPrefix("http://") {
            standard = ("http", 80)
        } else {
            return nil
        }
        let after = url.dropFirst(standard.scheme.count + 3)
        let end = after.firstIndex { "/?#".contains($0) } ?? after.endIndex
        guard let (host, port) = authority(after[..<end].lowercased(), port: standard.port) else { return nil }
        return (Origin(scheme: standard.scheme, host: host, port: port), after[end...])
    }

    private static func authority(_ text: String, port standard: Int) -> (host: String, port: Int)? {
        var host = Substring(text)
        var port = standard
        let colon = text.lastIndex(of: ":")
        if let colon, !text[colon...].contains("]") {
            host = text[..<colon]
            let digits = text[text.index(after: colon)...]
            guard !digits.isEmpty, digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = Int(digits)
            else { return nil }
            port = number
        }
        let isIPv6 = host.hasPrefix("[") && host.hasSuffix("]")
        let isPlain = host.utf8.allSatisfy { byte in
            (0x30...0x39).contains(byte) || (0x61...0x7A).contains(byte) || byte == 0x2D || byte == 0x2E
                || (isIPv6 && [0x5B, 0x5D, 0x3A].contains(byte))
        }
        return isPlain && !host.isEmpty ? (String(host), port) : nil
    }

    /// FHIR's id (R4 `id`): letters, digits, `-` and `.`, at most 64; never a step in a path.
    private static func isID(_ text: String) -> Bool {
        (1...64).contains(text.utf8.count) && text != "." && text != ".."
            && text.utf8.allSatisfy {
                (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0) || $0 == 0x2D
                    || $0 == 0x2E
            }
    }
}
