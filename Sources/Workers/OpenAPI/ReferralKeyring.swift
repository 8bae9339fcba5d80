// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import JSON
package import Ocean

/// Finds the one-time key of a referral of the Open eReferral API, in whichever way Ocean wrapped it. Keeps none.
package struct ReferralKeyring: Sendable {
    private let service: any OpenReferralService
    private let keys: @Sendable (_ site: String) -> SharedEncryptionKeys?
    private let usesPrivateKeys: @Sendable (_ site: String) -> Bool

    /// - Parameters:
    ///   - keys: the Shared Encryption Keys of a site.
    ///   - usesPrivateKeys: whether a key that came wrapped with the site's private key may be opened: off by default,
    ///     because part of the form is assumed.
    package init(
        service: any OpenReferralService, keys: @escaping @Sendable (_ site: String) -> SharedEncryptionKeys?,
        usesPrivateKeys: @escaping @Sendable (_ site: String) -> Bool
    ) {
        self.service = service
        self.keys = keys
        self.usesPrivateKeys = usesPrivateKeys
    }

    /// The key of a referral, to read its files or to answer it.
    func key(
        of referral: JSONValue, site: String, trace: TraceContext?
    ) async throws(EnrichmentError) -> OneTimeKey {
        guard let keys = keys(site) else { throw .translation(Self.noKey(site)) }
        switch WrappedReferralKey(of: referral) {
        case .shared(let block):
            do throws(TranslationError) {
                return try keys.unwrap(block, at: WrappedReferralKey.sharedPlace)
            } catch {
                throw .translation(error.naming(site: site))
            }
        case .rsa(let wrapped):
            guard usesPrivateKeys(site) else { throw .translation(Self.switchedOff(site)) }
            return try await open(wrapped, keys, site: site, trace: trace)
        case .malformed, .none:
            throw .translation(
                TranslationError(
                    .undecipherable, at: WrappedReferralKey.sharedPlace,
                    "the referral brings no key of its own; is the Shared Encryption Key stored in Ocean?"))
        }
    }

    /// The key of a fetched referral that came wrapped with the site's private key only; nil where the Shared Encryption
    /// Key opens it, or where the site does not use private keys.
    func privatelyWrapped(
        _ body: [UInt8], site: String, trace: TraceContext?
    ) async throws(EnrichmentError) -> OneTimeKey? {
        // What is no JSON is told by the reader.
        guard usesPrivateKeys(site), let keys = keys(site), let referral = try? JSONValue(parsing: body),
            case .rsa(let wrapped) = WrappedReferralKey(of: referral)
        else { return nil }
        return try await open(wrapped, keys, site: site, trace: trace)
    }

    private func open(
        _ wrapped: String, _ keys: SharedEncryptionKeys, site: String, trace: TraceContext?
    ) async throws(EnrichmentError) -> OneTimeKey {
        let sealed: SealedPrivateKeys
        do throws(OceanServiceError) {
            sealed = try await service.privateKeys(site: site, trace: trace)
        } catch {
            throw .service(error)
        }
        do throws(TranslationError) {
            return try SitePrivateKeys(opening: sealed.body, iv: sealed.iv, keys: keys, at: "/site/privateKey")
                .unwrap(wrapped, at: WrappedReferralKey.rsaPlace)
        } catch {
            throw .translation(error.naming(site: site))
        }
    }

    private static func noKey(_ site: String) -> TranslationError {
        TranslationError(
            .noKey, at: "sites.\(site).openApi.sharedEncryptionKey",
            "no shared encryption key in the settings; without it Ocean's content cannot be read")
    }

    private static func switchedOff(_ site: String) -> TranslationError {
        TranslationError(
            .noKey, at: "sites.\(site).openApi.privateKeys",
            "the referral's key is wrapped with the site's private key only; store a Shared Encryption Key in Ocean, or "
                + "set this to on (assumed in part)")
    }
}
