// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

/// Sites and listings of the pretend Ocean.
struct Directory: Sendable {
    let sites: [PretendSite]

    init(_ configuration: PretendOceanConfiguration) {
        sites = configuration.sites
    }

    func site(_ number: String) -> PretendSite? { sites.first { $0.number == number } }

    func site(clientID: String) -> PretendSite? { sites.first { $0.clientID == clientID } }

    func listing(_ reference: String) -> (site: PretendSite, listing: PretendListing)? {
        for site in sites {
            if let listing = site.listings.first(where: { $0.reference == reference }) { return (site, listing) }
        }
        return nil
    }
}

extension String {
    /// Compares in a time that does not depend on where the texts differ.
    func isSameSecret(as other: String) -> Bool {
        let left = Array(utf8)
        let right = Array(other.utf8)
        var difference = left.count ^ right.count
        for index in left.indices { difference |= Int(left[index] ^ (index < right.count ? right[index] : 0)) }
        return difference == 0
    }
}
