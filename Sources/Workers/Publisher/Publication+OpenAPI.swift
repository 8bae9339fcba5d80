// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
package import Ocean

/// One attempt at telling Ocean, by the way that the site's conventions name.
extension Publication {
    func post(_ work: Work) async throws(Halt) -> Result<OceanAnswer, OceanServiceError> {
        guard let reply = work.bundle.reply else {
            do throws(OceanServiceError) {
                return .success(
                    try await publisher.ocean.process(work.bundle.body, site: work.update.site, trace: hop.trace))
            } catch {
                return .failure(error)
            }
        }
        guard let openAPI = publisher.openAPI else {
            return .failure(
                OceanServiceError(.notConfigured, "POST message: the Open API is not set up for this site"))
        }
        return try await ReplySending(publication: self, work: work, reply: reply, openAPI: openAPI).run()
    }

    /// What was remembered to send a reply once, when it is delivered whole. After a refusal it stays: an operator's
    /// replay then goes on where it ended.
    func forgetReply(_ work: Work, _ settled: Settled) async throws(Halt) {
        guard let reply = work.bundle.reply, case .delivered = settled else { return }
        let marks = ReplyMarks(work.update, message).all(files: reply.files.count)
        try await store("forget") { () async throws(StoreError) in
            try await publisher.store.forget(marks, referral: work.update.referral)
        }
    }
}

/// What the publisher needs to reply by the Open eReferral API.
package struct OpenReferralAccess: Sendable {
    /// Of a file of a reply, in bytes, with room for what Ocean may add.
    static let largestReply = 16 << 20

    let service: any OpenReferralService
    let keyring: ReferralKeyring

    package init(service: any OpenReferralService, keyring: ReferralKeyring) {
        self.service = service
        self.keyring = keyring
    }
}

extension OceanServiceError {
    init(_ error: EnrichmentError) {
        switch error {
        case .service(let error): self = error
        case .translation(let error):
            self.init(error.code == .noKey ? .notConfigured : .undecipherable, error.description)
        }
    }
}
