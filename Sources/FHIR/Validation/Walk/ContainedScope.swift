// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import JSON

/// The contained resources of one resource, and which of them something refers to.
struct ContainedScope {
    private struct Contained {
        let node: JSONNode
        var isUsed = false
    }

    /// resourceType of the resource.
    let type: String?
    private var contained: [Contained] = []
    private var places: [String: Int] = [:]
    /// The contained resource that the walk is in.
    private var current: Int?
    private var next = 0

    init(_ resource: JSONNode) {
        type = resource["resourceType"]?.stringValue
        guard let list = resource["contained"], list.kind == .array else { return }
        for node in list.elements {
            if let id = node["id"]?.stringValue, places[id] == nil { places[id] = contained.count }
            contained.append(Contained(node: node))
        }
    }

    /// Marks what `#id` names as used; false when nothing has that id. An empty id names the container.
    mutating func use(_ id: String) -> Bool {
        if id.isEmpty {
            // A contained resource that refers to its container needs no reference to itself.
            if let current { contained[current].isUsed = true }
            return true
        }
        guard let place = places[id] else { return false }
        contained[place].isUsed = true
        return true
    }

    /// The resource type of what `#id` names.
    func type(of id: String) -> String? {
        places[id].flatMap { contained[$0].node["resourceType"]?.stringValue }
    }

    /// The walk enters the next contained resource.
    mutating func enter() {
        current = next < contained.count ? next : nil
        next += 1
    }

    mutating func leave() { current = nil }

    /// Place and node of each contained resource that nothing refers to (dom-3).
    var unused: [(index: Int, node: JSONNode)] {
        contained.enumerated().filter { !$0.element.isUsed }.map { ($0.offset, $0.element.node) }
    }
}
