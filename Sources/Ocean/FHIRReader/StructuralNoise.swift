// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import JSON

/// What the reader does not take over because it holds the bundle together and says nothing about the referral. All of
/// it stands in `original`; this is the whole list.
enum StructuralNoise: String, CaseIterable {
    case resourceType
    case bundleType
    case bundleTotal
    case profile
    case fullURL
    /// `Resource.id`, except of Bundle, MessageHeader, Appointment, Task and Communication, whose ids mean something.
    case resourceID
    /// A reference that was followed.
    case reference
    /// System (and Ocean's own repetition as display) of a code that the canonical field implies.
    case impliedSystem
    /// Addresses in MessageHeader.source and destination: they are the integration's settings.
    case endpoint
    /// A value that Ocean writes in every message: `intent: proposal`, `mode: instance`, …
    case constant
    /// `use` and `type` of an address that has no content.
    case addressShell
    /// Address of an extension whose value was read.
    case extensionURL
    /// An empty object or list.
    case empty
    /// A value that a normalised bundle holds only because FHIR asks for one, and what says so.
    case filledIn

    var note: String {
        switch self {
        case .resourceType: "type of the resource; stands in original"
        case .bundleType: "kind of bundle; stands in original"
        case .bundleTotal: "number of entries; stands in original"
        case .profile: "profile; stands in original"
        case .fullURL: "address within the bundle; stands in original"
        case .resourceID: "id within the bundle; stands in original"
        case .reference: "reference within the bundle, followed; stands in original"
        case .impliedSystem: "implied by the canonical field; stands in original"
        case .endpoint: "address from the settings; stands in original"
        case .constant: "the same in every message; stands in original"
        case .addressShell: "address without content; stands in original"
        case .extensionURL: "address of an extension that was read; stands in original"
        case .empty: "holds nothing; stands in original"
        case .filledIn: "filled in because FHIR asks for it; stands in original"
        }
    }

    /// Values that Ocean writes in every message, by `Type.member`.
    static let constants: [String: Set<String>] = [
        "ServiceRequest.status": ["active"],
        "ServiceRequest.intent": ["proposal", "order"],
        "Task.intent": ["order", "plan", "proposal"],
        "Location.mode": ["instance"],
        "Location.address.type": ["physical"],
        "MessageHeader.source.name": ["Ocean"],
        "Appointment.participant.required": ["required"], "Appointment.participant.type": ["LOC"],
        // Never in the bundle: Ocean itself, in 0.10.0.
        "MessageHeader.sender": ["Organization/cognisant-md"],
    ]
}

extension SourceCursor {
    /// Passes over a member whose text is one of the constants listed for `path`.
    func passConstant(_ name: String, _ path: String) {
        guard let child = self[name], let text = child.value.stringValue,
            StructuralNoise.constants[path]?.contains(text) == true
        else { return }
        child.structural(.constant)
    }
}
