// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

package import BridgeCore
import JSON

/// A rule's file that cannot be used.
package struct RuleFileError: DisposedError, Hashable, CustomStringConvertible {
    package enum Code: String, Sendable, Hashable {
        /// Cannot be read, or is too large.
        case unreadable
        case notJSON = "not-json"
        /// JSON, but not what the rule reads.
        case invalid
    }

    package let code: Code
    /// The file with line and column, or with the JSON pointer of the fault.
    package let place: String
    /// What is wrong and what to write instead.
    package let message: String

    package init(_ code: Code, place: String, _ message: String) {
        self.code = code
        self.place = place
        self.message = message
    }

    package var disposition: Disposition { .fatal }
    package var reason: String { code.rawValue }
    package var description: String { "\(place): \(message)" }
}

/// A document that a rule reads once, at the start.
protocol RuleDocument: JSONRecord {
    /// What the record's members alone cannot say.
    func check() throws(RecordError)
}

/// Reads rule documents.
enum RuleFile {
    /// - Parameter name: of the file, for errors.
    static func read<Document: RuleDocument>(
        _ bytes: [UInt8], name: String, as type: Document.Type = Document.self
    ) throws(RuleFileError) -> Document {
        let json = try json(bytes, name: name)
        var unknown: [JSONPointer] = []
        do throws(RecordError) {
            let document = try Document(json: json, at: .root, unknown: &unknown)
            if let first = unknown.first {
                throw RecordError(at: first, message: "there is no such member; see docs/cds-rules.md")
            }
            try document.check()
            return document
        } catch {
            throw RuleFileError(.invalid, place: "\(name)#\(error.pointer)", error.message)
        }
    }

    /// - Parameter name: of the file, for errors.
    static func json(_ bytes: [UInt8], name: String) throws(RuleFileError) -> JSONValue {
        do throws(JSONError) {
            return try JSONValue(parsing: bytes)
        } catch {
            throw RuleFileError(
                .notJSON, place: "\(name):\(error.line):\(error.column)", "is not JSON (\(error.code.rawValue))")
        }
    }
}

extension Card.Indicator: JSONWord, CaseIterable {
    package static var allCases: [Card.Indicator] { [.info, .warning, .critical] }
}

/// Texts of a file that go onto cards.
enum CardText {
    /// Most characters of a card's summary (CDS Hooks 2.0: fewer than 140).
    static let longestSummary = 139

    static func checkSummary(_ text: String, at pointer: JSONPointer) throws(RecordError) {
        guard text.contains(where: { !$0.isWhitespace }) else {
            throw RecordError(at: pointer, message: "must not be empty: it is the card's summary")
        }
        guard text.count <= longestSummary else {
            throw RecordError(
                at: pointer,
                message: "is longer than \(longestSummary) characters, the most of a card's summary; put the rest into "
                    + "detail")
        }
    }

    static func checkLink(_ link: RuleLink?, at pointer: JSONPointer) throws(RecordError) {
        guard let link else { return }
        guard !link.label.isEmpty else {
            throw RecordError(at: pointer.appending("label"), message: "must not be empty")
        }
        let host = link.url.dropFirst(8).prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        let isPlain = link.url.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F }
        guard link.url.hasPrefix("https://"), !host.isEmpty, !host.contains("@"), isPlain else {
            throw RecordError(at: pointer.appending("url"), message: "must be an absolute address with https://")
        }
    }
}

/// A way onward that a file offers on a card.
struct RuleLink: JSONRecord {
    var label = ""
    var url = ""

    init() {}

    static let fields: [Field<RuleLink>] = [
        .required("label", \.label), .required("url", \.url, "absolute, https"),
    ]

    var card: Card.Link { Card.Link(label: label, url: url) }
}

/// Entries of a file by the service that they are for.
struct ServiceTable<Entry: Sendable>: Sendable {
    /// Stands for every service in a file.
    static var every: String { "*" }

    private var entries: [String: [Entry]] = [:]

    init(_ entries: [(service: String, entry: Entry)]) {
        for (service, entry) in entries { self.entries[service, default: []].append(entry) }
    }

    /// Those of the service, then those of every service.
    func entries(of service: String?) -> [Entry] {
        (service.flatMap { entries[$0] } ?? []) + (entries[Self.every] ?? [])
    }
}
