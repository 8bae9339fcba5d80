// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

package import JSON

/// How forms are created in Ocean. Ocean publishes the answers of its Patient Engagement API, but not this call: its
/// path, its body and where the link stands are the deployer's to set.
///
/// Words in braces are filled in: `{patient}` (the patient, encrypted, base64), `{oneTimeKey}`, `{iv}`, `{forms}` (a
/// list where it is a whole text), `{form}` (the first), `{site}`, `{ref}`, `{externalPatientRef}`, `{reason}`,
/// `{idempotencyKey}`.
package struct FormTemplate: Sendable, Hashable {
    /// Where a value of the answer stands.
    package enum Place: Sendable, Hashable {
        /// In the JSON body.
        case member(JSONPointer)
        case header(String)
        /// The body is the text.
        case body

        /// Reads `/link`, `header:Location` or `body`; nil for anything else.
        package init?(_ text: String) {
            if text == "body" {
                self = .body
            } else if text.hasPrefix("header:"), text.utf8.count > 7 {
                self = .header(String(text.dropFirst(7)).lowercased())
            } else if text.hasPrefix("/"), let pointer = try? JSONPointer(text) {
                self = .member(pointer)
            } else {
                return nil
            }
        }
    }

    /// `POST` or `PUT`.
    package var method: String
    /// For a patient whom Ocean does not know.
    package var path: String
    /// For a patient of Ocean's (`patientRef`).
    package var knownPatientPath: String
    /// JSON, or one word in braces for a body of that text alone.
    package var body: String
    /// Header under which Ocean may know a request again; nil to send none.
    package var idempotencyHeader: String?
    package var link: Place
    package var reference: Place

    /// Assumed by the bridge, as the mirror of the documented `GET /svc/v1/patients/{ref}`; the pretend Ocean serves it.
    package static let assumed = FormTemplate(
        method: "POST", path: assumedPath, knownPatientPath: assumedKnownPatientPath, body: assumedBody,
        idempotencyHeader: assumedIdempotencyHeader, link: .member(JSONPointer(tokens: ["link"])),
        reference: .member(JSONPointer(tokens: ["ref"])))

    package static let assumedPath = "/svc/v1/patients"
    package static let assumedKnownPatientPath = "/svc/v1/patients/{ref}/forms"
    package static let assumedBody =
        #"{"encryptedPatient":"{patient}","formRefs":"{forms}","reasonForVisit":"{reason}"}"#
    package static let assumedIdempotencyHeader = "Idempotency-Key"

    /// What is wrong with a part of the template; empty when nothing is.
    package func faults() -> [(part: String, message: String)] {
        var faults: [(String, String)] = []
        for (part, text) in [("path", path), ("knownPatientPath", knownPatientPath), ("body", body)] {
            if let word = TemplateText(text).unknownWord {
                faults.append(
                    (part, "knows no {\(word)}; known: \(TemplateText.known.sorted().joined(separator: ", "))"))
            }
        }
        for (part, text) in [("path", path), ("knownPatientPath", knownPatientPath)]
        where !text.hasPrefix("/") || text.utf8.contains(where: { $0 <= 0x20 || $0 >= 0x7F }) {
            faults.append((part, "must begin with / and hold printable ASCII without blanks"))
        }
        if TemplateText(body).soleWord == nil, (try? JSONValue(parsing: body)) == nil {
            faults.append(("body", "must be JSON, or one word in braces such as {patient}"))
        }
        return faults
    }
}

/// A text with words in braces.
struct TemplateText {
    static let known: Set<String> = [
        "patient", "oneTimeKey", "iv", "forms", "form", "site", "ref", "externalPatientRef", "reason", "idempotencyKey",
    ]

    private enum Part {
        case text(Substring)
        case word(String)
    }

    private let parts: [Part]

    /// Braces that hold anything but letters are text, as in JSON.
    init(_ text: String) {
        var parts: [Part] = []
        var rest = text[...]
        while let open = rest.firstIndex(of: "{") {
            let inner = rest[rest.index(after: open)...].prefix { $0.isASCII && $0.isLetter }
            guard !inner.isEmpty, inner.endIndex < rest.endIndex, rest[inner.endIndex] == "}" else {
                let next = rest.index(after: open)
                parts.append(.text(rest[..<next]))
                rest = rest[next...]
                continue
            }
            parts.append(.text(rest[..<open]))
            parts.append(.word(String(inner)))
            rest = rest[rest.index(after: inner.endIndex)...]
        }
        parts.append(.text(rest))
        self.parts = parts.filter { part in
            if case .text(let text) = part { return !text.isEmpty }
            return true
        }
    }

    /// The word, when the text is nothing else.
    var soleWord: String? {
        guard parts.count == 1, case .word(let word)? = parts.first else { return nil }
        return word
    }

    var unknownWord: String? {
        for case .word(let word) in parts where !Self.known.contains(word) { return word }
        return nil
    }

    /// The text with its words filled in; nil when one has no value.
    func filled(_ value: (String) -> String?) -> String? {
        var output = ""
        for part in parts {
            switch part {
            case .text(let text): output += text
            case .word(let word):
                guard let text = value(word) else { return nil }
                output += text
            }
        }
        return output
    }
}
