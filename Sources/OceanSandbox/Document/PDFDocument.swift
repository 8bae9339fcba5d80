// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

/// A small valid PDF 1.4 of plain text lines (ISO 32000-1), with a cross-reference table.
struct PDFDocument: Sendable {
    private let title: String
    /// Lines by page.
    private let pages: [[String]]
    /// Bytes in a stream that no page shows.
    private let filling: Int

    init(title: String, pages: [[String]], filling: Int = 0) {
        self.filling = filling
        self.title = title
        self.pages = pages.isEmpty ? [[]] : pages
    }

    var bytes: [UInt8] {
        var output = PDFOutput()
        let pageIDs = pages.indices.map { 5 + $0 * 2 }
        let kids = pageIDs.map { "\($0) 0 R" }.joined(separator: " ")
        output.object("<< /Type /Catalog /Pages 2 0 R >>")
        output.object("<< /Type /Pages /Kids [\(kids)] /Count \(pages.count) >>")
        output.object("<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>")
        output.object("<< /Title (\(Self.escaped(title))) /Producer (Ocean Bridge sandbox) >>")
        for (index, lines) in pages.enumerated() {
            let content = Self.content(title: title, lines: lines)
            output.object(
                "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Resources << /Font << /F1 3 0 R >> >> "
                    + "/Contents \(pageIDs[index] + 1) 0 R >>")
            output.object("<< /Length \(content.utf8.count) >>\nstream\n\(content)\nendstream")
        }
        if filling > 0 {
            let line = String(repeating: ".", count: 79) + "\n"
            let lines = String(repeating: line, count: (filling + 79) / 80)
            output.object("<< /Length \(lines.utf8.count) >>\nstream\n\(lines)endstream")
        }
        return output.finished()
    }

    private static func content(title: String, lines: [String]) -> String {
        let shown = lines.map { "(\(escaped($0))) Tj T*" }.joined(separator: "\n")
        return "BT /F1 16 Tf 72 720 Td 20 TL (\(escaped(title))) Tj T* /F1 11 Tf 15 TL T*\n\(shown)\nET"
    }

    /// A literal string: delimiters escaped, Latin-1 letters as octal, anything else a question mark.
    private static func escaped(_ text: String) -> String {
        var output = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "(", ")", "\\": output += "\\" + String(scalar)
            case " "..."~": output.unicodeScalars.append(scalar)
            case "\u{A0}"..."\u{FF}": output += "\\" + String(scalar.value, radix: 8)
            default: output += "?"
            }
        }
        return output
    }
}

/// Counts the bytes before each object.
private struct PDFOutput {
    private var bytes = Array("%PDF-1.4\n".utf8)
    private var offsets: [Int] = []

    mutating func object(_ body: String) {
        offsets.append(bytes.count)
        bytes += Array("\(offsets.count) 0 obj\n\(body)\nendobj\n".utf8)
    }

    func finished() -> [UInt8] {
        var text = "xref\n0 \(offsets.count + 1)\n0000000000 65535 f \n"
        for offset in offsets {
            let digits = String(offset)
            text += String(repeating: "0", count: 10 - digits.utf8.count) + digits + " 00000 n \n"
        }
        text += "trailer\n<< /Size \(offsets.count + 1) /Root 1 0 R /Info 4 0 R >>\nstartxref\n\(bytes.count)\n%%EOF\n"
        return bytes + Array(text.utf8)
    }
}
