// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import Launch
import Testing

@Suite("The query of a launch address")
struct LaunchQueryTests {
    private let names: Set<String> = ["lang", "ref", "é"]

    private func read(_ text: String) throws -> LaunchQuery { try #require(LaunchQuery(text, names: names)) }

    @Test("only what was asked for by name is read")
    func allowList() throws {
        let query = try read("lang=fr&patient=Somebody&ref=r-1&hcn=1234567897&Lang=xx")
        #expect(query.values == ["lang": .text("fr"), "ref": .text("r-1")])
        #expect(query.unusableCount == 0)
    }

    @Test("escapes are undone once, in names too")
    func escapes() throws {
        #expect(try read("l%61ng=a%20b+c").text("lang") == "a b c")
        #expect(try read("lang=%2541").text("lang") == "%41")
        #expect(try read("%C3%A9=%E2%82%AC").text("é") == "€")
        #expect(try read("lang=a=b=c").text("lang") == "a=b=c")
    }

    @Test(
        "a value that may mean two things is not usable",
        arguments: [
            "lang=fr&lang=en", "lang=%0D%0ASet-Cookie:%20a=b", "lang=%00", "lang=a%0", "lang=%zz", "lang=%",
            "lang=%FF%FE", "lang=%C0%AF", "lang=%ED%A0%80", "lang=a%7F", "lang=a%C2%85", "lang=%E2%80%AE",
            "lang=%E2%80%A8",
            "lang=%EF%BB%BFfr", "lang=%E2%80%8Bfr", "lang=" + String(repeating: "a", count: 257),
            "lang=" + String(repeating: "%C3%A9", count: 129), "lang=fr&l%61ng=en", "lang=%0a&lang=fr",
        ])
    func unusable(text: String) throws {
        let query = try read(text + "&ref=r-1")
        #expect(query.values["lang"] == .unusable)
        #expect(query.text("lang") == nil)
        #expect(query.text("ref") == "r-1")
        #expect(query.unusableCount == 1)
    }

    @Test("the same value twice is one value; an empty one is none")
    func repeated() throws {
        #expect(try read("lang=fr&lang=fr").text("lang") == "fr")
        #expect(try read("lang=&ref").values.isEmpty)
        #expect(try read("lang=&lang=fr").text("lang") == "fr")
        #expect(try read("").values.isEmpty)
        #expect(try read("&&&=&==&=x").values.isEmpty)
    }

    @Test("the longest value that is taken has 256 bytes, the longest query 8192")
    func limits() throws {
        let longest = String(repeating: "a", count: 256)
        #expect(try read("lang=\(longest)").text("lang") == longest)
        let filler = "lang=fr&x=" + String(repeating: "y", count: 8192)
        #expect(LaunchQuery(String(filler.prefix(8192)), names: names)?.text("lang") == "fr")
        #expect(LaunchQuery(String(filler.prefix(8193)), names: names) == nil)
        #expect(LaunchQuery(String(repeating: "lang=1&", count: 1170), names: names)?.text("lang") == "1")
    }
}
