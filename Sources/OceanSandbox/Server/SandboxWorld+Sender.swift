// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import JSON
import Ocean

/// What sending clinics and patients do.
extension SandboxWorld {
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
}
