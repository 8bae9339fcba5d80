// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore

extension OceanInboundReader {
    /// The reader of every kind of body that Ocean sends.
    ///
    /// - Parameters:
    ///   - keys: the shared encryption keys of a site, for bodies that hold an encrypted referral.
    ///   - statusMaps: what the status words of Ocean JSON mean.
    package static func standard(
        keys: @escaping @Sendable (_ site: String?) -> SharedEncryptionKeys? = { _ in nil },
        statusMaps: StatusMaps = StatusMaps()
    ) -> OceanInboundReader {
        // Nobody asks for more on the way in.
        let bundles = OceanFHIRReader(detail: .losses)
        return OceanInboundReader(
            bundleReader: { (json, bytes, mediaType) throws(TranslationError) in
                try bundles.read(json, bytes: bytes, mediaType: mediaType)
            },
            keys: keys, referralReader: OceanJSONReader(statusMaps: statusMaps))
    }
}
