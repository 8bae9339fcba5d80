// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

package import BridgeCore
import JSON

/// Addresses by which a normalised bundle says what FHIR R4 has no element for, so that the canonical message can be
/// read back from it. docs/mapping.md lists them for each field.
package enum NormalisedForm {
    /// Root of the extensions' addresses.
    package static let root = "https://ocean-bridge.ca/fhir/StructureDefinition/"
    /// `valueCode` names a field that the canonical message has not; the element holds a value only because FHIR asks
    /// for one.
    static let absent = root + "absent"
    /// `valueCode` names the field of the surrounding record that this element of a list repeats or is.
    static let field = root + "field"
    /// An element of a list that says nothing, which FHIR allows only with an extension.
    static let empty = root + "empty"
    /// MessageHeader.source.endpoint of every normalised bundle.
    static let endpoint = "urn:ocean-bridge:ocean"

    /// Address of the extension that carries one field of a record: `…/Appointment-waitTime`.
    package static func url<Record: JSONRecord>(of field: String, in type: Record.Type) -> String {
        prefix(of: type) + field
    }

    static func prefix<Record: JSONRecord>(of type: Record.Type) -> String { "\(root)\(Record.definitionName)-" }
}

/// A place in the canonical message while it is written; without a pointer when nobody asks where values went.
struct WritingPlace {
    let pointer: String?

    func callAsFunction(_ name: String) -> WritingPlace { WritingPlace(pointer: pointer.map { "\($0)/\(name)" }) }
    func callAsFunction(_ index: Int) -> WritingPlace { WritingPlace(pointer: pointer.map { "\($0)/\(index)" }) }

    /// A member of any name.
    func member(_ name: String) -> WritingPlace {
        WritingPlace(pointer: pointer.map { JSONLeaves.child($0, name) })
    }

    /// `note` when the trail is asked for.
    func note(_ note: String) -> String? { pointer == nil ? nil : note }
}
