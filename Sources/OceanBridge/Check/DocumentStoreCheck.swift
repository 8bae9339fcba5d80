// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import ClaimCheck

extension ConnectionCheck {
    /// Proves that a document could be kept. Nil when documents are switched off.
    static func documents(_ settings: Settings) async -> Finding? {
        guard settings.documents.enabled else { return nil }
        let claims = settings.makeClaimStore()
        let finding: Finding
        do throws(ClaimCheckError) {
            try await claims.check()
            finding = Finding(part: "documents", isGood: true, message: settings.documents.store.description)
        } catch {
            finding = Finding(part: "documents", isGood: false, message: error.description)
        }
        await claims.shutdown()
        return finding
    }
}
