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
    let journal: Journal?
    let launches: LaunchBoard
    private let clock: any WallClock
    private let ids: UUIDv7Source
    var files: [String: ReferralFile] = [:]
    var order: [String] = []
    var forms: [String: CompletedForm] = [:]
    /// By site number.
    var privateKeys: [String: SitePrivateKey] = [:]
    /// By patient reference: forms that a hospital asked for.
    var requestedForms: [String: RequestedForm] = [:]
    var patientCount = 690
    /// The change under way.
    private var trail = Trail()
    /// While the journal is read: deliveries that no line has ended yet, oldest first.
    private var undelivered: [WebhookDelivery]?

    init(
        _ configuration: PretendOceanConfiguration, sender: WebhookSender, hub: EventHub, base: BaseAddress,
        journal: Journal?, clock: any WallClock
    ) {
        directory = Directory(configuration)
        isTest = configuration.marksTestData
        launches = LaunchBoard(configuration.launches)
        self.sender = sender
        self.hub = hub
        self.base = base
        self.journal = journal
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
            ids: ResourceIDs(attachments: content.attachments.count) { nextID() }, oneTimeKey: nextKey(),
            attachmentKeys: content.attachments.map { _ in nextKey() }, created: now, modified: now,
            correctedPatient: nil, formerListing: formerListing)
    }

    func keep(_ file: ReferralFile) {
        files[file.state.reference] = file
        order.append(file.state.reference)
    }

    func publish(_ change: ReferralChange, _ file: ReferralFile) {
        publish(
            .referralChanged(
                reference: file.state.reference, change: change.word, sender: file.state.folders.sender,
                receiver: file.state.folders.receiver))
    }

    /// Tells the listing's webhook, in the listing's dialect.
    func announce(_ file: ReferralFile, _ event: BundleEvent) {
        guard let (site, listing) = directory.listing(file.state.listing) else { return }
        let payload = WebhookPayload(
            file: file, event: event, site: site, listing: listing,
            formerListing: file.formerListing.flatMap { directory.listing($0)?.listing },
            privateKey: listing.dialect == .oceanJSON ? wrappingKey(of: site) : nil)
        guard
            let (contentType, body) = payload.written(
                host: base.current, documentHost: sender.foreignDocumentHost() ?? base.current,
                url: sender.webhook(listing.webhook)?.url ?? "", isTest: isTest,
                bundleID: nextID(), messageID: nextID(), time: now)
        else { return }
        deliver(
            WebhookDelivery(
                id: nextID(), webhook: listing.webhook, reference: file.state.reference,
                event: event.code.rawValue, contentType: contentType, body: body))
    }

    // MARK: Changes

    /// The time of the change under way.
    var now: Timestamp { trail.entry.time }

    /// - Parameter drafted: the id that was given before the change began.
    func nextID(_ drafted: String? = nil) -> String { trail.nextID { drafted ?? ids.next() } }

    /// What a clinician is about to send; changes nothing.
    func draft(_ kind: SyntheticReferral.Kind, listing reference: String) throws(RefusedChange) -> DraftReferral {
        let (site, listing) = try place(reference)
        var entry = JournalEntry(.sent)
        entry.time = clock.now()
        trail = Trail(entry)
        let state = SandboxReferral(
            reference: nextID(), site: site.number, listing: listing.reference, at: entry.time)
        return DraftReferral(
            kind: kind,
            file: makeFile(state, content: SyntheticCatalogue.referral(kind), formerListing: nil, at: entry.time),
            site: site, listing: listing, host: base.current, isTest: isTest,
            bundleIDs: (bundle: nextID(), message: nextID()))
    }

    func nextKey() -> OneTimeKey { trail.nextKey() }

    /// Sent once the change is in the journal.
    func deliver(_ delivery: WebhookDelivery) { trail.deliveries.append(delivery) }

    /// Nobody hears of a change that is only made again from the journal.
    func publish(_ event: SandboxEvent) {
        if undelivered == nil { hub.publish(event) }
    }

    /// Makes a change, and writes it into the journal when it is accepted.
    ///
    /// - Parameter entry: what of the change is known before; the body completes it.
    func change<Value>(
        _ entry: JournalEntry, _ body: (inout JournalEntry) throws(RefusedChange) -> Value
    ) throws(RefusedChange) -> Value {
        var entry = entry
        if undelivered == nil {
            entry.time = clock.now()
            trail = Trail(entry)
        }
        let value = try body(&entry)
        guard undelivered == nil else {
            undelivered?.append(contentsOf: trail.deliveries)
            return value
        }
        entry.ids = trail.ids
        entry.keys = trail.keys
        journal?.append(entry)
        for delivery in trail.deliveries { sender.enqueue(delivery) }
        return value
    }

    /// The next change takes its time, ids and keys from a line of the journal.
    func replaying(_ entry: JournalEntry) { trail = Trail(entry) }

    /// Makes the journal's changes again, then sends the webhooks that were not delivered.
    ///
    /// - Throws: `SandboxConfigurationError` when the file is no journal.
    func restore() async throws(SandboxConfigurationError) {
        guard let journal else { return }
        undelivered = []
        try await journal.replay { entries in await self.makeAgain(entries) }
        for delivery in undelivered ?? [] { sender.enqueue(delivery) }
        undelivered = nil
    }

    private func makeAgain(_ entries: [JournalEntry]) {
        var ended: Set<String> = []
        for entry in entries {
            if entry.kind == .delivered {
                if let delivery = entry.delivery { ended.insert(delivery) }
                continue
            }
            do throws(RefusedChange) {
                try makeAgain(entry)
            } catch {
                // A site or listing was taken out of the settings meanwhile.
                journal?.skipped(entry, error.message)
            }
        }
        undelivered?.removeAll { ended.contains($0.id) }
    }
}
