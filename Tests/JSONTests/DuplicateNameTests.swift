// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import JSON
import Testing

@Suite("Duplicate names")
struct DuplicateNameTests {
    @Test(
        "a name that stands twice is rejected where it stands again, whatever its spelling",
        arguments: [
            (#"{"a":1,"a":2}"#, 7), (#"{"a":1,"\u0061":2}"#, 7), (#"{"\u0061":1,"a":2}"#, 12),
            (#"{"\u0061":1,"\u0061":2}"#, 12), (#"{"":1,"":2}"#, 6), (#"{"/":1,"\/":2}"#, 7),
            (#"{"😀":1,"\ud83d\ude00":2}"#, 10), (#"{"o":{"a":1,"b":{},"a":2}}"#, 19),
            (#"[{"a":1},{"longer than a word":1,"b":{"x":1},"longer than a word":2}]"#, 45),
        ])
    func rejects(text: String, offset: Int) {
        #expect(failure(text)?.code == .duplicateKey)
        #expect(failure(text)?.offset == offset)
    }

    @Test(
        "the same name in different objects, and names that only look alike, are fine",
        arguments: [
            #"{"a":{"a":1},"b":{"a":1}}"#, #"[{"a":1},{"a":2}]"#, #"{"a":1,"A":2}"#, #"{"a":1,"a ":2}"#,
            #"{"a":1,"\u0000a":2}"#, #"{"a":1,"\\u0061":2}"#, #"{"abcdefgh":1,"abcdefghi":2,"abcdefgh\u0000":3}"#,
            #"{"abcdefgh1abcdefgh":1,"abcdefgh2abcdefgh":2}"#,
        ])
    func accepts(text: String) {
        #expect(failure(text) == nil)
    }

    @Test("large objects are checked too", arguments: [15, 16, 17, 18, 40, 3_000])
    func checksLargeObjects(count: Int) {
        var members = (0..<count).map { "\"name\($0)\":{\"name1\":0}" }
        #expect(failure("{" + members.joined(separator: ",") + "}") == nil)
        members.append("\"\\u006eame3\":1")
        let text = "{" + members.joined(separator: ",") + "}"
        #expect(failure(text)?.code == .duplicateKey)
        #expect(failure(text)?.offset == members.dropLast().reduce(1) { $0 + $1.utf8.count + 1 })
    }

    @Test("of several duplicates in a large object the first is named")
    func namesFirst() {
        let members = (0..<20).map { "\"n\($0)\":0" } + ["\"n7\":1", "\"n2\":1", "\"n7\":2"]
        let text = "{" + members.joined(separator: ",") + "}"
        #expect(failure(text)?.offset == members.prefix(20).reduce(1) { $0 + $1.utf8.count + 1 })
    }

    @Test("names made to look alike to a hash cost no quadratic time", .timeLimit(.minutes(15)))
    func withstandsCollisions() {
        // The length and both ends agree: whoever knows the hash sends these.
        let names = (0..<20_000).map { number in
            let middle = String(number + 100_000)
            return "\"prefix__\(middle)__suffix\":0"
        }
        #expect(failure("{" + names.joined(separator: ",") + "}") == nil)
        #expect(failure("{" + (names + [names[9_999]]).joined(separator: ",") + "}")?.code == .duplicateKey)
    }
}
