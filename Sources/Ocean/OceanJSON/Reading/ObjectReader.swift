// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import JSON

/// Takes members out of one object by name and says in the log what became of each. What is asked for and is of
/// another kind, and at the end (`finish`) what nobody asked for, goes to `unmapped`.
final class ObjectReader {
    let path: String
    let log: ReadingLog
    private let members: [JSONMember]
    private var taken: [Bool]

    init(_ object: JSONObject, at path: String, log: ReadingLog) {
        self.path = path
        self.log = log
        members = object.members
        taken = Array(repeating: false, count: members.count)
    }

    func has(_ name: String) -> Bool { index(of: name) != nil }

    /// Looks without taking.
    func peek(_ name: String) -> JSONValue? { index(of: name).map { members[$0].value } }

    /// A member that is there and not null. The caller accounts for it.
    func take(_ name: String) -> (value: JSONValue, path: String)? {
        guard let index = index(of: name), !taken[index] else { return nil }
        taken[index] = true
        let place = JSONLeaves.child(path, name)
        let value = members[index].value
        guard !value.isNull else {
            log.pass(value, at: place)
            return nil
        }
        return (value, place)
    }

    /// A text, or a number in its own spelling; an empty text says nothing.
    func text(_ name: String, to target: String) -> String? {
        value(name, to: target, note: "not a text") { value in
            switch value {
            case .string(let text): text
            case .number(let number): number.text
            default: nil
            }
        }
    }

    func flag(_ name: String, to target: String) -> Bool? {
        value(name, to: target, note: "not true or false", \.boolValue)
    }

    func whole(_ name: String, to target: String) -> Int? {
        value(name, to: target, note: "not a whole number", \.intValue)
    }

    /// A date: ISO text as it is spelled, or milliseconds since 1970 as ISO text in UTC.
    ///
    /// - Parameter note: for the ledger, where the date is taken over.
    func date(_ name: String, to target: String, note: String? = nil) -> String? {
        value(name, to: target, note: "not a date", kept: note) { OceanDate.text($0) }
    }

    /// One of a set of words. A word outside the set is kept as it is.
    func word<Word>(_ name: String, to target: String, _ read: (String) -> Word?) -> Word? {
        guard let (value, place) = takeSaying(name) else { return nil }
        guard let text = value.stringValue else {
            log.refuse(value, at: place, note: "not a text")
            return nil
        }
        guard let word = read(text) else {
            log.unmap(value, at: place, note: "not a known word")
            return nil
        }
        log.keep(value, at: place, target: target)
        return word
    }

    func texts(_ name: String, to target: String) -> [String] {
        value(name, to: target, note: "not a list of texts") { value -> [String]? in
            guard let elements = value.arrayValue else { return nil }
            let texts = elements.compactMap(\.stringValue)
            return texts.count == elements.count ? texts : nil
        } ?? []
    }

    /// A member that the bridge itself wrote in its canonical form.
    func canonical<Value: JSONRepresentable>(_ name: String, as type: Value.Type, to target: String) -> Value? {
        value(name, to: target, note: "not of the canonical form") { json in
            var unknown: [JSONPointer] = []
            guard let value = try? Value(json: json, at: .root, unknown: &unknown), unknown.isEmpty else { return nil }
            return value
        }
    }

    private func value<Value>(
        _ name: String, to target: String, note: String, kept: String? = nil, _ read: (JSONValue) -> Value?
    ) -> Value? {
        guard let (value, place) = takeSaying(name) else { return nil }
        guard let output = read(value) else {
            log.refuse(value, at: place, note: note)
            return nil
        }
        log.keep(value, at: place, target: target, note: kept)
        return output
    }

    func object(_ name: String) -> ObjectReader? {
        guard let (value, place) = takeSaying(name) else { return nil }
        guard let object = value.objectValue else {
            log.refuse(value, at: place, note: "not an object")
            return nil
        }
        return ObjectReader(object, at: place, log: log)
    }

    /// The objects of a list. A list with anything else in it is not taken apart, so that numbers in places of
    /// `unmapped` always count the elements of the canonical list too.
    func objects(_ name: String) -> [ObjectReader] {
        guard let (value, place) = takeSaying(name) else { return [] }
        guard let elements = value.arrayValue else {
            log.refuse(value, at: place, note: "not a list")
            return []
        }
        let objects = elements.compactMap(\.objectValue)
        guard objects.count == elements.count else {
            log.refuse(value, at: place, note: "not a list of objects")
            return []
        }
        guard !Self.isHostile(objects) else {
            log.refuse(value, at: place, note: "too long a list, or mostly of empty objects")
            return []
        }
        return objects.enumerated().map { index, object in
            if object.isEmpty { log.pass(.object(object), at: "\(place)/\(index)") }
            return ObjectReader(object, at: "\(place)/\(index)", log: log)
        }
    }

    /// An empty object is three bytes and would become a whole record, so that its place keeps its number.
    private static func isHostile(_ objects: [JSONObject]) -> Bool {
        guard objects.count > 100 else { return false }
        return objects.count > 10_000 || objects.count { $0.isEmpty } > objects.count / 2
    }

    /// A member that is there and neither null nor empty.
    private func takeSaying(_ name: String) -> (value: JSONValue, path: String)? {
        guard let (value, place) = take(name) else { return nil }
        guard !Self.saysNothing(value) else {
            log.pass(value, at: place)
            return nil
        }
        return (value, place)
    }

    /// Keeps what was not asked for in `unmapped`.
    func finish() {
        let asked = Set(members.indices.filter { taken[$0] }.map { members[$0].name })
        for (index, member) in members.enumerated() where !taken[index] {
            taken[index] = true
            let place = JSONLeaves.child(path, member.name)
            if Self.saysNothing(member.value) {
                log.pass(member.value, at: place)
            } else {
                log.unmap(
                    member.value, at: place, path: original(of: member.name, asked).map { JSONLeaves.child(path, $0) })
            }
        }
    }

    /// What `UnmappedWriting` put beside the member whose place was taken goes back under that place.
    private func original(of name: String, _ asked: Set<String>) -> String? {
        guard name.hasSuffix(UnmappedWriting.suffix) else { return nil }
        let base = String(name.dropLast(UnmappedWriting.suffix.count))
        return asked.contains(base) ? base : nil
    }

    /// Leaves what was not asked for to the original bytes.
    func leaveRest(note: String) {
        for (index, member) in members.enumerated() where !taken[index] {
            taken[index] = true
            log.leave(member.value, at: JSONLeaves.child(path, member.name), note: note)
        }
    }

    static func saysNothing(_ value: JSONValue) -> Bool {
        switch value {
        case .null: true
        case .string(let text): text.isEmpty
        case .array(let elements): elements.isEmpty
        case .object(let object): object.isEmpty
        case .number, .bool: false
        }
    }

    private func index(of name: String) -> Int? {
        // Equal bytes: an equivalent spelling in other code points is longer than an ASCII name.
        members.firstIndex { $0.name == name && $0.name.utf8.count == name.utf8.count }
    }
}
