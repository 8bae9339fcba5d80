// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import Testing

@testable import DataSource

@Suite("Data documents")
struct DocumentTests {
    private static let time = Timestamp(milliseconds: 1_767_225_600_000)

    private static func code(_ text: String, upTo limit: Int = 1000) -> DataSourceError.Code? {
        do throws(DataSourceError) {
            _ = try DataDocument(Array(text.utf8), upTo: limit, loadedAt: time)
            return nil
        } catch {
            return error.code
        }
    }

    @Test("any JSON is taken, byte for byte")
    func json() throws {
        for text in ["{\"n\": 1.00}", "[]", "\"words\"", "null", " 1e2\n"] {
            let document = try DataDocument(Array(text.utf8), upTo: 1000, loadedAt: Self.time)
            #expect(document.body == Array(text.utf8))
        }
    }

    @Test("the entity tag is the SHA-256 of the bytes")
    func entityTag() throws {
        let document = try DataDocument(Array("{}".utf8), upTo: 10, loadedAt: Self.time)
        #expect(document.entityTag == "\"44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a\"")
        #expect(try DataDocument(Array("{ }".utf8), upTo: 10, loadedAt: Self.time).entityTag != document.entityTag)
    }

    @Test(
        "what is not JSON is refused",
        arguments: ["", "{", "{\"a\":1,}", "{\"a\":1,\"a\":2}", "<html>", "\u{FEFF}{}", "{} {}", "NaN"])
    func broken(_ text: String) {
        #expect(Self.code(text) == .notJSON)
    }

    @Test("a document may be as long as the limit and no longer")
    func size() {
        #expect(Self.code("[1234567]", upTo: 9) == nil)
        #expect(Self.code("[12345678]", upTo: 9) == .tooLarge)
    }

    @Test("a long document is checked as a short one is")
    func long() async throws {
        let good = Array(("[\"" + String(repeating: "x", count: 200_000) + "\"]").utf8)
        let document = try await DataDocument.checked(good, upTo: 1 << 20, loadedAt: Self.time)
        #expect(document == (try DataDocument(good, upTo: 1 << 20, loadedAt: Self.time)))
        let error = await #expect(throws: DataSourceError.self) {
            _ = try await DataDocument.checked(good.dropLast() + [0x20], upTo: 1 << 20, loadedAt: Self.time)
        }
        #expect(error?.code == .notJSON)
    }

    @Test("the error names the place and nothing of what stands there")
    func secrecy() {
        do throws(DataSourceError) {
            _ = try DataDocument(Array("{\"name\": Testpatient}".utf8), upTo: 1000, loadedAt: Self.time)
            Issue.record("must be refused")
        } catch {
            #expect(!error.message.contains("Testpatient"))
            #expect(error.message.contains("1"))
        }
    }
}
