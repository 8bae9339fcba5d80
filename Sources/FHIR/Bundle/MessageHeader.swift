// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

package import JSON

/// A view of a FHIR R4 MessageHeader.
package struct MessageHeader: Sendable {
    /// Where it stands.
    package let entry: FHIREntry

    package init(entry: FHIREntry) {
        self.entry = entry
    }

    /// The resource.
    package var json: JSONValue { entry.resource }
    /// MessageHeader.eventCoding.code.
    package var eventCode: String? { json["eventCoding"]?["code"]?.stringValue }
    /// MessageHeader.focus, in order.
    package var focus: [JSONValue] { json["focus"]?.arrayValue ?? [] }
    /// MessageHeader.sender.
    package var sender: JSONValue? { json["sender"] }
    /// MessageHeader.author.
    package var author: JSONValue? { json["author"] }
    /// MessageHeader.destination, in order.
    package var destinations: [JSONValue] { json["destination"]?.arrayValue ?? [] }
    /// Canonical addresses in meta.profile with their versions.
    package var profiles: [ProfileReference] {
        (json["meta"]?["profile"]?.arrayValue ?? []).compactMap { $0.stringValue.map { ProfileReference($0) } }
    }
}

/// A profile's canonical address, split from its version at `|`, which is also seen percent-encoded.
package struct ProfileReference: Sendable, Hashable {
    /// Without the version.
    package let url: String
    /// What follows the bar.
    package let version: String?

    package init(_ text: String) {
        for bar in ["|", "%7C", "%7c"] {
            guard let range = text.firstRange(of: bar) else { continue }
            url = String(text[..<range.lowerBound])
            version = String(text[range.upperBound...])
            return
        }
        url = text
        version = nil
    }
}
