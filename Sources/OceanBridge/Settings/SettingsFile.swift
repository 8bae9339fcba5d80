// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials

/// Finds and reads the settings file.
package enum SettingsFile {
    static let standardPlaces = ["ocean-bridge.yaml", "/etc/ocean-bridge/ocean-bridge.yaml"]

    /// - Parameters:
    ///   - config: the file named on the command line; nil looks at `OCEAN_BRIDGE_CONFIG`, then the standard places,
    ///     then runs on defaults and environment.
    /// - Throws: `SettingsError` when the named file cannot be read.
    package static func values(config: String?, environment: [String: String]) throws(SettingsError) -> SettingsValues {
        if let named = config ?? environment["OCEAN_BRIDGE_CONFIG"] {
            guard let text = SettingsValues.contents(ofFile: named) else {
                throw SettingsError([.init(place: named, message: "cannot be read")])
            }
            return SettingsValues(yaml: (text, named), environment: environment)
        }
        for place in standardPlaces {
            if let text = SettingsValues.contents(ofFile: place) {
                return SettingsValues(yaml: (text, place), environment: environment)
            }
        }
        return SettingsValues(yaml: nil, environment: environment)
    }
}

extension Settings {
    /// Reads a comma-separated list of roles; nil when a word is no role.
    package static func roles(_ text: String) -> Set<Role>? {
        var roles: Set<Role> = []
        for word in text.split(separator: ",") {
            guard let role = Role(rawValue: word.filter { $0 != " " }) else { return nil }
            roles.insert(role)
        }
        return roles.isEmpty ? nil : roles
    }
}
