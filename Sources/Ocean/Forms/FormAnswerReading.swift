// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import FoundationEssentials
import JSON

/// What an answer to the creating call says, by the template.
package struct FormAnswerReading: Sendable, Hashable {
    /// For the patient alone.
    package let link: String
    /// Ocean's reference of the patient, where the answer tells it.
    package let patientRef: String?

    /// - Throws: `TranslationError` `.invalid` when there is no link in the answer: Ocean may have created the forms all
    ///   the same.
    package init(_ answer: FormAnswer, template: FormTemplate) throws(TranslationError) {
        let json = try? JSONValue(parsing: answer.body)
        guard let link = Self.text(template.link, answer, json), Self.isLink(link) else {
            throw TranslationError(
                .invalid, at: "forms.create.link", "Ocean's answer has no web address where the settings expect it")
        }
        self.link = link
        patientRef = Self.text(template.reference, answer, json).flatMap { OceanReference.text(.string($0)) }
    }

    private static func text(_ place: FormTemplate.Place, _ answer: FormAnswer, _ json: JSONValue?) -> String? {
        switch place {
        case .header(let name): return answer.headers[name]
        case .body:
            guard let text = String(validating: answer.body, as: UTF8.self) else { return nil }
            let words = text.split { $0.isWhitespace }
            return words.count == 1 ? words.first.map(String.init) : nil
        case .member(let pointer):
            switch json?.value(at: pointer) {
            case .string(let text)?: return text
            case .number(let number)?: return number.text
            default: return nil
            }
        }
    }

    /// An address that a browser opens, without anything that could break out of a page or a header.
    private static func isLink(_ text: String) -> Bool {
        guard text.utf8.count <= 2_048, text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }),
            !text.utf8.contains(where: { [0x22, 0x3C, 0x3E, 0x5C].contains($0) }),
            let parts = URLComponents(string: text), let scheme = parts.scheme?.lowercased()
        else { return false }
        return (scheme == "https" || scheme == "http") && parts.host?.isEmpty == false
    }
}
