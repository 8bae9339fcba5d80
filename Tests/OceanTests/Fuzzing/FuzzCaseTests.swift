// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeTestKit
import Foundation
import Testing

/// What fuzzing found, and what it starts from.
@Suite("Fuzzed inputs")
struct FuzzCaseTests {
    private static func files(in folder: String) throws -> [URL] {
        let url = URL(filePath: Fixture.path("../Fuzzing/\(folder)"))
        guard FileManager.default.fileExists(atPath: url.path) else { return [] }
        return try FileManager.default.contentsOfDirectory(at: url, includingPropertiesForKeys: nil)
            .filter { !$0.lastPathComponent.hasPrefix(".") }.sorted { $0.path < $1.path }
    }

    @Test("no input that the fuzzer ever found does harm again", arguments: FuzzTarget.allCases)
    func cases(_ target: FuzzTarget) throws {
        for file in try Self.files(in: "cases/\(target.rawValue)") {
            let flaws = target.flaws(in: Array(try Data(contentsOf: file)))
            #expect(flaws == [], "\(file.lastPathComponent)")
        }
    }

    @Test("the corpus does no harm", arguments: FuzzTarget.allCases)
    func corpus(_ target: FuzzTarget) throws {
        let files = try Self.files(in: "corpus/\(target.rawValue)")
        #expect(!files.isEmpty)
        for file in files {
            let flaws = target.flaws(in: Array(try Data(contentsOf: file)))
            #expect(flaws == [], "\(file.lastPathComponent)")
        }
    }

    @Test("no fixture does harm in any target")
    func fixtures() throws {
        let root = URL(filePath: Fixture.path(""))
        let files = FileManager.default.enumerator(at: root, includingPropertiesForKeys: nil)?.allObjects ?? []
        let fixtures = files.compactMap { $0 as? URL }.filter { $0.pathExtension == "json" }
        #expect(fixtures.count > 50)
        for file in fixtures {
            let bytes = Array(try Data(contentsOf: file))
            for target in FuzzTarget.allCases {
                #expect(target.flaws(in: bytes) == [], "\(target) \(file.lastPathComponent)")
            }
        }
    }
}
