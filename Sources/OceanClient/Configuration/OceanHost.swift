// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
package import Ocean

/// The base address of Ocean, such as `https://ocean.cognisantmd.com`: scheme, host and port, nothing after them.
package struct OceanHost: Sendable, Hashable, CustomStringConvertible {
    /// Without a trailing slash.
    package let base: String
    package var description: String { base }

    /// - Parameter allowPlainHTTP: takes `http` to any host. To this machine itself `http` is always taken; anywhere
    ///   else tokens and referrals would travel readable.
    /// - Throws: `notConfigured` naming the fault.
    package init(_ text: String, allowPlainHTTP: Bool = false) throws(OceanServiceError) {
        let trimmed = text.hasSuffix("/") ? String(text.dropLast()) : text
        guard let parts = URLComponents(string: trimmed), let scheme = parts.scheme?.lowercased(),
            let host = parts.host, !host.isEmpty, parts.path.isEmpty, parts.user == nil, parts.password == nil,
            parts.query == nil, parts.fragment == nil
        else {
            throw OceanServiceError(
                .notConfigured, "ocean.host must be scheme, host and port only, as in https://ocean.cognisantmd.com")
        }
        switch scheme {
        case "https": break
        case "http" where allowPlainHTTP || Self.isLoopback(host): break
        default:
            throw OceanServiceError(
                .notConfigured, "ocean.host must be an https address; plain http is taken for this machine only")
        }
        base = trimmed
    }

    static func isLoopback(_ host: String) -> Bool {
        if host == "localhost" || host == "::1" || host == "[::1]" { return true }
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts.allSatisfy { UInt8($0) != nil } && parts[0] == "127"
    }
}
