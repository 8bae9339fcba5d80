// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Embedded

@Suite("Topic patterns")
struct TopicPatternTests {
    @Test(
        "a pattern matches the keys that AMQP says it does",
        arguments: [
            ("", "", true), ("", "a", false), ("a", "", false), ("#", "", true), ("*", "", false), ("#.#", "", true),
            ("*", "a", true), ("*", "a.b", false), ("a.*", "a.b", true), ("a.*", "a", false), ("a.#", "a", true),
            ("a.#", "a.b.c", true), ("#.c", "a.b.c", true), ("#.c", "a.c.b", false), ("a.#.c", "a.c", true),
            ("a.#.c.#.e", "a.b.c.c.d.e", true), ("a.#.c.#.e", "a.b.d.e", false), ("#.a.#.a", "a.a", true),
            ("#.a.#.a", "a", false), ("*.#.*", "a.b", true), ("*.#.*", "a", false), ("#.*.b", "b", false),
            ("#.*.b", "a.b.b", true), ("a..b", "a..b", true), ("a.*.b", "a..b", true), ("a.b", "a.b.", false),
        ] as [(String, String, Bool)])
    func table(_ pattern: String, _ key: String, _ matches: Bool) {
        #expect(TopicPattern(pattern).matches(key) == matches)
    }

    @Test("matching agrees with the definition on every short key and pattern")
    func exhaustive() {
        for pattern in Self.sequences(of: ["a", "b", "*", "#"], upTo: 4) {
            for key in Self.sequences(of: ["a", "b"], upTo: 4) {
                #expect(
                    TopicPattern(pattern.joined(separator: ".")).matches(words: key)
                        == Self.definition(pattern[...], key[...]), "\(pattern) \(key)")
            }
        }
    }

    @Test("a hostile pattern costs no more than pattern times key")
    func hostile() {
        let pattern = TopicPattern(Array(repeating: "#.a", count: 30).joined(separator: ".") + ".b")
        #expect(!pattern.matches(Array(repeating: "a", count: 120).joined(separator: ".")))
    }

    /// The definition, word by word, with no thought for cost.
    private static func definition(_ pattern: ArraySlice<String>, _ key: ArraySlice<String>) -> Bool {
        guard let first = pattern.first else { return key.isEmpty }
        if first == "#" {
            return definition(pattern.dropFirst(), key) || (!key.isEmpty && definition(pattern, key.dropFirst()))
        }
        guard let word = key.first, first == "*" || first == word else { return false }
        return definition(pattern.dropFirst(), key.dropFirst())
    }

    private static func sequences(of words: [String], upTo length: Int) -> [[String]] {
        var all: [[String]] = [[]]
        var latest = all
        for _ in 0..<length {
            latest = latest.flatMap { start in words.map { start + [$0] } }
            all += latest
        }
        return all
    }
}
