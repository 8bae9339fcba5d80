// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

/// Everything that is wrong with the settings, found in one go.
package struct SettingsError: Error, Sendable, Hashable, CustomStringConvertible {
    package struct Problem: Sendable, Hashable, CustomStringConvertible {
        /// `ocean-bridge.yaml:12:3`, or the environment variable, or the setting's path.
        package let place: String
        /// What is wrong and what to write instead; never a secret's value.
        package let message: String

        package init(place: String, message: String) {
            self.place = place
            self.message = message
        }

        package var description: String { "\(place): \(message)" }
    }

    package let problems: [Problem]

    package init(_ problems: [Problem]) {
        self.problems = problems
    }

    package var description: String { problems.map(\.description).joined(separator: "\n") }
}
