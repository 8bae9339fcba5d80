// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

/// A binding key of a topic exchange: words parted by dots, `*` stands for exactly one word and `#` for none or more
/// (AMQP 0-9-1 specification, §3.1.3.3).
struct TopicPattern: Sendable, Hashable {
    private let words: [String]

    init(_ text: String) {
        words = Self.words(of: text)
    }

    /// Splits a key at its dots. The empty key has no words; two dots in a row hold an empty word.
    static func words(of key: String) -> [String] {
        key.isEmpty ? [] : key.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
    }

    func matches(_ key: String) -> Bool {
        matches(words: Self.words(of: key))
    }

    /// Walks both sides once and falls back to the latest `#` only, so that no pattern costs more than
    /// pattern × key steps.
    func matches(words key: [String]) -> Bool {
        var patternIndex = 0
        var keyIndex = 0
        var hash: (pattern: Int, key: Int)?
        while keyIndex < key.count {
            if patternIndex < words.count, words[patternIndex] == "#" {
                hash = (patternIndex, keyIndex)
                patternIndex += 1
            } else if patternIndex < words.count, words[patternIndex] == "*" || words[patternIndex] == key[keyIndex] {
                patternIndex += 1
                keyIndex += 1
            } else if let latest = hash {
                hash = (latest.pattern, latest.key + 1)
                patternIndex = latest.pattern + 1
                keyIndex = latest.key + 1
            } else {
                return false
            }
        }
        return words[patternIndex...].allSatisfy { $0 == "#" }
    }
}
