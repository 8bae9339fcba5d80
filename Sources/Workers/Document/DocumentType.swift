// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

/// A kind of file that documents come in, with its media types and how its bytes begin.
package enum DocumentType: String, Sendable, CaseIterable {
    case pdf = "application/pdf"
    case jpeg = "image/jpeg"
    case png = "image/png"
    case tiff = "image/tiff"
    case bmp = "image/bmp"
    case rtf = "application/rtf"
    case doc = "application/msword"
    case docx = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
    case zip = "application/zip"
    case text = "text/plain"
    case mp3 = "audio/mpeg"
    case mp4 = "video/mp4"
    case mov = "video/quicktime"
    case avi = "video/x-msvideo"

    /// Other spellings of the same types.
    private static let aliases: [String: DocumentType] = [
        "application/x-pdf": .pdf, "image/jpg": .jpeg, "image/pjpeg": .jpeg, "image/x-png": .png, "image/tif": .tiff,
        "image/x-tiff": .tiff, "image/x-ms-bmp": .bmp, "image/x-bmp": .bmp, "text/rtf": .rtf, "text/richtext": .rtf,
        "application/x-rtf": .rtf, "application/x-zip-compressed": .zip, "audio/mp3": .mp3, "video/avi": .avi,
        "video/msvideo": .avi,
    ]

    /// Parameters, blanks and case do not count; nil for a type that is not known.
    package init?(mediaType text: String) {
        let type = text.split(separator: ";", maxSplits: 1, omittingEmptySubsequences: false)[0]
        let plain = type.filter { $0 != " " && $0 != "\t" }.lowercased()
        guard let found = DocumentType(rawValue: plain) ?? Self.aliases[plain] else { return nil }
        self = found
    }

    /// What servers say when they do not know.
    static func isUnspecific(_ text: String?) -> Bool {
        guard let text else { return true }
        let type = text.split(separator: ";", maxSplits: 1, omittingEmptySubsequences: false)[0]
        return ["", "application/octet-stream", "binary/octet-stream", "application/x-download"].contains(
            type.filter { $0 != " " }.lowercased())
    }

    /// How many bytes `begins` looks at.
    static let headBytes = 1024

    /// Whether a document of this kind may begin so.
    func begins(_ head: [UInt8]) -> Bool {
        switch self {
        // Readers take a header within the first 1024 bytes (ISO 32000-1, Annex H, note 13).
        case .pdf: Self.contains(Array("%PDF-".utf8), head)
        case .jpeg: head.starts(with: [0xFF, 0xD8, 0xFF])
        case .png: head.starts(with: [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A])
        case .tiff:
            [[0x49, 0x49, 0x2A, 0], [0x4D, 0x4D, 0, 0x2A], [0x49, 0x49, 0x2B, 0], [0x4D, 0x4D, 0, 0x2B]]
                .contains { head.starts(with: $0) }
        case .bmp: head.starts(with: Array("BM".utf8))
        case .rtf: head.starts(with: Array("{\\rtf".utf8))
        case .doc: head.starts(with: [0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1])
        case .docx, .zip: head.starts(with: [0x50, 0x4B, 3, 4]) || head.starts(with: [0x50, 0x4B, 5, 6])
        case .text: Self.isText(head)
        case .mp3: head.starts(with: Array("ID3".utf8)) || Self.isMPEGFrame(head)
        case .mp4: Self.box(head) == "ftyp"
        case .mov: ["ftyp", "moov", "mdat", "wide", "free", "skip"].contains(Self.box(head))
        case .avi: head.starts(with: Array("RIFF".utf8)) && head.dropFirst(8).starts(with: Array("AVI ".utf8))
        }
    }

    /// The kind of a document that nobody has named; text is never guessed.
    static func guess(_ head: [UInt8]) -> DocumentType? {
        [.pdf, .jpeg, .png, .tiff, .rtf, .doc, .zip, .avi].first { $0.begins(head) }
    }

    /// A page for people: what a proxy or a sign-in puts in the place of a document.
    static func isWebPage(_ head: [UInt8]) -> Bool {
        let start = head.drop { [0x20, 0x09, 0x0A, 0x0D, 0xEF, 0xBB, 0xBF].contains($0) }.prefix(16)
        let text = String(decoding: start, as: UTF8.self).lowercased()
        return ["<!doctype html", "<html", "<head", "<body"].contains { text.hasPrefix($0) }
    }

    private static func contains(_ mark: [UInt8], _ head: [UInt8]) -> Bool {
        guard head.count >= mark.count else { return false }
        return (0...(head.count - mark.count)).contains { head[$0...].starts(with: mark) }
    }

    /// UTF-16 says so at its beginning; any other text holds no control bytes.
    private static func isText(_ head: [UInt8]) -> Bool {
        if head.starts(with: [0xFF, 0xFE]) || head.starts(with: [0xFE, 0xFF]) { return true }
        return head.allSatisfy { $0 >= 0x20 || (0x07...0x0D).contains($0) || $0 == 0x1B }
    }

    private static func isMPEGFrame(_ head: [UInt8]) -> Bool {
        guard head.count > 1 else { return false }
        return head[0] == 0xFF && head[1] & 0xE0 == 0xE0
    }

    private static func box(_ head: [UInt8]) -> String {
        String(decoding: head.dropFirst(4).prefix(4), as: UTF8.self)
    }
}
