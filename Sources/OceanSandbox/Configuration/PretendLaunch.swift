// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

package import BridgeCore

/// A Referral System Launch of the portal: where the sender's browser goes after a referral was sent.
package struct PretendLaunch: JSONRecord {
    /// How listings name it.
    package var name = ""
    package var companyName = ""
    package var applicationName = ""
    package var category: String?
    /// The portal's Base launch URL.
    package var url = ""
    /// Whether Ocean shows it in a frame, instead of sending the browser there.
    package var embeds = false

    package init() {}

    package init(name: String, companyName: String, applicationName: String, url: String, embeds: Bool = false) {
        self.name = name
        self.companyName = companyName
        self.applicationName = applicationName
        self.url = url
        self.embeds = embeds
    }

    package static let fields: [Field<PretendLaunch>] = [
        .required("name", \.name), .required("companyName", \.companyName),
        .required("applicationName", \.applicationName), .optional("category", \.category), .required("url", \.url),
        .flag("iframe", \.embeds),
    ]

    /// - Throws: `SandboxConfigurationError` for an address that no browser could be sent to.
    func check() throws(SandboxConfigurationError) {
        guard ["https://", "http://"].contains(where: { url.hasPrefix($0) }),
            url.utf8.allSatisfy({ (0x21...0x7E).contains($0) && $0 != 0x22 })
        else { throw .init("launches[].url", "must begin with https:// or http:// and have no spaces or quotes") }
    }

    /// The address of a referral's launch. Which parameters Ocean adds is not published: these are assumed, and others
    /// are added by no scenario.
    func address(of referral: SandboxReferral, at listing: PretendListing) -> String {
        var items = [
            ("referralRef", referral.reference), ("siteNum", referral.site), ("listingRef", listing.reference),
        ]
        if let service = listing.externalServiceID { items.append(("externalServiceId", service)) }
        return url + (url.contains("?") ? "&" : "?") + FormText.encode(items)
    }

    /// Scheme, host and port.
    var origin: String {
        url.split(separator: "/", maxSplits: 3, omittingEmptySubsequences: false).prefix(3).joined(separator: "/")
            .split(separator: "?")[0].description
    }
}
