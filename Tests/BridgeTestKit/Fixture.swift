// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Files under Tests/Fixtures.
package enum Fixture {
    /// The path of a fixture such as `ocean-fhir/0.11.1/add-service-request.json`.
    package static func path(_ name: String) -> String {
        URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "Fixtures").appending(path: name).path
    }

    /// A fixture's bytes.
    ///
    /// - Throws: the file system's error when there is none.
    package static func bytes(_ name: String) throws -> [UInt8] {
        try Array(Data(contentsOf: URL(filePath: path(name))))
    }

    /// Names of the JSON files in a folder such as `ocean-fhir/0.11.1`, with the folder, sorted.
    package static func names(in folder: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: path(folder))
            .filter { $0.hasSuffix(".json") }.sorted().map { "\(folder)/\($0)" }
    }

    /// Whether golden files are to be written anew instead of compared (`OCEAN_BRIDGE_UPDATE_GOLDEN=1`).
    package static var isUpdatingGolden: Bool {
        ProcessInfo.processInfo.environment["OCEAN_BRIDGE_UPDATE_GOLDEN"] == "1"
    }

    /// Writes a golden file.
    package static func write(_ bytes: [UInt8], to name: String) throws {
        let target = URL(filePath: path(name))
        try FileManager.default.createDirectory(
            at: target.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(bytes).write(to: target)
    }
}
