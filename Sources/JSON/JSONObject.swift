// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

/// One name and its value.
package struct JSONMember: Sendable, Hashable {
    /// The name, decoded.
    package var name: String
    /// The value.
    package var value: JSONValue

    package init(name: String, value: JSONValue) {
        self.name = name
        self.value = value
    }

    package static func == (left: JSONMember, right: JSONMember) -> Bool {
        left.name.hasSameBytes(as: right.name) && left.value == right.value
    }

    package func hash(into hasher: inout Hasher) {
        name.hashBytes(into: &hasher)
        value.hash(into: &hasher)
    }
}

/// Members in the order received. Names are unique, and are the same only when their UTF-8 bytes are.
///
/// Equality heeds the order; compare canonical bytes to ignore it. Looking up a name takes time linear in `count`.
package struct JSONObject: Sendable, Hashable, ExpressibleByDictionaryLiteral, Sequence {
    /// The members, in order.
    package private(set) var members: [JSONMember]

    /// No members.
    package init() { members = [] }

    /// A later member with the same name replaces the value of the earlier one, in its place.
    package init(_ members: [JSONMember]) {
        self.members = []
        self.members.reserveCapacity(members.count)
        var places: [NameBytes: Int] = [:]
        for member in members {
            if let place = places[NameBytes(name: member.name)] {
                self.members[place].value = member.value
            } else {
                places[NameBytes(name: member.name)] = self.members.count
                self.members.append(member)
            }
        }
    }

    package init(dictionaryLiteral elements: (String, JSONValue)...) {
        self.init(elements.map { JSONMember(name: $0.0, value: $0.1) })
    }

    /// The caller vouches for unique names.
    init(unique members: [JSONMember]) { self.members = members }

    /// The value, or nil when absent. Setting keeps the member's position, appends a new name, and nil removes.
    package subscript(name: String) -> JSONValue? {
        get { place(of: name).map { members[$0].value } }
        set {
            switch (place(of: name), newValue) {
            case (let place?, let value?): members[place].value = value
            case (let place?, nil): members.remove(at: place)
            case (nil, let value?): members.append(JSONMember(name: name, value: value))
            case (nil, nil): break
            }
        }
    }

    /// The number of members.
    package var count: Int { members.count }
    /// Whether there are no members.
    package var isEmpty: Bool { members.isEmpty }
    /// The names, in order.
    package var names: [String] { members.map(\.name) }

    /// Sets the value as the subscript does, and skips nil: for optional members of a hand-built object.
    package mutating func append(_ name: String, _ value: JSONValue?) {
        guard let value else { return }
        self[name] = value
    }

    package func makeIterator() -> IndexingIterator<[JSONMember]> { members.makeIterator() }

    private func place(of name: String) -> Int? {
        members.firstIndex { $0.name.hasSameBytes(as: name) }
    }

    /// Changes one value in place, without copying the rest; false when the name is absent.
    mutating func change(_ name: String, _ body: (inout JSONValue) -> Bool) -> Bool {
        guard let place = place(of: name) else { return false }
        return body(&members[place].value)
    }
}

/// A name hashed and compared by bytes.
private struct NameBytes: Hashable {
    let name: String

    static func == (left: NameBytes, right: NameBytes) -> Bool { left.name.hasSameBytes(as: right.name) }
    func hash(into hasher: inout Hasher) { name.hashBytes(into: &hasher) }
}
