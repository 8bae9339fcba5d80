// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import Launch

/// What to type into the Referral System Launch of Ocean's portal, by application; printed by `check`.
package enum LaunchAdvice {
    /// Empty without applications. Names of the fields are those of Ocean's help centre.
    package static func lines(_ settings: Settings) -> [String] {
        settings.launches.keys.sorted().flatMap { name -> [String] in
            guard let entry = settings.launches[name] else { return [] }
            let base = settings.publicListener.publicURL ?? "<http.public.url is not set>"
            let application = entry.application
            return [
                "launch \(name): in Ocean's portal (Activate a Referral System Launch when Sending a Referral):",
                "  Company Name: \(application.companyName)",
                "  Application Name: \(application.applicationName)",
                "  Category: \(entry.category ?? "<yours>")",
                "  Base launch URL: \(base)/launch/\(name)",
                "  Use Embedded <iframe>: \(application.embeds ? "yes" : "no")",
            ]
        }
    }
}
