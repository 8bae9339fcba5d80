// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import FHIR
import JSON

/// The bundle and its MessageHeader.
struct UpdateEnvelope {
    let draft: UpdateDraft
    let event: EventCode

    private var context: UpdateContext { draft.context }

    /// The resources of the update stand before those that are echoed, and in their place where they have their id.
    func bundle(_ content: UpdateContent) -> JSONValue {
        let author = draft.author
        let header = header(focus: content.resources.prefix(content.focusCount), author: author)
        var resources = [header] + content.resources
        if let author, !resources.contains(where: { $0["id"] == author["id"] }) { resources.append(author) }
        var entries = resources.map { entry($0, fullURL: nil) }
        var taken = Set(resources.map(\.updateReference))
        for echoed in draft.received?.entries ?? [] where taken.insert(echoed.resource.updateReference).inserted {
            entries.append(entry(echoed.resource, fullURL: echoed.fullURL))
        }
        var bundle = ElementBuilder()
        bundle.put("resourceType", text: "Bundle")
        bundle.put("id", text: draft.id("Bundle"))
        bundle.put("type", text: "message")
        bundle.put("timestamp", text: draft.time)
        bundle.put("entry", .array(entries))
        return bundle.json
    }

    /// - Parameter fullURL: of a received resource, so that references to it hold.
    private func entry(_ resource: JSONObject, fullURL: String?) -> JSONValue {
        guard context.dialect != .fhir0100, let id = resource["id"]?.stringValue else {
            return ["resource": .object(resource)]
        }
        if let fullURL { return ["fullUrl": .string(fullURL), "resource": .object(resource)] }
        // An id of the hospital's own need not be a UUID; the address must be.
        let type = resource["resourceType"]?.stringValue ?? ""
        let uuid = id.isCanonicalUUID ? id : UUIDv5.make(namespace: UpdateIdentity.namespace, name: "\(type)/\(id)")
        return ["fullUrl": .string("urn:uuid:\(uuid)"), "resource": .object(resource)]
    }

    private func header(focus: ArraySlice<JSONObject>, author: JSONObject?) -> JSONObject {
        var header = draft.resource("MessageHeader", id: draft.id("MessageHeader"))
        header.put("extension", .array(referenceExtensions))
        header.put(
            "eventCoding",
            [
                "system": .string(NamingSystem.eventCode), "code": .string(event.rawValue),
                "display": .string(event.rawValue),
            ])
        header.put(
            "destination",
            [["name": "Ocean", "endpoint": .string("\(context.oceanHost)/svc/fhir/v1/$process-messages")]])
        // Not in the bundle, as in the messages of Ocean's own integrator: a system has no resource here.
        header.put("sender", ["reference": "Organization/ocean-bridge", "display": "Ocean Bridge"])
        if let author { header.put("author", ["reference": .string(author.updateReference)]) }
        header.put("source", ["name": "Ocean Bridge", "endpoint": .string(context.sourceEndpoint)])
        header.put("focus", .array(focus.map { ["reference": .string($0.updateReference)] }))
        return header.object
    }

    private var referenceExtensions: [JSONValue] {
        let identifier: JSONValue = [
            "url": .string(ExtensionURL.referralIdentifier), "valueIdentifier": draft.referralIdentifier,
        ]
        let string: JSONValue = [
            "url": .string(ExtensionURL.headerReference), "valueString": .string(draft.update.referral),
        ]
        if context.dialect == .fhir0100 { return [string] }
        return switch context.conventions.headerReference {
        case .identifier: [identifier]
        case .string: [string]
        case .both: [identifier, string]
        }
    }
}

extension UpdateDraft {
    /// Who did it in the hospital, as a role that holds nothing but the name.
    var author: JSONObject? { person(update.actor ?? update.senderName) }

    /// A PractitionerRole for a person of whom only the name is known.
    func person(_ name: String?) -> JSONObject? {
        guard let name, !name.isEmpty else { return nil }
        var role = resource("PractitionerRole", id: id("PractitionerRole/\(name)"))
        role.put(
            "identifier",
            [["system": .string("\(context.sourceEndpoint)/NamingSystem/sender"), "value": .string(name)]])
        role.put("practitioner", ["display": .string(name)])
        return role.object
    }
}

extension JSONObject {
    /// `Type/id` of a resource.
    var updateReference: String {
        "\(self["resourceType"]?.stringValue ?? "")/\(self["id"]?.stringValue ?? "")"
    }
}

extension String {
    /// 8-4-4-4-12 lower-case hexadecimal digits.
    var isCanonicalUUID: Bool {
        guard utf8.count == 36 else { return false }
        return utf8.enumerated().allSatisfy { offset, byte in
            switch offset {
            case 8, 13, 18, 23: byte == 0x2D
            default: (0x30...0x39).contains(byte) || (0x61...0x66).contains(byte)
            }
        }
    }
}
