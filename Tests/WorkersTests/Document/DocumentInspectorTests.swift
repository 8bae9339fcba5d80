// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import Ocean
import Synchronization
import Testing

@testable import Workers

/// On or off, from any task.
final class Switch: Sendable {
    private let state: Mutex<Bool>

    init(_ isOn: Bool) { state = Mutex(isOn) }
    var isOn: Bool { state.withLock { $0 } }
    func set(_ isOn: Bool) { state.withLock { $0 = isOn } }
}

@Suite("Looking at a document as it passes", .timeLimit(.minutes(15)))
struct DocumentInspectorTests {
    private func inspect(
        _ bytes: [UInt8], as document: Document, type: String? = "application/pdf", piece: Int = 7,
        allowed: Set<DocumentType> = Set(DocumentType.allCases), limit: Int = 1 << 20
    ) async -> Result<DocumentInspector.Findings, DocumentError> {
        let draft = ScriptedClaims.Draft { (_) throws(ClaimCheckError) in }
        let inspector = DocumentInspector(document, allowed: allowed, limit: limit, draft: draft)
        do throws(DocumentError) {
            try await inspector.begin(DocumentHead(contentType: type))
            for start in stride(from: 0, to: bytes.count, by: piece) {
                try await inspector.receive(Array(bytes[start..<min(start + piece, bytes.count)]))
            }
            let findings = try await inspector.finish()
            #expect(draft.bytes.withLock { $0 } == bytes)
            return .success(findings)
        } catch {
            return .failure(error)
        }
    }

    private func code(
        _ bytes: [UInt8], as document: Document, type: String? = "application/pdf",
        allowed: Set<DocumentType> = Set(DocumentType.allCases), limit: Int = 1 << 20
    ) async -> DocumentError.Code? {
        if case .failure(let error) = await inspect(bytes, as: document, type: type, allowed: allowed, limit: limit) {
            error.code
        } else {
            nil
        }
    }

    @Test("digests and size are those of the whole, in whatever pieces it comes", arguments: [1, 7, 1024, 100_000])
    func digests(piece: Int) async throws {
        let bytes = DocumentSample.pdf + [UInt8](repeating: 0x20, count: 1500)
        let findings = try await inspect(bytes, as: DocumentSample.letter(), piece: piece).get()
        #expect(findings.sha256 == DocumentSample.sha256(bytes))
        #expect(findings.sha1 == DocumentSample.sha1(bytes))
        #expect(findings.size == bytes.count)
        #expect(findings.type == .pdf)
    }

    @Test("each kind is known by its first bytes", arguments: DocumentType.allCases)
    func kinds(type: DocumentType) async {
        let begins: [DocumentType: [UInt8]] = [
            .pdf: DocumentSample.pdf, .jpeg: [0xFF, 0xD8, 0xFF, 0xE0], .png: DocumentSample.png,
            .tiff: [0x4D, 0x4D, 0, 0x2A, 0], .bmp: Array("BM1234".utf8), .rtf: Array("{\\rtf1 x}".utf8),
            .doc: [0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1, 0], .docx: [0x50, 0x4B, 3, 4, 0],
            .zip: [0x50, 0x4B, 3, 4, 0], .text: Array("H\u{E9}moglobine 140 g/L\r\n".utf8),
            .mp3: Array("ID3x".utf8), .mp4: [0, 0, 0, 24] + Array("ftypisom".utf8),
            .mov: [0, 0, 0, 24] + Array("moov".utf8), .avi: Array("RIFF1234AVI LIST".utf8),
        ]
        let bytes = begins[type] ?? []
        let document = DocumentSample.attachment(type: type.rawValue)
        #expect(await code(bytes, as: document, type: type.rawValue + "; charset=utf-8") == nil)
        #expect(await code([0, 1, 2, 3, 4, 5, 6, 7, 8], as: document, type: type.rawValue) == .wrongContent)
        #expect(await code(DocumentSample.page, as: document, type: type.rawValue) == .webPage)
        #expect(await code([], as: document, type: type.rawValue) == .empty)
    }

    @Test("an answer that does not say its type is judged by the referral's word, then by its bytes")
    func unspecific() async throws {
        let named = DocumentSample.attachment(type: "image/png")
        #expect(try await inspect(DocumentSample.png, as: named, type: "application/octet-stream").get().type == .png)
        let nameless = DocumentSample.attachment(type: nil)
        #expect(try await inspect(DocumentSample.png, as: nameless, type: nil).get().type == .png)
        #expect(await code(Array("words".utf8), as: nameless, type: nil) == .wrongContent)
    }

    @Test("answer and referral must not contradict each other; a letter is a PDF")
    func contradiction() async {
        #expect(
            await code(DocumentSample.png, as: DocumentSample.attachment(type: "image/tiff"), type: "image/png")
                == .mediaType)
        #expect(await code(DocumentSample.png, as: DocumentSample.letter(), type: "image/png") == .mediaType)
        #expect(await code(DocumentSample.pdf, as: DocumentSample.letter(), type: "text/html") == .webPage)
        #expect(
            await code(DocumentSample.pdf, as: DocumentSample.letter(), type: "application/x-msdownload") == .mediaType)
    }

    @Test("what the settings do not name is not taken")
    func allowed() async {
        let document = DocumentSample.attachment(type: "image/png")
        #expect(await code(DocumentSample.png, as: document, type: "image/png", allowed: [.pdf]) == .mediaType)
        let nameless = DocumentSample.attachment(type: nil)
        #expect(await code(DocumentSample.png, as: nameless, type: nil, allowed: [.pdf]) == .mediaType)
    }

    @Test("size and hash that the referral names are proven")
    func promised() async {
        var document = DocumentSample.attachment(size: DocumentSample.pdf.count)
        #expect(await code(DocumentSample.pdf, as: document) == nil)
        document.hash = DocumentSample.sha1(DocumentSample.pdf)
        #expect(await code(DocumentSample.pdf, as: document) == nil)
        document.hash = DocumentSample.sha1([1])
        #expect(await code(DocumentSample.pdf, as: document) == .hashMismatch)
        document.size = DocumentSample.pdf.count + 1
        #expect(await code(DocumentSample.pdf, as: document) == .sizeMismatch)
    }

    @Test("the bound holds while the bytes come, and before the first when the length tells")
    func bound() async throws {
        #expect(await code(DocumentSample.pdf, as: DocumentSample.letter(), limit: 10) == .tooLarge)
        let draft = ScriptedClaims.Draft { (_) throws(ClaimCheckError) in }
        let inspector = DocumentInspector(
            DocumentSample.letter(), allowed: [.pdf], limit: 10, draft: draft)
        let head = DocumentHead(contentType: "application/pdf", length: 11)
        let error = await #expect(throws: DocumentError.self) { try await inspector.begin(head) }
        #expect(error?.code == .tooLarge)
    }
}
