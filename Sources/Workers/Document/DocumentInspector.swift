// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import Crypto
import FoundationEssentials
import Ocean

/// Looks at a document while it passes on its way into the store: kind, size, digests. Holds a few kilobytes of it.
actor DocumentInspector: DocumentReceiver {
    /// What was found when all was in order.
    struct Findings: Sendable, Hashable {
        let type: DocumentType
        let size: Int
        /// Lower-case hexadecimal.
        let sha256: String
        /// Base64.
        let sha1: String
    }

    /// Readers look for the end mark in the last 1024 bytes; some writers leave more behind it.
    private static let tailBytes = 2048

    private let document: Document
    private let allowed: Set<DocumentType>
    private let limit: Int
    private let draft: any ClaimCheckDraft
    private var type: DocumentType?
    private var isJudged = false
    private var head: [UInt8] = []
    private var tail: [UInt8] = []
    private var size = 0
    private var sha256 = SHA256()
    private var sha1 = Insecure.SHA1()

    /// - Parameters:
    ///   - document: as the referral names it.
    ///   - limit: in bytes.
    init(_ document: Document, allowed: Set<DocumentType>, limit: Int, draft: any ClaimCheckDraft) {
        self.document = document
        self.allowed = allowed
        self.limit = limit
        self.draft = draft
    }

    func begin(_ head: DocumentHead) async throws(DocumentError) {
        if let length = head.length, length > limit { throw tooLarge }
        let isUnspecific = DocumentType.isUnspecific(head.contentType)
        let answered = head.contentType.flatMap { DocumentType(mediaType: $0) }
        if !isUnspecific, answered == nil {
            let isPage = head.contentType?.lowercased().contains("html") == true
            throw DocumentError(
                isPage ? .webPage : .mediaType,
                isPage
                    ? "a web page instead of a document; a proxy's login or maintenance page stands between"
                    : "Ocean sends the document as a type that documents do not have; see documents.mediaTypes")
        }
        let named = DocumentType.isUnspecific(document.contentType) ? nil : document.contentType
        let expected = document.kind == .letter ? .pdf : named.flatMap { DocumentType(mediaType: $0) }
        if named != nil, expected == nil {
            throw DocumentError(.mediaType, "the referral names a type that documents do not have")
        }
        if let answered, let expected, answered != expected, !Self.areKin(answered, expected) {
            throw DocumentError(.mediaType, "Ocean sends \(answered.rawValue), the referral names \(expected.rawValue)")
        }
        type = expected ?? answered
        if let type, !allowed.contains(type) { throw notAllowed(type) }
    }

    func receive(_ bytes: [UInt8]) async throws(DocumentError) {
        guard !bytes.isEmpty else { return }
        size += bytes.count
        guard size <= limit else { throw tooLarge }
        sha256.update(data: bytes)
        sha1.update(data: bytes)
        if head.count < DocumentType.headBytes {
            head += bytes.prefix(DocumentType.headBytes - head.count)
            if head.count == DocumentType.headBytes { try judge() }
        }
        tail += bytes.suffix(Self.tailBytes)
        if tail.count > Self.tailBytes { tail.removeFirst(tail.count - Self.tailBytes) }
        do throws(ClaimCheckError) {
            try await draft.append(bytes)
        } catch {
            throw DocumentError(error)
        }
    }

    /// All has come.
    ///
    /// - Throws: what is wrong with it as a whole.
    func finish() throws(DocumentError) -> Findings {
        guard size > 0 else { throw DocumentError(.empty, "the document has no bytes") }
        try judge()
        if let wanted = document.size, document.kind != .letter, wanted != size {
            throw DocumentError(.sizeMismatch, "the document has \(size) bytes, the referral says \(wanted)")
        }
        let sha1 = Data(sha1.finalize()).base64EncodedString()
        if let wanted = document.hash, !wanted.isEmpty, document.kind != .letter, wanted != sha1 {
            throw DocumentError(.hashMismatch, "the document's SHA-1 is not the one that the referral names")
        }
        guard let type else { throw DocumentError(.wrongContent, "the document's kind cannot be told") }
        if type == .pdf, !Self.contains(Array("%%EOF".utf8), tail) {
            throw DocumentError(.truncated, "the PDF has no end mark: it broke off before it reached Ocean, or there")
        }
        return Findings(type: type, size: size, sha256: Self.hexadecimal(sha256.finalize()), sha1: sha1)
    }

    private func judge() throws(DocumentError) {
        guard !isJudged else { return }
        isJudged = true
        if DocumentType.isWebPage(head) {
            throw DocumentError(
                .webPage, "a web page instead of a document; a proxy's login or maintenance page stands between")
        }
        guard let type else {
            guard let guess = DocumentType.guess(head) else {
                throw DocumentError(.wrongContent, "neither Ocean nor the document itself tells its kind")
            }
            guard allowed.contains(guess) else { throw notAllowed(guess) }
            self.type = guess
            return
        }
        guard type.begins(head) else {
            throw DocumentError(.wrongContent, "the bytes are not those of \(type.rawValue)")
        }
    }

    private var tooLarge: DocumentError {
        DocumentError(.tooLarge, "the document is larger than \(limit) bytes; see documents.maximumBytes")
    }

    private func notAllowed(_ type: DocumentType) -> DocumentError {
        DocumentError(.mediaType, "\(type.rawValue) is not among documents.mediaTypes")
    }

    /// The same bytes under two names.
    private static func areKin(_ one: DocumentType, _ other: DocumentType) -> Bool {
        let pair: Set<DocumentType> = [one, other]
        return pair == [.docx, .zip] || pair == [.mp4, .mov] || pair == [.rtf, .text] || pair == [.rtf, .doc]
    }

    private static func contains(_ mark: [UInt8], _ bytes: [UInt8]) -> Bool {
        guard bytes.count >= mark.count else { return false }
        return (0...(bytes.count - mark.count)).contains { bytes[$0...].starts(with: mark) }
    }

    private static func hexadecimal(_ bytes: some Sequence<UInt8>) -> String {
        let digits: [UInt8] = Array("0123456789abcdef".utf8)
        var output: [UInt8] = []
        for byte in bytes {
            output.append(digits[Int(byte >> 4)])
            output.append(digits[Int(byte & 15)])
        }
        return String(decoding: output, as: UTF8.self)
    }
}
