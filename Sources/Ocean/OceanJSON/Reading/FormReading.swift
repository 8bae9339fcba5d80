// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import JSON

/// `completedForms` (form reference to item reference to answer) with `formMetadata` beside it.
enum FormReading {
    /// Takes both members out of `reader`; `first` is the number of the first form in the target's list.
    static func read(_ reader: ObjectReader, to target: String, first: Int = 0) -> [Form] {
        guard let completed = reader.take("completedForms") else {
            reader.object("formMetadata")?.finish()
            return []
        }
        guard let maps = completed.value.objectValue, maps.allSatisfy({ $0.value.objectValue != nil }) else {
            reader.log.refuse(completed.value, at: completed.path, note: "not a map of forms")
            return []
        }
        if maps.isEmpty { reader.log.pass(completed.value, at: completed.path) }
        let metadata = reader.object("formMetadata")
        var forms: [Form] = []
        for map in maps {
            let place = JSONLeaves.child(completed.path, map.name)
            let itemsTarget = "\(target)/\(first + forms.count)/items"
            let details = metadata?.object(map.name)
            forms.append(form(map.name, map.value, at: place, to: itemsTarget, details: details, log: reader.log))
            details?.finish()
        }
        metadata?.finish()
        return forms
    }

    private static func form(
        _ ref: String, _ value: JSONValue, at place: String, to target: String, details: ObjectReader?, log: ReadingLog
    ) -> Form {
        var form = Form()
        form.ref = ref
        guard let items = value.objectValue, !items.isEmpty else {
            log.keep(value, at: place, target: target)
            return form
        }
        for member in items {
            let itemTarget = "\(target)/\(form.items.count)"
            var item = FormItem()
            item.linkID = member.name
            switch member.value {
            case .null: break
            case .array(let answers): item.answers = answers
            default: item.answers = [member.value]
            }
            log.keep(member.value, at: JSONLeaves.child(place, member.name), target: itemTarget + "/answers")
            if let detail = details?.object(member.name) {
                item.hidden = detail.flag("hidden", to: itemTarget + "/hidden") ?? false
                item.text = detail.text("text", to: itemTarget + "/text")
                detail.finish()
            }
            form.items.append(item)
        }
        return form
    }
}
