// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import JSON

/// Puts what the model could not hold back to where it came from.
struct UnmappedWriting {
    /// Behind the name of a member whose place was taken, such as a file's placeholder name beside its decrypted one.
    static let suffix = "_original"

    /// Members that are lists in Ocean JSON or in FHIR: an element that is not there has no place.
    private static let lists: Set<String> = [
        "appointments", "externalConversation", "internalConversation", "attachments", "bookingFileRefs",
        "attachmentRefDtos", "notes", "category", "code", "services", "tags", "entry",
    ]

    let log: WritingLog
    /// First names of places that are not restored.
    var blocked: Set<String> = []
    /// With encryption: old ciphertext does not belong under a new key.
    var dropsCiphertext = false

    /// Each is looked for among its neighbours: more than the limit would cost the square of their number.
    ///
    /// - Parameter strips: first names that are left out of a place.
    func restore(_ unmapped: [Unmapped], from source: String, into target: inout JSONValue, strips: Set<String> = []) {
        for (index, value) in unmapped.enumerated().prefix(Unmapped.limit) {
            guard value.path.hasPrefix("/"), let pointer = try? JSONPointer(value.path) else { continue }
            var tokens = pointer.tokens[...]
            if let first = tokens.first, strips.contains(first) { tokens = tokens.dropFirst() }
            guard let first = tokens.first, !blocked.contains(first),
                !(dropsCiphertext && tokens.contains { $0.hasPrefix("encrypted") || $0.hasPrefix("oneTimeKey") }),
                let name = Self.place(value.value, at: tokens, in: &target)
            else { continue }
            log.wrote("\(source)/\(index)", to: JSONPointer(tokens: tokens.dropLast() + [name]).description)
        }
    }

    /// Never overwrites, and makes only objects on the way.
    ///
    /// - Returns: the name of the member, which has the suffix where the name was taken; nil when there is no place.
    private static func place(_ value: JSONValue, at tokens: ArraySlice<String>, in target: inout JSONValue) -> String?
    {
        guard let token = tokens.first else { return nil }
        let rest = tokens.dropFirst()
        switch target {
        case .object(var object):
            guard let next = rest.first else {
                let name = object[token] == nil ? token : token + suffix
                guard object[name] == nil else { return nil }
                object[name] = value
                target = .object(object)
                return name
            }
            guard object[token] != nil || !(lists.contains(token) && Int(next) != nil) else { return nil }
            var child = object[token] ?? .object(JSONObject())
            guard let name = place(value, at: rest, in: &child) else { return nil }
            object[token] = child
            target = .object(object)
            return name
        case .array(var elements):
            guard !rest.isEmpty, let index = Int(token), elements.indices.contains(index),
                let name = place(value, at: rest, in: &elements[index])
            else { return nil }
            target = .array(elements)
            return name
        default:
            return nil
        }
    }
}
