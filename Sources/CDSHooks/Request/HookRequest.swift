// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

package import JSON

/// A call of a CDS service (CDS Hooks 2.0, "Calling a CDS Service"); what it does not know it leaves aside.
package struct HookRequest: Sendable {
    package let hook: String
    /// UUID of this one call.
    package let hookInstance: String
    package let userID: String
    package let patientID: String
    package let encounterID: String?
    /// As received.
    package let context: JSONValue
    private let prefetch: [PrefetchKey: PrefetchValue]

    /// - Throws: `notJSON`, `invalid`, `wrongHook`, with the JSON pointer of the place.
    package init(_ body: [UInt8], for service: HookService) throws(HookError) {
        let fields = try HookFields(body)
        hook = try fields.text("hook")
        guard hook == service.hook else {
            throw HookError(.wrongHook, at: fields.pointer("hook"), "this service answers \(service.hook) only")
        }
        hookInstance = try fields.text("hookInstance")
        guard UUIDText.isUUID(hookInstance) else {
            throw HookError(.invalid, at: fields.pointer("hookInstance"), "expected a UUID")
        }
        let context = try fields.object("context")
        userID = try context.text("userId")
        patientID = try context.text("patientId")
        encounterID = try context.optionalText("encounterId")
        // The standard asks for it; Ocean's own reference server does not read it.
        _ = try context.optionalObject("draftOrders")
        self.context = .object(context.object)
        var prefetch: [PrefetchKey: PrefetchValue] = [:]
        if let values = try fields.optionalObject("prefetch") {
            for key in PrefetchKey.allCases { prefetch[key] = try Self.state(of: key, in: values) }
        }
        self.prefetch = prefetch
    }

    package subscript(key: PrefetchKey) -> PrefetchValue { prefetch[key] ?? .absent }

    /// - Throws: `missingData` when something that the service needs did not come.
    package func check(needs: Set<PrefetchKey>) throws(HookError) {
        var missing: [PrefetchKey: PrefetchValue] = [:]
        for key in needs where self[key].resource == nil { missing[key] = self[key] }
        guard missing.isEmpty else {
            throw HookError(
                .missingData, at: JSONPointer(tokens: ["prefetch"]),
                "the service cannot decide without this data; it fetches nothing itself", missing: missing)
        }
    }

    private static func state(
        of key: PrefetchKey, in values: HookFields
    ) throws(HookError) -> PrefetchValue {
        guard let value = values.object[key.rawValue] else { return .absent }
        if value.isNull { return .empty }
        guard let type = value["resourceType"]?.stringValue else {
            throw HookError(.invalid, at: values.pointer(key.rawValue), "expected a FHIR resource or null")
        }
        return type == "OperationOutcome" ? .failed : .present(value)
    }
}

/// Members of one object of a request, read with their places.
struct HookFields {
    let object: JSONObject
    private let place: JSONPointer

    init(_ object: JSONObject, at place: JSONPointer) {
        self.object = object
        self.place = place
    }

    /// - Throws: `notJSON`, `invalid`.
    init(_ body: [UInt8]) throws(HookError) {
        let json: JSONValue
        do throws(JSONError) {
            json = try JSONValue(parsing: body)
        } catch {
            throw HookError(.notJSON, at: .root, "the body is not JSON: \(error)")
        }
        guard let object = json.objectValue else {
            throw HookError(.invalid, at: .root, "expected an object, found \(json.kindName)")
        }
        self.init(object, at: .root)
    }

    func pointer(_ name: String) -> JSONPointer { place.appending(name) }

    func text(_ name: String) throws(HookError) -> String {
        guard let text = try optionalText(name) else {
            throw HookError(.invalid, at: pointer(name), "is required: a text")
        }
        return text
    }

    func optionalText(_ name: String) throws(HookError) -> String? {
        guard let value = object[name], !value.isNull else { return nil }
        guard let text = value.stringValue, (1...Self.longestText).contains(text.utf8.count) else {
            throw HookError(.invalid, at: pointer(name), "expected a text of 1 to \(Self.longestText) bytes")
        }
        return text
    }

    func object(_ name: String) throws(HookError) -> HookFields {
        guard let fields = try optionalObject(name) else {
            throw HookError(.invalid, at: pointer(name), "is required: an object")
        }
        return fields
    }

    func optionalObject(_ name: String) throws(HookError) -> HookFields? {
        guard let value = object[name], !value.isNull else { return nil }
        guard let object = value.objectValue else {
            throw HookError(.invalid, at: pointer(name), "expected an object, found \(value.kindName)")
        }
        return HookFields(object, at: pointer(name))
    }

    /// Ids and references; FHIR's ids have 64 characters at most, behind an address.
    private static let longestText = 1024
}

/// The shape of a UUID as text (RFC 9562 §4).
enum UUIDText {
    static func isUUID(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        guard bytes.count == 36 else { return false }
        return bytes.enumerated().allSatisfy { index, byte in
            switch index {
            case 8, 13, 18, 23: byte == 0x2D
            default: (0x30...0x39).contains(byte) || (0x41...0x46).contains(byte) || (0x61...0x66).contains(byte)
            }
        }
    }
}
