// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeTestKit
import Foundation

/// What the doc comments of the canonical model say of each field, by `Record.field`.
enum FieldNotes {
    private static let files = [
        "Referral/Referral.swift", "Referral/Patient.swift", "Referral/Content.swift", "Referral/DataTypes.swift",
        "Message/CanonicalMessage.swift", "Message/Engagement.swift",
    ]

    static func read() throws -> [String: String] {
        var notes: [String: String] = [:]
        for file in files {
            let path = Fixture.path("../../Sources/BridgeCore/\(file)")
            read(try String(contentsOfFile: path, encoding: .utf8), into: &notes)
        }
        return notes
    }

    private static func read(_ text: String, into notes: inout [String: String]) {
        var record = ""
        var comment: [Substring] = []
        var members: [String: String] = [:]
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            let code = line.drop { $0 == " " }
            if code.hasPrefix("/// ") {
                comment.append(code.dropFirst(4))
                continue
            }
            if code.hasPrefix("package struct ") {
                record = String(code.dropFirst(15).prefix { $0.isLetter })
                members = [:]
            } else if code.hasPrefix("package var ") {
                let name = String(code.dropFirst(12).prefix { $0.isLetter || $0.isNumber })
                members[name] = comment.joined(separator: " ")
            }
            // `.optional("bookingUrl", \.bookingURL)`: the member's name and the property that holds it.
            for match in code.matches(of: #/\("([A-Za-z0-9]+)", \\\.([A-Za-z0-9]+)/#) {
                if let note = members[String(match.2)], !note.isEmpty { notes["\(record).\(match.1)"] = note }
            }
            comment = []
        }
    }
}
