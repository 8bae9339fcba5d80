// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import JSON
import Ocean

/// A referral as the Open eReferral API returns it, patient data encrypted.
struct OpenReferral: Sendable {
    let file: ReferralFile
    let site: PretendSite
    let listing: PretendListing
    /// Wraps the referral's key; nil for the Shared Encryption Key.
    var privateKey: SitePrivateKey?

    /// - Parameter event: the event's name, when the object is posted to a webhook.
    func json(event: EventCode? = nil) throws(TranslationError) -> JSONValue {
        let data = PatientData(patient: file.content.patient, form: file.content.form).referralData
        let wrapped =
            privateKey == nil ? try SharedEncryptionKey(text: site.sharedEncryptionKey).wrap(file.oneTimeKey) : nil
        let category = file.content.category
        return object(
            ("type", text(event?.rawValue)), ("referralRef", .string(file.state.reference)),
            ("siteNum", event == nil ? nil : .string(site.number)),
            ("referralTargetRef", .string(listing.reference)), ("externalServiceId", text(listing.externalServiceID)),
            ("referrer", clinician(file.content.referrer)), ("assistant", file.content.submitter.map(clinician)),
            ("services", [.string(file.state.correctedCategory ?? category.word)]),
            ("description", text(category.offering)), ("encryptedPtData", try file.oneTimeKey.encrypt(json: data).json),
            ("oneTimeKeyEncryptedWithSiteSEK", wrapped?.json),
            ("oneTimeKeyEncryptedWithTargetPublicKey", text(privateKey?.wrap(file.oneTimeKey.bytes))),
            ("masterReferralRef", text(file.state.replaces)),
            ("master", .bool(file.state.replaces == nil)), ("creationDate", .string(file.created.description)),
            ("sentDate", .string(file.created.description)), ("modificationDate", .string(file.modified.description)),
            ("status", .string(status)), ("cancellationReason", text(file.state.statusReason)),
            ("appointments", list(file.state.appointments.map(appointment))),
            ("bookingComments", text(file.state.bookingComments)), ("bookingUrl", text(file.state.redirectURL)),
            ("externalConversation", list(try conversation())), ("attachments", list(try attachments())),
            ("communicationType", file.state.isConsult ? "E_CONSULT" : "E_REFERRAL"),
            ("srcSiteName", .string(file.content.referrer.clinic)), ("srcSiteNum", "1000"))
    }

    /// Ocean publishes no list of values: these are the words of its analytics and folders.
    private var status: String {
        switch file.state.folders.receiver {
        case .new, .sent: "NEW"
        case .pendingBooking: "PENDING BOOKING"
        case .bookingUnconfirmed: "BOOKED UNCONFIRMED"
        case .bookingConfirmed: "BOOKED CONFIRMED"
        case .awaitingReply, .awaitingResponse: "AWAITING REPLY"
        case .completed: "COMPLETED"
        case .declined: "DECLINED"
        case .cancelled: "CANCELLED"
        case .forwarded: "FORWARDED"
        }
    }

    private func clinician(_ person: SyntheticClinician) -> JSONValue {
        object(
            ("firstName", .string(person.given)), ("surname", .string(person.family)),
            ("professionalId", text(person.licence)), ("billingNum", text(person.billing)),
            ("clinicianType", person.licence == nil ? "Other" : "Family Physician"),
            (
                "address",
                object(
                    ("line1", text(person.address?.line)), ("city", text(person.address?.city)),
                    ("province", text(person.address?.province)), ("postalCode", text(person.address?.postalCode)),
                    ("phone", text(person.phone)), ("fax", text(person.fax)))
            ))
    }

    private func appointment(_ appointment: SandboxAppointment) -> JSONValue {
        let start = appointment.start ?? ""
        let milestone = appointment.milestone.map { word in
            String(word.uppercased().map { $0 == "-" ? "_" : $0 })
        }
        return object(
            ("wtType", text(milestone)), ("apptType", text(appointment.label)), ("date", .string(start)),
            ("hasTime", .bool(start.utf8.count > 10)))
    }

    private func conversation() throws(TranslationError) -> [JSONValue] {
        var output: [JSONValue] = []
        for message in file.state.messages {
            let secret = try file.oneTimeKey.encrypt(json: ["message": .string(message.text)])
            let isProvider = message.from == "provider"
            output.append(
                object(
                    ("ref", .string(message.id)), ("userFullName", text(message.senderName)),
                    ("commentDate", .string(message.time.description)),
                    ("siteNum", .string(isProvider ? site.number : "1000")),
                    ("targetSiteNum", .string(isProvider ? "1000" : site.number)), ("showForOtherSites", true),
                    ("attachmentRefDtos", message.files.isEmpty ? nil : list(try references(message.files))),
                    ("encryptedMsg", secret.json), ("tags", [])))
        }
        return output
    }

    private func references(_ files: [SandboxMessageFile]) throws(TranslationError) -> [JSONValue] {
        var output: [JSONValue] = []
        for sent in files {
            guard let upload = file.uploads.first(where: { $0.ref == sent.ref }) else { continue }
            output.append(try reference(upload.ref, name: upload.name, key: upload.key))
        }
        return output
    }

    private func reference(_ ref: String, name: String, key: OneTimeKey) throws(TranslationError) -> JSONValue {
        object(
            ("fileRef", .string(ref)), ("fileName", "attachment"),
            ("encryptedFileName", try file.oneTimeKey.encrypt(Array(name.utf8)).json),
            ("encryptedEncryptionKey", try file.oneTimeKey.encrypt(key.bytes).json), ("fromEmr", false))
    }

    private func attachments() throws(TranslationError) -> [JSONValue] {
        var output: [JSONValue] = []
        for (index, attachment) in file.content.attachments.enumerated() {
            output.append(
                try reference(
                    file.ids.attachments[index], name: attachment.title, key: file.attachmentKeys[index]))
        }
        return output
    }

    /// The answer to a request for one attachment.
    func attachment(_ id: String) throws(TranslationError) -> JSONValue? {
        if let upload = file.uploads.first(where: { $0.ref == id }), let bytes = upload.bytes {
            return object(
                ("contentType", .string(upload.contentType)), ("encryptedData", try upload.key.encrypt(bytes).json))
        }
        guard let index = file.ids.attachments.firstIndex(of: id) else { return nil }
        let attachment = file.content.attachments[index]
        return object(
            ("contentType", .string(attachment.contentType)),
            ("encryptedData", try file.attachmentKeys[index].encrypt(attachment.bytes).json))
    }
}
