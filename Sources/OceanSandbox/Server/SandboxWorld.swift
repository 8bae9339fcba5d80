// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import JSON
import Ocean

/// The referrals and forms of the pretend Ocean.
actor SandboxWorld {
    let directory: Directory
    let sender: WebhookSender
    let isTest: Bool
    let hub: EventHub
    let base: BaseAddress
    let clock: any WallClock
    let ids: UUIDv7Source
    var files: [String: ReferralFile] = [:]
    var order: [String] = []
    var forms: [String: CompletedForm] = [:]
    var patientCount = 690

    init(
        _ configuration: PretendOceanConfiguration, sender: WebhookSender, hub: EventHub, base: BaseAddress,
        clock: any WallClock
    ) {
        directory = Directory(configuration)
        isTest = configuration.marksTestData
        self.sender = sender
        self.hub = hub
        self.base = base
        self.clock = clock
        ids = UUIDv7Source(clock: clock)
    }

    func form(_ patientRef: String) -> CompletedForm? { forms[patientRef] }

    func file(_ reference: String) -> ReferralFile? { files[reference] }

    /// The referral and attachment of an attachment id.
    func attachment(_ id: String) -> (file: ReferralFile, attachment: SyntheticAttachment)? {
        for reference in order {
            guard let file = files[reference], let index = file.ids.attachments.firstIndex(of: id) else { continue }
            return (file, file.content.attachments[index])
        }
        return nil
    }

    func snapshot() -> [ReferralSnapshot] { order.compactMap { files[$0] }.map { ReferralSnapshot($0.state) } }

    func known(_ reference: String) throws(RefusedChange) -> ReferralFile {
        guard let file = files[reference] else {
            throw RefusedChange(.notFound, "There is no referral of that reference.")
        }
        return file
    }

    func place(
        _ listing: String
    ) throws(RefusedChange) -> (site: PretendSite, listing: PretendListing) {
        guard let place = directory.listing(listing) else {
            throw RefusedChange(.notFound, "There is no listing of that reference.")
        }
        return place
    }

    func makeFile(
        _ state: SandboxReferral, content: SyntheticReferral, formerListing: String?, at now: Timestamp
    ) -> ReferralFile {
        ReferralFile(
            state: state, content: content,
            ids: ResourceIDs(attachments: content.attachments.count) { ids.next() }, oneTimeKey: .random(),
            attachmentKeys: content.attachments.map { _ in .random() }, created: now, modified: now,
            correctedPatient: nil, formerListing: formerListing)
    }

    func keep(_ file: ReferralFile) {
        files[file.state.reference] = file
        order.append(file.state.reference)
    }

    func publish(_ change: ReferralChange, _ file: ReferralFile) {
        hub.publish(
            .referralChanged(
                reference: file.state.reference, change: change.word, sender: file.state.folders.sender,
                receiver: file.state.folders.receiver))
    }

    /// Tells the listing's webhook, in the listing's dialect.
    func announce(_ file: ReferralFile, _ event: BundleEvent) {
        guard let (site, listing) = directory.listing(file.state.listing) else { return }
        let payload = WebhookPayload(
            file: file, event: event, site: site, listing: listing,
            formerListing: file.formerListing.flatMap { directory.listing($0)?.listing })
        guard
            let (contentType, body) = payload.written(
                host: base.current, url: sender.webhook(listing.webhook)?.url ?? "", isTest: isTest,
                bundleID: ids.next(), messageID: ids.next(), time: clock.now())
        else { return }
        sender.enqueue(
            WebhookDelivery(
                id: ids.next(), webhook: listing.webhook, reference: file.state.reference,
                event: event.code.rawValue, contentType: contentType, body: body))
    }
}
