// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import Embedded
import Gateway
import Launch

extension Settings {
    /// What signs launch handles.
    func launchSecret(_ store: SQLiteStateStore) async throws(StoreError) -> [UInt8] {
        if let launchKey { return Array(launchKey.utf8) }
        return try await store.launchSecret()
    }
}

extension Parts {
    /// The addresses of Referral System Launches, for the public listener; none without applications.
    func launchRoutes() throws(GatewayError) -> [Route] {
        guard !settings.launches.isEmpty else { return [] }
        let desk = LaunchDesk(
            signer: HandleSigner(secret: launchSecret), book: store, audit: store, sites: Set(settings.sites.keys),
            ids: ids, clock: clock
        ) { [store] reference throws(StoreError) in try await store.referral(reference) }
        let guests = settings.launches.values.map { entry in
            LaunchRoutes.Guest(entry.application, authentication: Self.authentication(entry.authentication))
        }
        return try LaunchRoutes(
            guests: guests, desk: desk, bus: spool ?? bus, publishTimeout: settings.bus.publishTimeout, clock: clock,
            logger: logger
        ).routes
    }
}
