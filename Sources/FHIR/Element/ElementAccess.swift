// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

package import JSON

extension JSONValue {
    /// The resource's identifiers, whether the type has a list of them or a single one (QuestionnaireResponse).
    package var identifierElements: [JSONValue] {
        switch self["identifier"] {
        case .array(let list): list
        case .object(let single): [.object(single)]
        default: []
        }
    }

    /// The extensions of this element, in order.
    package var extensionElements: [JSONValue] { self["extension"]?.arrayValue ?? [] }

    /// The value of the first extension with this address; nil without one.
    package func extensionValue(_ url: String) -> JSONValue? {
        extensionElements.first { $0["url"]?.stringValue == url }?.choice("value")?.value
    }

    /// The value of the first extension whose address ends so: Ocean's addresses begin with the sending host.
    package func extensionValue(suffix: String) -> JSONValue? {
        extensionElements.first { $0["url"]?.stringValue?.hasSuffix(suffix) == true }?.choice("value")?.value
    }

    /// The first member of a choice such as `value[x]`: `valueString`, `valueCoding`, …
    package func choice(_ prefix: String) -> JSONMember? {
        objectValue?.members.first { member in
            guard member.name.hasPrefix(prefix) else { return false }
            return member.name.utf8.dropFirst(prefix.utf8.count).first.map { (0x41...0x5A).contains($0) } == true
        }
    }

    /// The codings of a CodeableConcept.
    package var codingElements: [JSONValue] { self["coding"]?.arrayValue ?? [] }

    /// Whether the resource or bundle carries a security label with this code.
    package func hasSecurityLabel(_ code: String) -> Bool {
        (self["meta"]?["security"]?.arrayValue ?? []).contains { $0["code"]?.stringValue == code }
    }
}
