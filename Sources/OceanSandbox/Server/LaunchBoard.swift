// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// The Referral System Launches by name; their addresses may be set after the start.
final class LaunchBoard: Sendable {
    private let launches: Mutex<[String: PretendLaunch]>

    init(_ launches: [PretendLaunch]) {
        self.launches = Mutex(Dictionary(uniqueKeysWithValues: launches.map { ($0.name, $0) }))
    }

    func set(_ launch: PretendLaunch) { launches.withLock { $0[launch.name] = launch } }

    func launch(_ name: String) -> PretendLaunch? { launches.withLock { $0[name] } }
}

/// Where Ocean would send the sender's browser.
package struct LaunchAddress: Sendable, Hashable {
    package let companyName: String
    package let applicationName: String
    package let url: String
    package let embeds: Bool
    let origin: String
}

extension SandboxWorld {
    /// Nil when the referral's listing has no launch.
    func launchAddress(of referral: SandboxReferral) -> LaunchAddress? {
        guard let listing = directory.listing(referral.listing)?.listing,
            let launch = listing.launch.flatMap({ launches.launch($0) })
        else { return nil }
        return LaunchAddress(
            companyName: launch.companyName, applicationName: launch.applicationName,
            url: launch.address(of: referral, at: listing), embeds: launch.embeds, origin: launch.origin)
    }

    /// Completes the sending of a referral as a browser in Ocean does.
    ///
    /// - Throws: `RefusedChange` for an unknown referral, or a listing without a launch.
    func launch(_ reference: String) throws(RefusedChange) -> LaunchAddress {
        guard let address = launchAddress(of: try known(reference).state) else {
            throw RefusedChange(.notFound, "The referral's listing has no Referral System Launch.")
        }
        return address
    }
}
