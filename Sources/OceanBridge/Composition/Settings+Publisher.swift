// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import Ocean
import Workers

extension Settings {
    /// How updates are written and sent.
    ///
    /// - Parameter holder: names the publisher in leases; a rehearsal takes none.
    func publisherSettings(holder: String) -> Publisher.Settings {
        var wanted = Publisher.Settings(
            oceanHost: ocean.host, sourceEndpoint: ocean.sourceEndpoint, holder: holder)
        wanted.dialects = sites.compactMapValues { Dialect(rawValue: $0.dialect) }
        wanted.sites = sites.mapValues(\.policy)
        wanted.conventions = sites.mapValues(\.updates)
        return wanted
    }
}

extension Settings.Site {
    /// What its updates may do. The settings were checked to name known actions.
    fileprivate var policy: SitePolicy {
        var policy = SitePolicy()
        policy.concurrency = concurrency
        policy.interval = callInterval
        policy.denied = Set((deniedActions ?? []).compactMap { UpdateAction(rawValue: $0) })
        policy.allowed = allowedActions.map { Set($0.compactMap { UpdateAction(rawValue: $0) }) }
        policy.isDryRun = isDryRun
        // Without either the site is not set up at all, which is told otherwise.
        policy.hasFHIR = clientID != nil || siteKey == nil
        return policy
    }
}
