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
        var names = FreeNames()
        for (index, form) in forms.enumerated() {
            let place = "\(source)/\(index)"
            let name = names.take(form.ref ?? "form-\(index + 1)")
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
}

/// Names within one object: the same form or item twice must not overwrite the first.
private struct FreeNames {
    /// As bytes: two spellings of one letter are two names.
    private var taken: Set<[UInt8]> = []
    /// The number to be tried next, by name: trying all from the start each time would cost the cube of their count.
    private var next: [[UInt8]: Int] = [:]

    mutating func take(_ name: String) -> String {
        let bytes = Array(name.utf8)
        guard !taken.insert(bytes).inserted else { return name }
        var number = next[bytes] ?? 2
        while !taken.insert(Array("\(name)#\(number)".utf8)).inserted { number += 1 }
        next[bytes] = number + 1
        return "\(name)#\(number)"
    }
}

private struct FormObjects {
    var answers = JSONObject()
    var details = JSONObject()
    private var names = FreeNames()

    /// Nested items follow their parent: Ocean's forms are flat.
    mutating func add(_ items: [FormItem], from source: String, at path: String, log: WritingLog) {
        for (index, item) in items.enumerated() {
            let place = "\(source)/\(index)"
            let name = names.take(item.linkID)
            answers.append(name, Self.answer(item.answers))
            let target = JSONLeaves.child(path, name)
            log.wrote(
                place + "/linkId", to: target, note: name == item.linkID ? nil : "renamed: the name was taken")
            // Only what is there: paths of deeply nested items are long.
            if !item.answers.isEmpty { log.wrote(place + "/answers", to: target) }
            if item.text != nil { log.wrote(place + "/text", to: target) }
            if item.hidden { log.wrote(place + "/hidden", to: target) }
            var detail = JSONObject()
            if item.hidden { detail["hidden"] = true }
            if let text = item.text {
                if text.isEmpty {
                    log.omit(place + "/text", note: "an empty text says nothing")
                } else {
                    detail["text"] = .string(text)
                }
            }
            if !detail.isEmpty { details.append(name, .object(detail)) }
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
