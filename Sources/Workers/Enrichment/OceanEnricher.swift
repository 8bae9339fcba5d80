// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

package import BridgeCore
import JSON
package import Ocean

/// Completes thin events from Ocean's Open API: form completions and notes, and referral notifications.
package struct OceanEnricher: Enricher {
    private let ocean: any OceanService
    private let reader: any InboundReader
    private let keys: @Sendable (_ site: String) -> SharedEncryptionKeys?
    private let keyring: ReferralKeyring?

    /// - Parameters:
    ///   - reader: reads a fetched referral as it reads one that came by webhook; it must know the same keys.
    ///   - keys: the shared encryption keys of a site.
    ///   - keyring: opens keys that came wrapped with a site's private key; nil leaves such referrals encrypted.
    package init(
        ocean: any OceanService, reader: any InboundReader,
        keys: @escaping @Sendable (_ site: String) -> SharedEncryptionKeys?, keyring: ReferralKeyring? = nil
    ) {
        self.keyring = keyring
        self.ocean = ocean
        self.reader = reader
        self.keys = keys
    }

    package func fetch(
        _ message: Message, _ canonical: CanonicalMessage
    ) async throws(EnrichmentError) -> FetchedContent {
        guard let site = message.attributes.site ?? canonical.engagement?.site else {
            throw .translation(TranslationError(.invalid, at: "/siteNum", "the event names no site"))
        }
        if let engagement = canonical.engagement {
            return try await form(engagement, of: canonical, message, site: site)
        }
        return try await referral(message, canonical, site: site)
    }

    private func form(
        _ engagement: Engagement, of canonical: CanonicalMessage, _ message: Message, site: String
    ) async throws(EnrichmentError) -> FetchedContent {
        let patient: EncryptedContent?
        let note: EncryptedContent?
        if let sealed = engagement.sealed {
            (patient, note) = (sealed.patient?.content, sealed.note?.content)
        } else {
            do throws(OceanServiceError) {
                (patient, note) = try await content(of: engagement, message, site: site)
            } catch {
                throw .service(error)
            }
        }
        var kept = canonical
        kept.engagement?.sealed = SealedContent(patient: patient, note: note)
        let keys = keys(site)
        return FetchedContent(sealed: kept) { () throws(EnrichmentError) in
            // Fetched all the same: Ocean may have it no longer when the key is in the settings.
            guard let keys else { throw .translation(Self.noKey(site)) }
            do throws(TranslationError) {
                let (completed, ledger) = try EngagementContentReader.read(
                    patient: patient, note: note, keys: keys, into: canonical)
                return InboundMessage(
                    type: message.type, subject: message.subject ?? engagement.patientRef, time: nil,
                    attributes: message.attributes, canonical: completed, ledger: ledger)
            } catch {
                throw .translation(error)
            }
        }
    }

    /// Patient and note, as far as Ocean still has them.
    private func content(
        of engagement: Engagement, _ message: Message, site: String
    ) async throws(OceanServiceError) -> (EncryptedContent?, EncryptedContent?) {
        var patient: EncryptedContent?
        var gone: OceanServiceError?
        do throws(OceanServiceError) {
            patient = try await ocean.patient(engagement.patientRef, site: site, trace: message.trace)
        } catch {
            guard error.code == .notFound else { throw error }
            gone = error
        }
        let note = try await ocean.note(
            patient: engagement.patientRef, session: engagement.sessionID, site: site, trace: message.trace)
        if let gone, note == nil { throw gone }
        return (patient, note)
    }

    private func referral(
        _ message: Message, _ canonical: CanonicalMessage, site: String
    ) async throws(EnrichmentError) -> FetchedContent {
        guard let reference = message.subject, !reference.isEmpty else {
            throw .translation(TranslationError(.noReference, at: "/ref", "the event names no referral"))
        }
        let bytes: [UInt8]
        do throws(OceanServiceError) {
            bytes = try await ocean.referral(reference, site: site, trace: message.trace)
        } catch {
            throw .service(error)
        }
        let key = try await keyring?.privatelyWrapped(bytes, site: site, trace: message.trace)
        return FetchedContent { [reader] () throws(EnrichmentError) in
            let content = reader.read(bytes, mediaType: "application/json", site: site, oneTimeKey: key)
            return try Self.read(content, reference, canonical, site: site)
        }
    }

    private static func read(
        _ content: InboundContent, _ reference: String, _ canonical: CanonicalMessage, site: String
    ) throws(EnrichmentError) -> InboundMessage {
        if case .notUnderstood(TranslationError.Code.undecipherable.rawValue, let detail) = content {
            // The same again would be the same: only another key helps.
            throw .translation(TranslationError(.undecipherable, detail).naming(site: site))
        }
        guard case .message(var fetched) = content, fetched.canonical.referral != nil else {
            throw .service(
                OceanServiceError(.invalidAnswer, "Ocean's answer to GET referral is no Ocean JSON referral"))
        }
        guard fetched.subject == reference else {
            throw .service(OceanServiceError(.invalidAnswer, "Ocean answered with another referral than was asked for"))
        }
        // What was received is the event; what was fetched becomes the original that hospital systems get to see.
        fetched.canonical.event = canonical.event
        fetched.canonical.event.thin = false
        fetched.attributes.event = canonical.event.code
        return fetched
    }

    private static func noKey(_ site: String) -> TranslationError {
        TranslationError(
            .noKey, at: "sites.\(site).openApi.sharedEncryptionKey",
            "no shared encryption key in the settings; without it Ocean's content cannot be read")
    }
}
