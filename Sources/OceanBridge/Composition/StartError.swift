// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

/// Why a process could not start: names the part and the remedy.
package struct StartError: Error, Sendable, CustomStringConvertible {
    package let part: String
    package let message: String

    package init(part: String, message: String) {
        self.part = part
        self.message = message
    }

    package var description: String { "\(part): \(message)" }
}
