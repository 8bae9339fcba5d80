// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import JSON
import Ocean

/// The referrals and forms of the pretend Ocean.
actor SandboxWorld {
    let directory: Directory
    let sender: WebhookSender
    private let isTest: Bool
    private let hub: EventHub
    private let base: BaseAddress
    private let clock: any WallClock
    private let ids: UUIDv7Source
    private var files: [String: ReferralFile] = [:]
    private var order: [String] = []
    private var forms: [String: CompletedForm] = [:]
    private var patientCount = 690

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

    // MARK: The sender's side

    func send(_ kind: SyntheticReferral.Kind, listing reference: String) throws(RefusedChange) -> String {
        let (site, listing) = try place(reference)
        let now = clock.now()
        let state = SandboxReferral(
            reference: ids.next(), site: site.number, listing: listing.reference, at: now)
        let file = makeFile(state, content: SyntheticCatalogue.referral(kind), formerListing: nil, at: now)
        keep(file)
        announce(file, .add)
        hub.publish(.referralSent(reference: state.reference, listing: listing.reference))
        return state.reference
    }

    func cancel(_ reference: String) throws(RefusedChange) {
        try change(reference, .cancel, by: .sender) { _ in .revoke }
    }

    func message(_ reference: String, text: String, senderName: String?) throws(RefusedChange) {
        let message = SandboxMessage(id: ids.next(), text: text, senderName: senderName)
        try change(reference, .messageFromRequester(message), by: .sender) { _ in .communication(message.id) }
    }

    /// The receiver hands a referral on by hand, in the portal.
    func forward(_ reference: String, to listing: String) throws(RefusedChange) -> String {
        let file = try known(reference)
        let changes = try apply([.forward(toListing: listing, newReference: "")], to: file, by: .site(file.state.site))
        return changes.forwardedTo ?? reference
    }

    private func change(
        _ reference: String, _ change: ReferralChange, by actor: ReferralActor,
        event: (ReferralFile) -> BundleEvent
    ) throws(RefusedChange) {
        var file = try known(reference)
        let now = clock.now()
        try file.state.apply(change, by: actor, at: now)
        file.modified = now
        files[reference] = file
        announce(file, event(file))
        publish(change, file)
    }

    // MARK: The receiver's side

    /// Applies a bundle posted by a site, all of it or nothing.
    func process(_ body: [UInt8], site: String) throws(RefusedChange) {
        let bundle: IncomingBundle
        do {
            bundle = try IncomingBundle(body)
        } catch {
            hub.publish(.updateRefused(reference: nil, site: site, status: error.status))
            throw error
        }
        do throws(RefusedChange) {
            var file = try known(bundle.reference)
            if bundle.changes.contains(.demographics) { file.correctedPatient = bundle.patient }
            _ = try apply(bundle.changes, to: file, by: .site(site))
        } catch {
            hub.publish(.updateRefused(reference: bundle.reference, site: site, status: error.status))
            throw error
        }
    }

    private func apply(
        _ changes: [ReferralChange], to original: ReferralFile, by actor: ReferralActor
    ) throws(RefusedChange) -> SandboxReferral {
        var file = original
        let now = clock.now()
        var focus: [FocusResource] = []
        var forwarded: ReferralFile?
        for change in changes {
            var change = completed(change)
            if case .forward(let listing, let wish) = change {
                let (site, target) = try place(listing)
                let reference = wish.isEmpty || files[wish] != nil ? ids.next() : wish
                change = .forward(toListing: listing, newReference: reference)
                let state = SandboxReferral(
                    reference: reference, site: site.number, listing: target.reference,
                    replaces: file.state.reference, actor: actor, at: now)
                forwarded = makeFile(state, content: file.content, formerListing: file.state.listing, at: now)
            }
            try file.state.apply(change, by: actor, at: now)
            if let resource = Self.focus(of: change) { focus.append(resource) }
        }
        file.modified = now
        files[file.state.reference] = file
        let kept = Set(file.state.appointments.map(\.id))
        let removed = original.state.appointments.map(\.id).filter { !kept.contains($0) }
        focus.removeAll { resource in
            if case .appointment(let id) = resource { removed.contains(id) } else { false }
        }
        announce(file, .update(focus: focus, removed: removed))
        for change in changes { publish(change, file) }
        if let forwarded {
            keep(forwarded)
            announce(forwarded, .add)
            hub.publish(.referralSent(reference: forwarded.state.reference, listing: forwarded.state.listing))
        }
        return file.state
    }

    /// Gives ids to what came without.
    private func completed(_ change: ReferralChange) -> ReferralChange {
        switch change {
        case .appointment(var appointment) where appointment.id.isEmpty:
            appointment.id = ids.next()
            return .appointment(appointment)
        case .bookingComments(let text, nil): return .bookingComments(text, appointmentID: ids.next())
        case .messageFromProvider(var message) where message.id.isEmpty:
            message.id = ids.next()
            return .messageFromProvider(message)
        case .messageFromRequester(var message) where message.id.isEmpty:
            message.id = ids.next()
            return .messageFromRequester(message)
        default: return change
        }
    }

    private static func focus(of change: ReferralChange) -> FocusResource? {
        switch change {
        case .status: .task
        case .appointment(let appointment): .appointment(appointment.id)
        case .bookingComments(_, let id): id.map { .appointment($0) }
        case .messageFromProvider(let message), .messageFromRequester(let message): .communication(message.id)
        case .demographics: .patient
        case .removeAppointment, .category, .forward, .cancel: nil
        }
    }

    // MARK: Forms

    /// A patient of the site completes a form.
    ///
    /// - Returns: the patient reference.
    func completeForm(site number: String, kind: SyntheticReferral.Kind) throws(RefusedChange) -> String {
        guard let site = directory.site(number), let webhook = site.engagementWebhook else {
            throw RefusedChange(.notFound, "There is no such site, or it has no engagementWebhook.")
        }
        patientCount += 1
        let content = SyntheticCatalogue.referral(kind)
        let form = CompletedForm(
            patientRef: String(patientCount), site: number,
            session: "\(clock.now().milliseconds)t\(patientCount)", noteID: ids.next(),
            data: PatientData(patient: content.patient, form: content.form), oneTimeKey: .random())
        forms[form.patientRef] = form
        sender.enqueue(
            WebhookDelivery(
                id: ids.next(), webhook: webhook, reference: form.patientRef,
                event: EventCode.formsCompletion.rawValue, contentType: "application/json", body: form.event.bytes()))
        hub.publish(.formCompleted(patient: form.patientRef, site: number))
        return form.patientRef
    }

    func form(_ patientRef: String) -> CompletedForm? { forms[patientRef] }

    // MARK: Reading

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

    // MARK: Parts

    private func known(_ reference: String) throws(RefusedChange) -> ReferralFile {
        guard let file = files[reference] else {
            throw RefusedChange(.notFound, "There is no referral of that reference.")
        }
        return file
    }

    private func place(
        _ listing: String
    ) throws(RefusedChange) -> (site: PretendSite, listing: PretendListing) {
        guard let place = directory.listing(listing) else {
            throw RefusedChange(.notFound, "There is no listing of that reference.")
        }
        return place
    }

    private func makeFile(
        _ state: SandboxReferral, content: SyntheticReferral, formerListing: String?, at now: Timestamp
    ) -> ReferralFile {
        ReferralFile(
            state: state, content: content,
            ids: ResourceIDs(attachments: content.attachments.count) { ids.next() }, oneTimeKey: .random(),
            attachmentKeys: content.attachments.map { _ in .random() }, created: now, modified: now,
            correctedPatient: nil, formerListing: formerListing)
    }

    private func keep(_ file: ReferralFile) {
        files[file.state.reference] = file
        order.append(file.state.reference)
    }

    private func publish(_ change: ReferralChange, _ file: ReferralFile) {
        hub.publish(
            .referralChanged(
                reference: file.state.reference, change: change.word, sender: file.state.folders.sender,
                receiver: file.state.folders.receiver))
    }

    /// Tells the listing's webhook, in the listing's dialect.
    private func announce(_ file: ReferralFile, _ event: BundleEvent) {
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
