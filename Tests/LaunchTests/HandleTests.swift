// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import Testing

@testable import Launch

@Suite("Launch handles and proofs")
struct HandleTests {
    private let signer = HandleSigner(secret: Array("0123456789abcdef".utf8))
    private let now = Timestamp(milliseconds: 1_767_225_600_000)

    @Test("a handle reads back until its end, for its application only")
    func reads() throws {
        let end = now.advanced(by: .seconds(60))
        let (handle, key) = signer.issue(for: "a", until: end)
        #expect(handle.utf8.count == 98)
        #expect(handle.utf8.allSatisfy { LaunchAddress.isUnreserved($0) })
        #expect(try signer.read(handle, for: ["b", "a"], now: now) == .init(application: "a", key: key))
        let last = end.advanced(by: .milliseconds(-1))
        #expect(try signer.read(handle, for: ["a"], now: last).key == key)
        #expect(throws: HandleSigner.Fault.expired) { try signer.read(handle, for: ["a"], now: end) }
        #expect(throws: HandleSigner.Fault.forged) { try signer.read(handle, for: ["b"], now: now) }
        #expect(throws: HandleSigner.Fault.forged) { try signer.read(handle, for: [String](), now: now) }
        let other = HandleSigner(secret: Array("fedcba9876543210".utf8))
        #expect(throws: HandleSigner.Fault.forged) { try other.read(handle, for: ["a"], now: now) }
    }

    @Test("no two handles are alike, and none shows its key")
    func unique() {
        let made = (0..<200).map { _ in signer.issue(for: "a", until: now) }
        #expect(Set(made.map(\.handle)).count == 200)
        #expect(Set(made.map(\.key)).count == 200)
        #expect(made.allSatisfy { !$0.handle.contains($0.key) })
    }

    @Test("a handle with any character changed, added or missing is forged")
    func everyCharacter() {
        let (handle, _) = signer.issue(for: "a", until: now.advanced(by: .seconds(60)))
        let characters = Array(handle)
        for index in characters.indices {
            for other in ["A", "Q", "_", "~", "="] where String(characters[index]) != other {
                var changed = characters
                changed[index] = Character(other)
                #expect(throws: HandleSigner.Fault.forged) {
                    try signer.read(String(changed), for: ["a"], now: now)
                }
            }
        }
        for wrong in [
            "", "A", String(characters.dropLast()), handle + "A", handle + "==", String(repeating: "A", count: 98),
            String(repeating: "A", count: 100_000), "é", "%00",
        ] {
            #expect(throws: HandleSigner.Fault.forged) { try signer.read(wrong, for: ["a"], now: now) }
        }
    }

    @Test("base 64 has one spelling for each content")
    func base64() {
        #expect(Base64URL.text([]) == "")
        #expect(Base64URL.text(Array("foobar".utf8)) == "Zm9vYmFy")
        #expect(Base64URL.text([0xFB, 0xFF]) == "-_8")
        #expect(Base64URL.bytes("-_8") == [0xFB, 0xFF])
        #expect(Base64URL.bytes("-_9") == nil)
        #expect(Base64URL.bytes("A") == nil)
        #expect(Base64URL.bytes("+/8") == nil)
    }

    @Test("the example of RFC 7636, appendix B")
    func challenge() throws {
        let verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
        let text = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
        #expect(CodeChallenge(verifier: verifier).text == text)
        let challenge = try #require(CodeChallenge(text))
        #expect(challenge.matches(verifier))
        for wrong in [nil, "", text, verifier + "A", String(verifier.dropLast()), verifier.lowercased()] {
            #expect(!challenge.matches(wrong))
        }
    }

    @Test("a verifier of fewer than 43 or of other characters matches nothing, its own challenge included")
    func verifierForm() {
        for wrong in [
            String(repeating: "a", count: 42), String(repeating: "a", count: 129),
            String(repeating: "a", count: 42) + "+",
            String(repeating: "é", count: 50),
        ] {
            #expect(!CodeChallenge(verifier: wrong).matches(wrong))
        }
        let longest = String(repeating: "a", count: 128)
        #expect(CodeChallenge(verifier: longest).matches(longest))
    }

    @Test("a challenge of another form is none")
    func challengeForm() {
        let good = CodeChallenge(verifier: String(repeating: "a", count: 43)).text
        #expect(CodeChallenge(good) != nil)
        for wrong in ["", String(good.dropLast()), good + "A", good + "=", String(repeating: "!", count: 43)] {
            #expect(CodeChallenge(wrong) == nil)
        }
    }
}
