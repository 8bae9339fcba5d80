// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import JSON

/// Puts what the model could not hold back to where it came from.
struct UnmappedWriting {
    let log: WritingLog
    /// First names of places that are not restored.
    var blocked: Set<String> = []
    /// With encryption: old ciphertext does not belong under a new key.
    var dropsCiphertext = false

    /// - Parameter strips: first names that are left out of a place.
    func restore(_ unmapped: [Unmapped], from source: String, into target: inout JSONValue, strips: Set<String> = []) {
        for (index, value) in unmapped.enumerated() {
            guard value.path.hasPrefix("/"), let pointer = try? JSONPointer(value.path) else { continue }
            var tokens = pointer.tokens[...]
            if let first = tokens.first, strips.contains(first) { tokens = tokens.dropFirst() }
            guard let first = tokens.first, !blocked.contains(first), !tokens.contains("(decrypted)"),
                !(dropsCiphertext && tokens.contains { $0.hasPrefix("encrypted") || $0.hasPrefix("oneTimeKey") }),
                Self.place(value.value, at: tokens, in: &target)
            else { continue }
            log.wrote("\(source)/\(index)", to: JSONPointer(tokens: Array(tokens)).description)
        }
    }

    /// Never overwrites, and makes only objects on the way: an element that is not there has no place.
    private static func place(_ value: JSONValue, at tokens: ArraySlice<String>, in target: inout JSONValue) -> Bool {
        guard let token = tokens.first else { return false }
        let rest = tokens.dropFirst()
        switch target {
        case .object(var object):
            guard let next = rest.first else {
                guard object[token] == nil else { return false }
                object[token] = value
                target = .object(object)
                return true
            }
            guard object[token] != nil || Int(next) == nil else { return false }
            var child = object[token] ?? .object(JSONObject())
            guard place(value, at: rest, in: &child) else { return false }
            object[token] = child
            target = .object(object)
            return true
        case .array(var elements):
            guard let index = Int(token), elements.indices.contains(index),
                place(value, at: rest, in: &elements[index])
            else { return false }
            target = .array(elements)
            return true
        default:
            return false
        }
    }
}
