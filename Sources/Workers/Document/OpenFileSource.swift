// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import JSON
package import Ocean

/// Fetches files of the Open eReferral API: the referral once more, for the key; then the file, which is decrypted in
/// memory, for it comes as one JSON text.
package struct OpenFileSource: Sendable {
    private static let piece = 64 << 10

    private let ocean: any OceanService
    private let service: any OpenReferralService
    private let keyring: ReferralKeyring

    package init(ocean: any OceanService, service: any OpenReferralService, keyring: ReferralKeyring) {
        self.ocean = ocean
        self.service = service
        self.keyring = keyring
    }

    /// - Parameter limit: bytes of the file.
    func fetch(
        _ file: String, of referral: String, site: String, limit: Int, trace: TraceContext?,
        to receiver: any DocumentReceiver
    ) async throws(DocumentError) {
        let (json, key) = try await opened(referral, site: site, trace: trace)
        guard let reference = AttachmentReference.find(file, in: json) else {
            throw DocumentError(.notFound, "Ocean's referral names this file no longer")
        }
        let body = try await body(file, of: referral, site: site, limit: limit, trace: trace)
        let content = try Self.decrypted(body, reference, key, site: site)
        try await receiver.begin(DocumentHead(contentType: content.contentType, length: content.bytes.count))
        var start = 0
        while start < content.bytes.count {
            let end = min(start + Self.piece, content.bytes.count)
            try await receiver.receive(Array(content.bytes[start..<end]))
            start = end
        }
    }

    /// A message is told before its files are uploaded: what the referral names and Ocean does not serve may come yet.
    private func body(
        _ file: String, of referral: String, site: String, limit: Int, trace: TraceContext?
    ) async throws(DocumentError) -> [UInt8] {
        do throws(DocumentError) {
            return try await service.attachment(file, of: referral, site: site, limit: limit, trace: trace)
        } catch {
            guard error.code == .notFound else { throw error }
            throw DocumentError(
                .notServed, "the referral names this file, but Ocean does not serve it", status: error.status)
        }
    }

    private func opened(
        _ referral: String, site: String, trace: TraceContext?
    ) async throws(DocumentError) -> (JSONValue, OneTimeKey) {
        let body: [UInt8]
        do throws(OceanServiceError) {
            body = try await ocean.referral(referral, site: site, trace: trace)
        } catch {
            throw DocumentError(error)
        }
        guard let json = try? JSONValue(parsing: body), json["referralRef"]?.stringValue == referral else {
            throw DocumentError(.invalidAnswer, "Ocean's answer to GET referral is not the referral asked for")
        }
        do throws(EnrichmentError) {
            return (json, try await keyring.key(of: json, site: site, trace: trace))
        } catch {
            throw DocumentError(error)
        }
    }

    private static func decrypted(
        _ body: [UInt8], _ reference: AttachmentReference, _ key: OneTimeKey, site: String
    ) throws(DocumentError) -> ReferralAttachment {
        guard let json = try? JSONValue(parsing: body) else {
            throw DocumentError(.invalidAnswer, "Ocean's answer to GET attachment is not JSON")
        }
        do throws(TranslationError) {
            return try ReferralAttachment(
                opening: json, wrappedKey: reference.wrappedKey, oneTimeKey: key, at: "/encryptedData")
        } catch {
            throw DocumentError(.translation(error.naming(site: site)))
        }
    }
}

extension DocumentError {
    init(_ error: EnrichmentError) {
        switch error {
        case .service(let error): self.init(error)
        case .translation(let error):
            let code: Code =
                switch error.code {
                case .undecipherable: .undecipherable
                case .noKey: .notConfigured
                case .notJSON, .unknownFormat, .noReference, .invalid, .unsupported: .invalidAnswer
                }
            self.init(code, error.description)
        }
    }
}
