// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import JSON
import Ocean

/// The forms of a hook's referral, items in one list each: Ocean's are flat, those of other sources nest.
struct FormAnswers: Sendable {
    struct Item: Sendable {
        let linkID: String
        /// As received, may hold HTML.
        let caption: String?
        let isHidden: Bool
        /// Empty ones left out.
        let answers: [AnswerValue]
    }

    struct Content: Sendable {
        /// Form reference (Ocean's `id-form-reference`).
        let ref: String?
        let items: [Item]
    }

    let forms: [Content]

    /// The prefetched QuestionnaireResponse, and the forms of the bundle that it is not.
    init(_ subject: HookSubject) {
        let prefetched = subject.questionnaireResponse.map(Self.responses) ?? []
        let first = prefetched.map(Self.content)
        let others = subject.referral.forms.filter { form in
            !first.contains { $0.ref == nil || $0.ref == form.ref }
        }
        forms = first + others.map { Content(ref: $0.ref, items: Self.items(of: $0)) }
    }

    /// Forms with that reference; all when `ref` is nil.
    func forms(_ ref: String?) -> [Content] {
        guard let ref else { return forms }
        return forms.filter { $0.ref == ref }
    }

    /// Items of that linkId in the forms.
    func items(linkID: String, form: String? = nil) -> [Item] {
        forms(form).flatMap { $0.items.filter { $0.linkID == linkID } }
    }

    /// Items whose caption reads so, markup, case and closing marks aside.
    func items(caption: String, form: String? = nil) -> [Item] {
        let wanted = Self.folded(caption)
        return forms(form).flatMap { $0.items.filter { $0.caption.map(Self.folded) == wanted } }
    }

    // MARK: Reading

    /// A search gives a Bundle of responses.
    private static func responses(_ json: JSONValue) -> [JSONValue] {
        switch json["resourceType"]?.stringValue {
        case "QuestionnaireResponse": [json]
        case "Bundle":
            (json["entry"]?.arrayValue ?? []).compactMap { $0["resource"] }
                .filter { $0["resourceType"]?.stringValue == "QuestionnaireResponse" }
        default: []
        }
    }

    private static func content(_ response: JSONValue) -> Content {
        var items: [Item] = []
        collect(response["item"], &items)
        return Content(ref: response["identifier"]?["value"]?.stringValue, items: items)
    }

    /// Depth is bounded by the parser's limits.
    private static func collect(_ json: JSONValue?, _ items: inout [Item]) {
        for item in json?.arrayValue ?? [] {
            let answers = item["answer"]?.arrayValue ?? []
            items.append(
                Item(
                    linkID: item["linkId"]?.stringValue ?? "", caption: item["text"]?.stringValue,
                    isHidden: isHidden(item), answers: answers.compactMap(value).filter { !$0.isEmpty }))
            collect(item["item"], &items)
            for answer in answers { collect(answer["item"], &items) }
        }
    }

    private static func value(_ answer: JSONValue) -> AnswerValue? {
        guard let member = answer.objectValue?.members.first(where: { $0.name.hasPrefix("value") }) else { return nil }
        return AnswerValue(member.value, type: String(member.name.dropFirst(5)))
    }

    private static func isHidden(_ item: JSONValue) -> Bool {
        (item["extension"]?.arrayValue ?? []).contains {
            $0["url"]?.stringValue?.hasSuffix(ExtensionURL.itemVisibilitySuffix) == true
                && $0["valueString"]?.stringValue == "hidden"
        }
    }

    private static func items(of form: Form) -> [Item] {
        var output: [Item] = []
        func collect(_ items: [FormItem]) {
            for item in items {
                output.append(
                    Item(
                        linkID: item.linkID, caption: item.plainText ?? item.text, isHidden: item.hidden,
                        answers: item.answers.map { AnswerValue($0) }.filter { !$0.isEmpty }))
                collect(item.items)
            }
        }
        collect(form.items)
        return output
    }

    /// Captions as people compare them.
    static func folded(_ caption: String) -> String {
        let plain = HTMLText.plainIfMarkup(caption) ?? caption
        var words = plain.lowercased().split(whereSeparator: \.isWhitespace).joined(separator: " ")
        while let last = words.last, ":*? ".contains(last) { words.removeLast() }
        return words
    }
}
