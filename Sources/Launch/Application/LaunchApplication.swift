// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

/// A hospital application to which Ocean sends browsers: what Ocean's portal calls a Referral System Launch.
package struct LaunchApplication: Sendable, Hashable {
    /// The key in the settings and the last part of the launch address.
    package let name: String
    /// For people, as typed into the portal.
    package let companyName: String
    /// For people, as typed into the portal.
    package let applicationName: String
    package let target: LaunchTarget
    /// The browser stays on a page of ours that holds the application in a frame, and Ocean may hold that page.
    package var embeds = false
    /// Scheme, host and port of the only site that may hold our page in a frame: Ocean's.
    package var frameAncestor: String
    /// Names that are taken from the launch address.
    package var parameters: Set<String> = []
    package var correlation = CorrelationNames()
    /// The Ocean site whose referrals the application may see; nil for any.
    package var site: String?
    /// External Service IDs that are believed from the address of a launch without a known referral.
    package var services: Set<String> = []
    /// How long a handle is good.
    package var handleLifetime: Duration = .seconds(60)
    /// The application has no secret: who begins must bring an S256 challenge, who exchanges its verifier.
    package var requiresChallenge = false
    /// Launches a minute with a known referral, and as many without one; in this process.
    package var launchesPerMinute = 300

    package init(
        name: String, companyName: String, applicationName: String, target: LaunchTarget, frameAncestor: String
    ) {
        self.name = name
        self.companyName = companyName
        self.applicationName = applicationName
        self.target = target
        self.frameAncestor = frameAncestor
    }
}

/// Under which names a launch address may carry which id. What Ocean really sends is not published, so each is a list.
package struct CorrelationNames: Sendable, Hashable {
    /// A referral reference.
    package var referral = ["referralRef", "ref"]
    /// A site number.
    package var site = ["siteNum"]
    /// An External Service ID.
    package var service = ["externalServiceId"]

    package init() {}

    package var all: Set<String> { Set(referral + site + service) }
}

/// Why a launch cannot be set up.
package struct LaunchError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What is wrong with the address and the remedy.
    package let message: String

    init(_ message: String) {
        self.message = message
    }

    package var description: String { message }
}
