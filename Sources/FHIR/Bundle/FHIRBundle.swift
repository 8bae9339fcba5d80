// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

package import JSON

/// A view of a FHIR R4 Bundle: its resources by type and by reference. Lenient: entries that hold no resource are left
/// out, nothing else is checked.
package struct FHIRBundle: Sendable {
    /// The Bundle as received.
    package let json: JSONValue
    /// Entries that hold a resource, in order.
    package let entries: [FHIREntry]
    /// Finds the entry that a reference names.
    package let references: ReferenceIndex

    private let places: [String: [Int]]

    /// Nil unless `json` is an object with resourceType Bundle.
    package init?(_ json: JSONValue) {
        guard json["resourceType"]?.stringValue == "Bundle" else { return nil }
        self.json = json
        var entries: [FHIREntry] = []
        var places: [String: [Int]] = [:]
        for (position, element) in (json["entry"]?.arrayValue ?? []).enumerated() {
            guard let entry = FHIREntry(element, position: position) else { continue }
            places[entry.type, default: []].append(entries.count)
            entries.append(entry)
        }
        self.entries = entries
        self.places = places
        references = ReferenceIndex(entries)
    }

    /// Bundle.id.
    package var id: String? { json["id"]?.stringValue }
    /// Bundle.type.
    package var type: String? { json["type"]?.stringValue }
    /// Bundle.timestamp, as spelled.
    package var timestamp: String? { json["timestamp"]?.stringValue }

    /// The entries that hold a resource of `type`, in order.
    package func entries(of type: String) -> [FHIREntry] {
        (places[type] ?? []).map { entries[$0] }
    }

    /// The entry that a Reference element names, by `reference`, else by `identifier`; nil when it dangles.
    ///
    /// - Parameter types: where an identifier fits several resources, the first of these types wins.
    package func resolve(_ reference: JSONValue?, types: [String] = []) -> FHIREntry? {
        guard let reference, let place = references.place(of: reference, types: types) else { return nil }
        return entries[place]
    }

    /// The first MessageHeader.
    package var header: MessageHeader? {
        entries(of: "MessageHeader").first.map { MessageHeader(entry: $0) }
    }
}

/// One entry of a Bundle with its resource.
package struct FHIREntry: Sendable {
    /// Number of the element in `Bundle.entry`, from 0.
    package let position: Int
    /// Entry.fullUrl, as spelled.
    package let fullURL: String?
    /// The resource: always an object.
    package let resource: JSONValue
    /// Its resourceType.
    package let type: String
    /// Resource.id.
    package let id: String?

    /// Nil when `element` holds no resource with a type.
    package init?(_ element: JSONValue, position: Int) {
        guard let resource = element["resource"], let type = resource["resourceType"]?.stringValue else { return nil }
        self.position = position
        self.resource = resource
        self.type = type
        fullURL = element["fullUrl"]?.stringValue
        id = resource["id"]?.stringValue
    }

    /// The UUID of `fullUrl`, with or without `urn:uuid:`; nil for other addresses.
    package var fullURLID: String? {
        guard let fullURL else { return nil }
        let key = ReferenceIndex.key(fullURL)
        return ReferenceIndex.isUUID(key) ? key : nil
    }
}

extension FHIREntry: Equatable {
    /// Entries of one bundle are the same when they stand in the same place.
    package static func == (left: FHIREntry, right: FHIREntry) -> Bool { left.position == right.position }
}
