// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import CDSHooks
import JSON
import Synchronization

/// The key set of a CDS client, which may be away.
final class HookKeys: KeySource {
    private let kept = Mutex<[UInt8]?>(nil)

    func set(_ json: JSONValue?) { kept.withLock { $0 = json?.bytes() } }

    func keySet(at address: String, limit: Int) async throws(KeySourceError) -> [UInt8] {
        guard let bytes = kept.withLock({ $0 }) else { throw KeySourceError("scripted") }
        return bytes
    }
}
