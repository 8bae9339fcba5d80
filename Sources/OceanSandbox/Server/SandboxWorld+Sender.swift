// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import JSON
import Ocean

/// What sending clinics and patients do.
extension SandboxWorld {
    /// - Parameter drafted: the reference that the referral has from its draft.
    func send(
        _ kind: SyntheticReferral.Kind, listing reference: String, drafted: String? = nil
    ) throws(RefusedChange) -> String {
        var entry = JournalEntry(.sent)
        entry.listing = reference
        entry.synthetic = kind.rawValue
        return try change(entry) { entry throws(RefusedChange) in
            let (site, listing) = try place(reference)
            let state = SandboxReferral(
                reference: nextID(drafted), site: site.number, listing: listing.reference, at: now)
            let file = makeFile(state, content: SyntheticCatalogue.referral(kind), formerListing: nil, at: now)
            keep(file)
            announce(file, .add)
            publish(.referralSent(reference: state.reference, listing: listing.reference))
            entry.reference = state.reference
            return state.reference
        }
    }

    func cancel(_ reference: String) throws(RefusedChange) {
        var entry = JournalEntry(.cancelled)
        entry.reference = reference
        try change(entry) { _ throws(RefusedChange) in
            try change(reference, .cancel, by: .sender) { _ in .revoke }
        }
    }

    func message(_ reference: String, text: String, senderName: String?) throws(RefusedChange) {
        var entry = JournalEntry(.messaged)
        entry.reference = reference
        entry.text = text
        entry.senderName = senderName
        try change(entry) { _ throws(RefusedChange) in
            let message = SandboxMessage(id: nextID(), text: text, senderName: senderName)
            try change(reference, .messageFromRequester(message), by: .sender) { _ in .communication(message.id) }
        }
    }

    /// The receiver hands a referral on by hand, in the portal.
    func forward(_ reference: String, to listing: String) throws(RefusedChange) -> String {
        var entry = JournalEntry(.forwarded)
        entry.reference = reference
        entry.listing = listing
        return try change(entry) { _ throws(RefusedChange) in
            let file = try known(reference)
            let state = try apply(
                [.forward(toListing: listing, newReference: "")], to: file, by: .site(file.state.site))
            return state.forwardedTo ?? reference
        }
    }

    /// Sends a referral that asks for several services as one referral for each; the source goes to nobody.
    ///
    /// - Returns: the references of the parts, in their order.
    func split(_ parts: [ReferralPart]) throws(RefusedChange) -> [String] {
        guard (2...20).contains(parts.count) else {
            throw RefusedChange(.invalid, "A split has 2 to 20 parts.")
        }
        var entry = JournalEntry(.split)
        entry.parts = parts
        return try change(entry) { entry throws(RefusedChange) in
            let source = nextID()
            entry.reference = source
            let contents = parts.map { SyntheticCatalogue.referral($0.kind) }
            var files: [ReferralFile] = []
            for (part, content) in zip(parts, contents) {
                let (site, listing) = try place(part.listing)
                let state = SandboxReferral(
                    reference: nextID(), site: site.number, listing: listing.reference, basedOn: source, at: now)
                // One patient of one clinic; only what is asked for differs.
                var whole = contents[0]
                whole.kind = content.kind
                whole.category = content.category
                var file = makeFile(state, content: whole, formerListing: nil, at: now)
                file.sourceCategories = contents.map(\.category)
                files.append(file)
            }
            for file in files {
                keep(file)
                announce(file, .add)
                publish(.referralSent(reference: file.state.reference, listing: file.state.listing))
            }
            return files.map(\.state.reference)
        }
    }

    /// The site's administrator sends a known referral again: as new or as updated, with its history inside.
    func resend(_ reference: String, asNew: Bool) throws(RefusedChange) {
        var entry = JournalEntry(.resent)
        entry.reference = reference
        let event: BundleEvent = asNew ? .add : .update(focus: [], removed: [])
        entry.event = event.code.rawValue
        try change(entry) { _ throws(RefusedChange) in
            var file = try known(reference)
            file.state.noteResend(asNew: asNew, at: now)
            files[reference] = file
            announce(file, event)
            publish(
                .referralChanged(
                    reference: reference, change: asNew ? "resent as new" : "resent as update",
                    sender: file.state.folders.sender, receiver: file.state.folders.receiver))
        }
    }

    private func change(
        _ reference: String, _ change: ReferralChange, by actor: ReferralActor,
        event: (ReferralFile) -> BundleEvent
    ) throws(RefusedChange) {
        var file = try known(reference)
        try file.state.apply(change, by: actor, at: now)
        file.modified = now
        files[reference] = file
        announce(file, event(file))
        publish(change, file)
    }

    /// A patient of the site completes a form.
    ///
    /// - Returns: the patient reference.
    func completeForm(site number: String, kind: SyntheticReferral.Kind) throws(RefusedChange) -> String {
        var entry = JournalEntry(.formCompleted)
        entry.site = number
        entry.synthetic = kind.rawValue
        return try change(entry) { entry throws(RefusedChange) in
            guard let site = directory.site(number), let webhook = site.engagementWebhook else {
                throw RefusedChange(.notFound, "There is no such site, or it has no engagementWebhook.")
            }
            patientCount += 1
            let content = SyntheticCatalogue.referral(kind)
            let data = PatientData(patient: content.patient, form: content.form)
            let form = CompletedForm(
                patientRef: String(patientCount), site: number, session: "\(now.milliseconds)t\(patientCount)",
                noteID: nextID(), patient: data.oceanPatient(site: number), note: data.note,
                externalRef: content.patient.chartNumber, oneTimeKey: nextKey())
            announce(form, webhook: webhook)
            entry.reference = form.patientRef
            return form.patientRef
        }
    }

    /// Keeps the form for the calls that the event leads to.
    func announce(_ form: CompletedForm, webhook: String) {
        forms[form.patientRef] = form
        deliver(
            WebhookDelivery(
                id: nextID(), webhook: webhook, reference: form.patientRef,
                event: EventCode.formsCompletion.rawValue, contentType: "application/json",
                body: form.event.bytes()))
        publish(.formCompleted(patient: form.patientRef, site: form.site))
    }

    /// Makes a change of the journal again.
    func makeAgain(_ entry: JournalEntry) throws(RefusedChange) {
        let kind = entry.synthetic.flatMap { SyntheticReferral.Kind(rawValue: $0) } ?? .backPain
        let reference = entry.reference ?? ""
        replaying(entry)
        switch entry.kind {
        case .sent: _ = try send(kind, listing: entry.listing ?? "")
        case .processed: try process(Array((entry.text ?? "").utf8), site: entry.site ?? "")
        case .cancelled: try cancel(reference)
        case .messaged: try message(reference, text: entry.text ?? "", senderName: entry.senderName)
        case .split: _ = try split(entry.parts)
        case .resent: try resend(reference, asNew: entry.event == BundleEvent.add.code.rawValue)
        case .forwarded: _ = try forward(reference, to: entry.listing ?? "")
        case .formCompleted: _ = try completeForm(site: entry.site ?? "", kind: kind)
        case .replied, .uploaded: try postAgain(entry)
        case .formCreated: _ = try createForms(again: entry)
        case .requestedFormCompleted: try completeForm(of: reference)
        case .delivered: break
        }
    }
}
