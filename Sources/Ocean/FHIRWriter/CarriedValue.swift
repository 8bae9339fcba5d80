// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import FHIR
import JSON

/// Any JSON as an extension: texts, numbers and flags as `value[x]`, members as extensions named like them, elements of
/// lists as extensions named `item`; what none of these can say as JSON text in an extension named `json`.
enum CarriedValue {
    private static let item = "item"
    private static let text = "json"
    /// Deeper structure becomes JSON text, lest a bundle nest twice as deep as its source.
    private static let deepest = 4
    /// More values than this become JSON text: as extensions each would take a hundred times its own length.
    private static let most = 1_000

    static func element(_ url: String, _ value: JSONValue, at place: WritingPlace) -> ElementBuilder {
        var room = most
        return element(url, value, at: place, depth: isLarger(value, than: &room) ? deepest : 0)
    }

    private static func isLarger(_ value: JSONValue, than room: inout Int) -> Bool {
        room -= 1
        switch value {
        case .object(let object):
            for member in object.members where isLarger(member.value, than: &room) { return true }
        case .array(let elements):
            for element in elements where isLarger(element, than: &room) { return true }
        default: break
        }
        return room < 0
    }

    private static func element(
        _ url: String, _ value: JSONValue, at place: WritingPlace, depth: Int
    ) -> ElementBuilder {
        var element = ElementBuilder()
        element.put("url", .string(url))
        switch value {
        case .string(let text) where Primitive.isString(text): element.put("valueString", value, from: place.pointer)
        case .bool: element.put("valueBoolean", value, from: place.pointer)
        case .number(let number):
            element.put(number.isFHIRInteger ? "valueInteger" : "valueDecimal", value, from: place.pointer)
        case .object(let object) where depth < deepest && isNestable(object):
            element.append(
                "extension",
                object.members.map { self.element($0.name, $0.value, at: place($0.name), depth: depth + 1) })
        case .array(let list) where depth < deepest && !list.isEmpty:
            element.append(
                "extension", list.enumerated().map { self.element(item, $1, at: place($0), depth: depth + 1) })
        default:
            var json = ElementBuilder()
            json.put("url", .string(text))
            json.put("valueString", .string(value.text()), from: place.pointer)
            element.append("extension", [json])
        }
        return element
    }

    /// Whether the members' names can be addresses of extensions.
    private static func isNestable(_ object: JSONObject) -> Bool {
        !object.isEmpty
            && object.members.allSatisfy { member in
                member.name != item && member.name != text && member.name.utf8.count <= 64
                    && member.name.utf8.first.map { isLetter($0) } == true
                    && member.name.utf8.allSatisfy { isLetter($0) || (0x30...0x39).contains($0) }
            }
    }

    private static func isLetter(_ byte: UInt8) -> Bool { (0x41...0x5A).contains(byte & 0xDF) }

    /// Reads the value back and ticks it off as standing at `place`; nil when the extension has no such form.
    static func read(_ element: SourceCursor, to place: String) -> JSONValue? {
        element["url"]?.structural(.extensionURL)
        for name in ["valueString", "valueBoolean", "valueInteger", "valueDecimal"] {
            guard let value = element[name] else { continue }
            value.keep(to: place)
            return value.value
        }
        let parts = element.objects("extension")
        switch parts.first?.peek("url") {
        case nil: return nil
        case text:
            guard let part = parts.first, let content = part.peek("valueString"),
                let value = try? JSONValue(parsing: content)
            else { return nil }
            part["url"]?.structural(.extensionURL)
            part["valueString"]?.fold(into: place, "as JSON text")
            return value
        case item:
            var list: [JSONValue] = []
            for part in parts {
                guard let value = read(part, to: "\(place)/\(list.count)") else { return nil }
                list.append(value)
            }
            return .array(list)
        default:
            var members: [JSONMember] = []
            for part in parts {
                guard let name = part.peek("url"), let value = read(part, to: "\(place)/\(name)") else { return nil }
                members.append(JSONMember(name: name, value: value))
            }
            return .object(JSONObject(members))
        }
    }
}

extension JSONNumber {
    /// Whether FHIR's `integer` has this spelling.
    var isFHIRInteger: Bool { Int32(text).map { String($0) == text } ?? false }
}
