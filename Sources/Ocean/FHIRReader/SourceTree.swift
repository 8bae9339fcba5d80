// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import JSON

/// A source document whose values are ticked off as they are read, so that what nobody read can be told afterwards.
///
/// Values are numbered in the order in which they stand. Memory grows with what is read, besides four bytes a value.
final class SourceTree {
    enum Mark {
        /// A single value that stands at `target` in the canonical message.
        case kept(target: String)
        /// A value taken over with everything in it.
        case whole(target: String)
        /// Values that all count as said by one place: a repeated statement, or what only `original` holds.
        case folded(target: String, note: String)
        /// Not of the kind it must have.
        case refused(note: String)
    }

    /// Number of values in each subtree, itself included, by number of its top.
    private(set) var sizes: [Int32] = []
    private(set) var marks: [Int: Mark] = [:]
    /// Off while a value is only looked at.
    private var isRecording = true
    let root: JSONValue

    init(_ root: JSONValue) {
        self.root = root
        measure(root)
    }

    var cursor: SourceCursor { SourceCursor(tree: self, value: root, index: 0) }

    private func measure(_ value: JSONValue) {
        let top = sizes.count
        sizes.append(1)
        switch value {
        case .object(let object): for member in object.members { measure(member.value) }
        case .array(let elements): for element in elements { measure(element) }
        default: return
        }
        sizes[top] = Int32(clamping: sizes.count - top)
    }

    /// The first mark of a value counts: each value is accounted for once.
    func mark(_ index: Int, _ mark: Mark) {
        guard isRecording, marks[index] == nil else { return }
        marks[index] = mark
    }

    /// Reads without ticking off.
    func quietly<Value>(_ read: () -> Value) -> Value {
        let before = isRecording
        isRecording = false
        defer { isRecording = before }
        return read()
    }
}

/// A place in a source tree. Reading a value ticks it off.
struct SourceCursor {
    let tree: SourceTree
    let value: JSONValue
    let index: Int

    /// A member; nil when this is no object or has none of that name, or when it is null.
    subscript(name: String) -> SourceCursor? {
        guard case .object(let object) = value else { return nil }
        var next = index + 1
        for member in object.members {
            if member.name == name {
                return member.value.isNull ? nil : SourceCursor(tree: tree, value: member.value, index: next)
            }
            next += Int(tree.sizes[next])
        }
        return nil
    }

    /// A member that must be an object; another kind is refused.
    func object(_ name: String) -> SourceCursor? {
        guard let child = self[name] else { return nil }
        guard child.value.objectValue != nil else {
            child.refuse("expected an object")
            return nil
        }
        return child
    }

    /// The elements of a member that must be a list of objects; other kinds are refused, null elements passed over.
    ///
    /// A list that is far too long, or mostly of what says nothing, is refused as one: a few bytes would become a whole
    /// record each.
    func objects(_ name: String) -> [SourceCursor] {
        guard let child = self[name] else { return [] }
        guard case .array(let list) = child.value else {
            child.refuse("expected a list")
            return []
        }
        if list.count > 100 {
            let saying = list.count { $0.objectValue?.isEmpty == false }
            guard list.count <= 10_000, saying > list.count / 2 else {
                child.refuse("too long a list, or mostly of what is no record")
                return []
            }
        }
        return child.listElements.filter { element in
            if element.value.objectValue != nil { return true }
            if !element.value.isNull { element.refuse("expected an object") }
            return false
        }
    }

    /// The elements of a member that must be a list; another kind is refused.
    func elements(_ name: String) -> [SourceCursor] {
        guard let child = self[name] else { return [] }
        guard child.value.arrayValue != nil else {
            child.refuse("expected a list")
            return []
        }
        return child.listElements
    }

    /// The elements of this value, which is a list; empty for other kinds.
    var listElements: [SourceCursor] {
        guard case .array(let elements) = value else { return [] }
        var next = index + 1
        return elements.map { element in
            defer { next += Int(tree.sizes[next]) }
            return SourceCursor(tree: tree, value: element, index: next)
        }
    }

    /// The members with their names, in order.
    var members: [(name: String, cursor: SourceCursor)] {
        guard case .object(let object) = value else { return [] }
        var next = index + 1
        return object.members.map { member in
            defer { next += Int(tree.sizes[next]) }
            return (member.name, SourceCursor(tree: tree, value: member.value, index: next))
        }
    }

    /// A member's text, ticked off as standing at `target`. Empty texts say nothing and are left unread.
    func text(_ name: String, to target: String) -> String? {
        self[name]?.text(to: target)
    }

    func text(to target: String) -> String? {
        guard case .string(let text) = value else {
            if !value.isNull { refuse("expected a string") }
            return nil
        }
        guard !text.isEmpty else { return nil }
        tree.mark(index, .kept(target: target))
        return text
    }

    func flag(_ name: String, to target: String) -> Bool? {
        guard let child = self[name] else { return nil }
        guard case .bool(let flag) = child.value else {
            child.refuse("expected true or false")
            return nil
        }
        tree.mark(child.index, .kept(target: target))
        return flag
    }

    func integer(_ name: String, to target: String) -> Int? {
        guard let child = self[name] else { return nil }
        guard let number = child.value.intValue else {
            child.refuse("expected a whole number")
            return nil
        }
        tree.mark(child.index, .kept(target: target))
        return number
    }

    func number(_ name: String, to target: String) -> JSONNumber? {
        guard let child = self[name] else { return nil }
        guard let number = child.value.numberValue else {
            child.refuse("expected a number")
            return nil
        }
        tree.mark(child.index, .kept(target: target))
        return number
    }

    /// Looks at a member's text without ticking it off.
    func peek(_ name: String) -> String? { self[name]?.value.stringValue }

    func keep(to target: String) { tree.mark(index, .kept(target: target)) }
    func keepWhole(to target: String) { tree.mark(index, .whole(target: target)) }
    func refuse(_ note: String) { tree.mark(index, .refused(note: note)) }
    /// Says that everything in this value is told by the place `target` already.
    func fold(into target: String, _ note: String) { tree.mark(index, .folded(target: target, note: note)) }
    /// Says that this value carries structure only.
    func structural(_ noise: StructuralNoise) { fold(into: "/original/body", noise.note) }
}
