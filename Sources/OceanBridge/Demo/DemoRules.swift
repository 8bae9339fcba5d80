// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials

/// The files of the demo's CDS rules, as a hospital would write them.
extension DemoScript {
    private static let ruleFiles = [
        "required-answers.json": #"""
        { "services": [ { "service": "IMAGING", "form": "quickReferral",
            "answers": [ { "linkId": "interpreter", "label": "Interpreter needed" } ] } ] }
        """#,
        "listing-state.json": #"""
        { "longestWait": { "weeks": 26 }, "services": [ { "service": "ORTHOPAEDICS", "wait": { "weeks": 30 } } ] }
        """#,
        "exclusion-criteria.json": #"""
        { "services": [ { "service": "ORTHOPAEDICS", "criteria": [ { "id": "urgent", "indicator": "critical",
            "text": "Orthopaedics takes no urgent referrals here: call the surgeon on duty.",
            "when": { "priority": { "oneOf": ["urgent", "asap", "stat"] } } } ] } ] }
        """#,
    ]

    /// Writes them beside the bus and the store.
    static func writeRules(to directory: String) throws {
        try FileManager.default.createDirectory(
            atPath: directory, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        for (name, text) in ruleFiles {
            try Data(text.utf8).write(to: URL(fileURLWithPath: directory + "/" + name))
        }
    }
}
