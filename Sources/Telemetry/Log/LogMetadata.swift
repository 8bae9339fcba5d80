// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import Logging

/// Turns metadata into flat text members and masks what must not be told.
///
/// The first fence is that nobody logs secrets or patient data; this is the second one.
enum LogMetadata {
    static let mask = "***"

    /// Words that mask a value when one of them is part of its name, whatever the spelling (`access_token`,
    /// `clientSecret`, `x-authorization`).
    static let deniedWords: Set<String> = [
        "authorization", "token", "secret", "password", "passphrase", "credential", "credentials", "cookie", "apikey",
        "patient", "body", "payload", "hcn", "phn", "birthdate", "dob", "demographics", "note", "notes", "phone",
        "email", "given", "family", "surname",
    ]

    /// The line's own members; metadata of the same name is moved aside rather than written twice.
    private static let ownNames: Set<String> = ["time", "level", "logger", "message", "error", "truncated"]

    /// Names with dots for nesting, sorted; values as text.
    static func flatten(_ metadata: Logger.Metadata) -> [(name: String, text: String)] {
        var output: [(name: String, text: String)] = []
        for (name, value) in metadata.sorted(by: { $0.key < $1.key }) {
            append(ownNames.contains(name) ? "metadata." + name : name, value, depth: 0, to: &output)
        }
        return output
    }

    private static func append(
        _ name: String, _ value: Logger.MetadataValue, depth: Int, to output: inout [(name: String, text: String)]
    ) {
        if isDenied(name) {
            output.append((name, mask))
            return
        }
        switch value {
        case .string(let text): output.append((name, text))
        case .stringConvertible(let value): output.append((name, value.description))
        case .dictionary(let members):
            guard depth < 8 else {
                output.append((name, mask))
                return
            }
            for (inner, value) in members.sorted(by: { $0.key < $1.key }) {
                append(name + "." + inner, value, depth: depth + 1, to: &output)
            }
        case .array(let values):
            guard depth < 8 else {
                output.append((name, mask))
                return
            }
            for (index, value) in values.enumerated() {
                append(name + "." + String(index), value, depth: depth + 1, to: &output)
            }
        }
    }

    static func isDenied(_ name: String) -> Bool {
        let words = words(of: name)
        if words.contains(where: { deniedWords.contains($0) }) { return true }
        // `api_key` and `birth_date` are two words each.
        return zip(words, words.dropFirst()).contains { deniedWords.contains($0 + $1) }
    }

    /// `x-clientSecret_2` has the words x, client, secret and 2.
    private static func words(of name: String) -> [String] {
        var words: [String] = []
        var word: [UInt8] = []
        var lastWasLower = false
        func isUpper(_ byte: UInt8) -> Bool { (0x41...0x5A).contains(byte) }
        for byte in name.utf8 {
            let isLower = (0x61...0x7A).contains(byte) || (0x30...0x39).contains(byte)
            guard isLower || isUpper(byte) else {
                if !word.isEmpty { words.append(String(decoding: word, as: UTF8.self)) }
                word = []
                lastWasLower = false
                continue
            }
            if isUpper(byte), lastWasLower {
                words.append(String(decoding: word, as: UTF8.self))
                word = []
            }
            word.append(isUpper(byte) ? byte | 0x20 : byte)
            lastWasLower = isLower
        }
        if !word.isEmpty { words.append(String(decoding: word, as: UTF8.self)) }
        return words
    }
}
