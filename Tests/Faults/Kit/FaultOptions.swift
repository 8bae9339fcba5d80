// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import Glibc

/// What a run does.
package struct FaultOptions: Sendable {
    /// Webhooks and updates together.
    package var messages = 50_000
    package var kills = 200
    package var seed: UInt64 = 1
    /// The program under test.
    package var binary: String
    /// Logs, settings and the journal go here and stay; nil: a temporary directory that is removed.
    package var keep: String?
    /// Worker processes.
    package var workers = 2
    /// Longest pause between two kills, in milliseconds; the shortest is a tenth of it.
    package var pause = 8000
    /// Referrals of which webhooks are sent at once.
    package var lanes = 48
    package var showsProgress = false
    /// A shortened run, for the test suite.
    package var isShort = false

    var partitions = 4
    var prefetch = 32
    /// Lines under `workers:` of the settings file.
    var workerSettings: [String] = []

    package init(binary: String? = nil) {
        self.binary = binary ?? Self.besideThisProgram()
    }

    /// One update in ten messages.
    var updates: Int { messages / 10 }
    var webhooks: Int { messages - updates }

    /// The debug build of the bridge that was made together with this program.
    private static func besideThisProgram() -> String {
        var buffer = [CChar](repeating: 0, count: 4096)
        let count = readlink("/proc/self/exe", &buffer, buffer.count)
        let own = String(decoding: buffer.prefix(max(0, count)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
        return own.split(separator: "/").dropLast().map { "/\($0)" }.joined() + "/ocean-bridge"
    }
}
