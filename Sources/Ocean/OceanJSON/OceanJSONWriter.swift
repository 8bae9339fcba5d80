// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

package import BridgeCore
package import JSON

/// Writes Ocean JSON: the member names of Ocean's Open API, patient data decrypted in `ptData`, or encrypted as Ocean
/// itself does (the form of the sandbox).
///
/// Beside Ocean's members stand the bridge's own that `OceanJSONReader` names; without them a hospital system would not
/// see priority, test flag, notes and files of a referral that came as FHIR.
///
/// Dates are written as ISO 8601 text. Appointments stand in `appointments`, and the first two dates in
/// `scheduledAppointment` and `scheduledAppointment2` too.
package struct OceanJSONWriter: HospitalWriter {
    private let statusMaps: StatusMaps
    private let sealing: ReferralSealing?

    /// The decrypted form.
    package init(statusMap: StatusMap = .assumedDefault) {
        self.init(statusMaps: StatusMaps(statusMap))
    }

    /// The decrypted form.
    ///
    /// - Parameter statusMaps: Ocean's words for a status, by the site of the receiver.
    package init(statusMaps: StatusMaps) {
        self.statusMaps = statusMaps
        sealing = nil
    }

    /// The encrypted form of Ocean's Open eReferral API: `encryptedPtData`, `encryptedMsg`, `encryptedFileName` and
    /// `encryptedData` under the one-time key, which stands wrapped in `oneTimeKeyEncryptedWithSiteSEK`. A referral
    /// that came encrypted under a key that the site's keys open keeps that key, and with it all that hangs on it.
    package init(sealing: ReferralSealing, statusMaps: StatusMaps = StatusMaps()) {
        self.statusMaps = statusMaps
        self.sealing = sealing
    }

    package var contentType: String { "application/json" }

    /// - Throws: `TranslationError` `.unsupported` when the message holds neither a referral nor a form event.
    package func write(
        _ message: Message, _ canonical: CanonicalMessage
    ) throws(TranslationError) -> Translated {
        if let referral = canonical.referral {
            // Places in a bundle would mean something else in Ocean JSON.
            let isForeign = Dialect(rawValue: canonical.original.dialect)?.isFHIR ?? false
            let (json, ledger) = try write(referral, site: message.attributes.site, restoresUnmapped: !isForeign)
            return Translated(body: json.bytes(), ledger: ledger)
        }
        if let engagement = canonical.engagement {
            let (json, ledger) = EngagementWriting.write(engagement, event: canonical.event)
            return Translated(body: json.bytes(), ledger: ledger)
        }
        throw TranslationError(.unsupported, "Ocean JSON has no form for a message without referral or form event")
    }

    /// One referral.
    ///
    /// - Parameters:
    ///   - site: the site of the message, where the referral does not name its receiver's.
    ///   - restoresUnmapped: whether places in `unmapped` are places in Ocean JSON; false for a referral from FHIR.
    /// - Returns: Ocean JSON, and what became of every leaf of the canonical form under `/referral`.
    /// - Throws: `TranslationError` `.invalid` when encryption fails.
    package func write(
        _ referral: Referral, site: String? = nil, restoresUnmapped: Bool = true
    ) throws(TranslationError) -> (JSONValue, Ledger) {
        let log = WritingLog()
        let original = sealing?.original(
            of: referral.unmapped.first { $0.path == "/oneTimeKeyEncryptedWithSiteSEK" }?.value)
        let isRekeyed = sealing != nil && original == nil
        var root = ObjectWriter(at: "", log: log)
        putState(referral, statusMaps.map(site: referral.receiver?.site ?? site), into: &root)
        putParties(referral, into: &root)
        root.put("bookingComments", referral.bookingComments, from: "/referral/bookingComments")
        if !root.has("bookingComments") { putInstruction(referral, into: &root) }
        root.put("bookingUrl", referral.bookingURL, from: "/referral/bookingUrl")
        let content = ContentWriting(isSealed: sealing != nil, isRekeyed: isRekeyed, log: log)
        let appointments = content.appointments(referral.appointments)
        content.putSlots(appointments.list, into: &root)
        root.put("appointments", content.list(appointments.list))
        let conversations = content.conversations(of: referral)
        root.put("externalConversation", content.list(conversations.external))
        root.put("internalConversation", content.list(conversations.internal))
        let documents = content.documents(referral.documents)
        root.put("attachments", content.list(documents.own))
        root.put("bookingFileRefs", content.list(documents.booking))
        root.put("ptData", patientData(referral, log: log))

        var json = JSONValue.object(root.object)
        if restoresUnmapped {
            var unmapped = UnmappedWriting(log: log)
            if appointments.isShifted { unmapped.blocked.insert("appointments") }
            if conversations.isShifted {
                unmapped.blocked.formUnion(["externalConversation", "internalConversation"])
            }
            unmapped.dropsCiphertext = isRekeyed
            unmapped.restore(referral.unmapped, from: "/referral/unmapped", into: &json)
        }
        guard let sealing else { return (json, log.ledger(of: referral.json, at: "/referral")) }
        let sealed = try sealing.seal(json, under: original)
        return (sealed, log.ledger(of: referral.json, at: "/referral", sealed: ReferralSealing.sealedPlace))
    }

    private func putState(_ referral: Referral, _ statusMap: StatusMap, into root: inout ObjectWriter) {
        root.put("referralRef", referral.ref, from: "/referral/ref")
        root.put("communicationType", referral.kind.map(OceanWord.word(for:)), from: "/referral/kind")
        putStatus(referral, statusMap, into: &root)
        root.put("cancellationReason", referral.statusReason, from: "/referral/statusReason")
        root.put("priority", referral.priority, from: "/referral/priority")
        if referral.test { root.put("test", true, from: "/referral/test") }
        if !referral.category.isEmpty { root.put("category", referral.category.json, from: "/referral/category") }
        if !referral.code.isEmpty { root.put("code", referral.code.json, from: "/referral/code") }
        if !referral.services.isEmpty { root.put("services", referral.services.json, from: "/referral/services") }
        root.put("description", referral.description, from: "/referral/description")
        root.putDate("creationDate", referral.created, from: "/referral/created")
        root.putDate("sentDate", referral.sent, from: "/referral/sent")
        root.putDate("modificationDate", referral.modified, from: "/referral/modified")
    }

    /// The source's own word where it is Ocean's word for this status, else the table's word.
    private func putStatus(_ referral: Referral, _ statusMap: StatusMap, into root: inout ObjectWriter) {
        guard let status = referral.status else {
            return root.put("status", referral.statusText, from: "/referral/statusText")
        }
        if let text = referral.statusText, statusMap.status(of: text) == status {
            root.put("status", text, from: "/referral/statusText")
        } else {
            root.put("status", statusMap.word(for: status), from: "/referral/status")
        }
        if root.has("status") { root.log.wrote("/referral/status", to: "/status") }
    }

    private func putParties(_ referral: Referral, into root: inout ObjectWriter) {
        for (name, person, source) in [
            ("referrer", referral.requester, "/referral/requester"),
            ("assistant", referral.submitter, "/referral/submitter"),
        ] {
            guard let person else { continue }
            root.put(name, PersonWriting.clinician(person, from: source, at: "/" + name, log: root.log))
        }
        root.put("referralTargetRef", referral.receiver?.ref, from: "/referral/receiver/ref")
        root.put("siteNum", referral.receiver?.site, from: "/referral/receiver/site")
        root.put(
            "externalServiceId", referral.receiver?.externalServiceID, from: "/referral/receiver/externalServiceId")
        root.put("srcSiteNum", referral.source?.number, from: "/referral/source/number")
        root.put("srcSiteName", referral.source?.name, from: "/referral/source/name")
        root.put("masterReferralRef", referral.links?.basedOn.first, from: "/referral/links/basedOn/0")
        root.put("master", referral.links?.isMaster.map { .bool($0) }, from: "/referral/links/isMaster")
        root.put("externalRef", referral.links?.receiverRef, from: "/referral/links/receiverRef")
        root.put("sourceExternalRef", referral.links?.senderRef, from: "/referral/links/senderRef")
    }

    /// FHIR gives booking comments with the appointment; Ocean JSON gives them once.
    private func putInstruction(_ referral: Referral, into root: inout ObjectWriter) {
        let index = referral.appointments.lastIndex { appointment in
            !ContentWriting.notBooked.contains(appointment.status ?? "")
                && appointment.patientInstruction.map { !$0.isEmpty } ?? false
        }
        guard let index else { return }
        root.put(
            "bookingComments", referral.appointments[index].patientInstruction,
            from: "/referral/appointments/\(index)/patientInstruction")
    }

    private func patientData(_ referral: Referral, log: WritingLog) -> JSONValue? {
        var writer = ObjectWriter(at: "/ptData", log: log)
        if let patient = referral.patient {
            writer.put("externalPatientRef", patient.chartNumber, from: "/referral/patient/chartNumber")
            writer.put(
                "demographics",
                DemographicsWriting.json(patient, from: "/referral/patient", at: "/ptData/demographics", log: log))
        }
        FormWriting.put(referral.forms, from: "/referral/forms", into: &writer)
        if !referral.notes.isEmpty { writer.put("notes", referral.notes.json, from: "/referral/notes") }
        return writer.json
    }
}
