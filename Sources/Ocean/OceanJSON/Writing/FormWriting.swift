// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import JSON

/// Forms as `completedForms` and `formMetadata`. The caption of an item is a member of the bridge's own, `text` beside
/// `hidden`: without it an answer cannot be understood.
enum FormWriting {
    static func put(_ forms: [Form], from source: String, into writer: inout ObjectWriter) {
        guard !forms.isEmpty else { return }
        var completed = JSONObject()
        var metadata = JSONObject()
        for (index, form) in forms.enumerated() {
            let place = "\(source)/\(index)"
            let name = free(form.ref ?? "form-\(index + 1)", in: completed)
            var one = FormObjects()
            let path = JSONLeaves.child(JSONLeaves.child(writer.path, "completedForms"), name)
            one.add(form.items, from: place + "/items", at: path, log: writer.log)
            writer.log.wrote(place + "/ref", to: path, note: name == form.ref ? nil : "renamed: the name was taken")
            if form.ref == nil { writer.log.fillIn(path, note: "a form without reference is named by its number") }
            completed[name] = .object(one.answers)
            if !one.details.isEmpty { metadata[name] = .object(one.details) }
        }
        writer.put("completedForms", .object(completed))
        if !metadata.isEmpty { writer.put("formMetadata", .object(metadata)) }
    }

    /// The same form or item twice must not overwrite the first.
    fileprivate static func free(_ name: String, in object: JSONObject) -> String {
        guard object[name] != nil else { return name }
        var number = 2
        while object["\(name)#\(number)"] != nil { number += 1 }
        return "\(name)#\(number)"
    }
}

private struct FormObjects {
    var answers = JSONObject()
    var details = JSONObject()

    /// Nested items follow their parent: Ocean's forms are flat.
    mutating func add(_ items: [FormItem], from source: String, at path: String, log: WritingLog) {
        for (index, item) in items.enumerated() {
            let place = "\(source)/\(index)"
            let name = FormWriting.free(item.linkID, in: answers)
            answers[name] = Self.answer(item.answers)
            let target = JSONLeaves.child(path, name)
            log.wrote(
                place + "/linkId", to: target, note: name == item.linkID ? nil : "renamed: the name was taken")
            for member in ["/answers", "/text", "/hidden"] { log.wrote(place + member, to: target) }
            var detail = JSONObject()
            if item.hidden { detail["hidden"] = true }
            if let text = item.text {
                if text.isEmpty {
                    log.omit(place + "/text", note: "an empty text says nothing")
                } else {
                    detail["text"] = .string(text)
                }
            }
            if !detail.isEmpty { details[name] = .object(detail) }
            add(item.items, from: place + "/items", at: path, log: log)
        }
    }

    /// One answer stands alone unless that would read as none or as several.
    private static func answer(_ answers: [JSONValue]) -> JSONValue {
        guard let first = answers.first else { return .null }
        if answers.count == 1, first.arrayValue == nil, !first.isNull { return first }
        return .array(answers)
    }
}
