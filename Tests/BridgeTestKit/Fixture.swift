// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials

/// Files of `Tests/Fixtures`: payloads with invented people.
package enum Fixture {
    /// The path of `name` (`ocean-json/referral-decrypted.json`).
    package static func path(_ name: String) -> String {
        let folder = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(2)
        return folder.joined(separator: "/") + "/Fixtures/" + name
    }

    /// - Throws: Foundation's error when the file cannot be read.
    package static func bytes(_ name: String) throws -> [UInt8] {
        Array(try Data(contentsOf: URL(filePath: path(name))))
    }
}
