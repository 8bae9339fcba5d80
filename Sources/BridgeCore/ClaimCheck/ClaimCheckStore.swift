// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

/// Where documents are kept so that the bus carries references only (Hohpe and Woolf, "Enterprise Integration
/// Patterns": Claim Check).
///
/// Bytes are kept under their digest, so the same document twice takes room once; a claim under its id says what they
/// are. No patient data stands in a name.
package protocol ClaimCheckStore: Sendable {
    /// A file on this machine into which a document is written as it comes.
    ///
    /// - Throws: `full`, `unavailable`.
    func draft() async throws(ClaimCheckError) -> any ClaimCheckDraft

    /// Keeps the draft's bytes and the claim, both durable when it returns; the draft is used up. Again with the same
    /// claim it does no harm.
    ///
    /// - Throws: `full`, `unavailable`, `refused`; the draft is still there then.
    func commit(_ draft: any ClaimCheckDraft, as claim: DocumentClaim) async throws(ClaimCheckError)

    /// Keeps the draft apart, where nothing serves it, under `id`.
    func quarantine(_ draft: any ClaimCheckDraft, id: String) async throws(ClaimCheckError)

    /// The claim of that id; nil when there is none, or its bytes are gone.
    func claim(_ id: String) async throws(ClaimCheckError) -> DocumentClaim?

    /// The document of a claim, from its beginning.
    ///
    /// - Throws: `missing` when its bytes are gone.
    func open(_ claim: DocumentClaim) async throws(ClaimCheckError) -> any ClaimCheckReading

    /// The address under which a system with access to the same store finds bytes of that digest.
    func address(sha256: String) -> String

    /// Removes what was kept before then; returns how many documents.
    @discardableResult
    func prune(before: Timestamp) async throws(ClaimCheckError) -> Int

    /// Proves that a document could be kept now.
    func check() async throws(ClaimCheckError)

    /// Ends connections.
    func shutdown() async
}

/// A document on its way into the store. Used by one task at a time.
package protocol ClaimCheckDraft: Sendable {
    /// The file, for a scanner.
    var path: String { get }

    /// Writes at the end; returns when the bytes are handed to the file system.
    func append(_ bytes: [UInt8]) async throws(ClaimCheckError)

    /// All is written: durable when it returns.
    func close() async throws(ClaimCheckError)

    /// Removes it. Does nothing after `commit` or `quarantine`.
    func discard() async
}

/// A document on its way out of the store, in pieces; used by one task at a time.
package protocol ClaimCheckReading: Sendable {
    /// The next piece; nil at the end.
    func next() async throws(ClaimCheckError) -> [UInt8]?
}

/// What a kept document is: references and figures only.
package struct DocumentClaim: JSONRecord {
    /// Stable per referral, document and version: a UUID.
    package var id = ""
    /// Referral reference.
    package var referral = ""
    package var site: String?
    package var kind: DocumentKind = .attachment
    /// Ocean's reference of the document.
    package var document: String?
    /// As proven by the bytes.
    package var contentType = ""
    package var size = 0
    /// Lower-case hexadecimal.
    package var sha256 = ""
    /// SHA-1 in base64, as FHIR's Attachment.hash.
    package var hash = ""
    /// When it was fetched (RFC 3339).
    package var storedAt = ""
    /// A virus scanner has looked at it and found nothing.
    package var scanned = false

    package init() {}

    package static let fields: [Field<DocumentClaim>] = [
        .required("id", \.id), .required("referral", \.referral), .optional("site", \.site),
        .required("kind", \.kind), .optional("document", \.document), .required("contentType", \.contentType),
        .required("size", \.size), .required("sha256", \.sha256), .required("hash", \.hash),
        .required("storedAt", \.storedAt), .flag("scanned", \.scanned),
    ]

    /// 64 lower-case hexadecimal digits.
    package static func isSHA256(_ text: String) -> Bool {
        text.utf8.count == 64
            && text.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
    }

    /// A UUID in lower-case canonical text.
    package static func isID(_ text: String) -> Bool {
        guard text.utf8.count == 36 else { return false }
        for (index, byte) in text.utf8.enumerated() {
            if [8, 13, 18, 23].contains(index) {
                if byte != 0x2D { return false }
            } else if !((0x30...0x39).contains(byte) || (0x61...0x66).contains(byte)) {
                return false
            }
        }
        return true
    }
}

/// A failure of the claim-check store.
package struct ClaimCheckError: DisposedError, Hashable, CustomStringConvertible {
    package enum Code: String, Sendable, Hashable {
        /// No room is left.
        case full = "store-full"
        /// Cannot be reached, read or written now.
        case unavailable = "store-unavailable"
        /// The store says no: credentials, bucket, permissions.
        case refused = "store-refused"
        /// The bytes of the claim are gone.
        case missing
    }

    package let code: Code
    /// Names the store and the remedy.
    package let message: String

    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    package var disposition: Disposition {
        switch code {
        case .full, .unavailable: .retry(after: nil)
        case .refused: .fatal
        case .missing: .reject
        }
    }

    package var reason: String { code.rawValue }
    package var description: String { "\(code.rawValue): \(message)" }
}
