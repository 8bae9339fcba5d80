// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore

extension OceanInboundReader {
    /// The reader of every kind of body that Ocean sends.
    ///
    /// - Parameter keys: the shared encryption keys of a site, for bodies that hold an encrypted referral.
    package static func standard(
        keys: @escaping @Sendable (_ site: String?) -> SharedEncryptionKeys? = { _ in nil }
    ) -> OceanInboundReader {
        // Nobody asks for more on the way in.
        let bundles = OceanFHIRReader(detail: .losses)
        return OceanInboundReader(
            bundleReader: { (json, bytes, mediaType) throws(TranslationError) in
                try bundles.read(json, bytes: bytes, mediaType: mediaType)
            },
            keys: keys)
    }
}
