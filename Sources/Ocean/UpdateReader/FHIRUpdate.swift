// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import JSON

/// The action that one FHIR resource of a hospital means; docs/messages.md has the table.
///
/// Some statuses mean different things for different referrals: what is known of the referral decides.
struct FHIRUpdate {
    let received: ReceivedOceanUpdate
    /// Where the resource stands, for errors: empty for a single resource.
    let prefix: String
    /// Which of several resources in focus.
    var part = ""
    let referral: String
    let site: String

    init(
        _ received: ReceivedOceanUpdate, prefix: String, part: String = "", _ envelope: UpdateEnvelopeHints
    ) throws(TranslationError) {
        guard let reference = received.referral.optionalText ?? envelope.subject else {
            throw UpdateEnvelopeHints.noReference(prefix.isEmpty ? "/basedOn" : prefix)
        }
        guard let site = received.site ?? envelope.site else {
            throw UpdateEnvelopeHints.noSite(prefix.isEmpty ? "/identifier" : prefix)
        }
        self.received = received
        self.prefix = prefix
        self.part = part
        referral = reference
        self.site = site
    }

    /// - Returns: nil when the resource tells no change.
    func change(since record: ReferralRecord?) throws(TranslationError) -> RequestedChange? {
        var update = ReferralUpdate(referral: referral, site: site, action: .message)
        update.actor = received.author
        if let time = received.timestamp, Timestamp(time) != nil { update.occurredAt = time }
        let status = KnownStatus(record)
        var isKnown = false
        if let task = received.task {
            isKnown = try read(task, into: &update, status)
        } else if let appointment = received.appointment {
            try read(appointment, into: &update, record)
        } else if let communication = received.communication {
            try read(communication, into: &update)
        } else if let patient = received.patient {
            update.action = .updateDemographics
            update.patient = patient
        } else if let request = received.request {
            guard let known = try read(request, into: &update, status, record) else { return nil }
            isKnown = known
        } else {
            throw unclear("/resourceType", "tells no update; send Task, Appointment, Communication or Patient")
        }
        return RequestedChange(update, part: part, isKnown: isKnown)
    }

    func unclear(_ place: String, _ message: String) -> TranslationError {
        TranslationError(.invalid, at: prefix + place, message)
    }

    /// - Returns: whether Ocean shows it already.
    private func read(
        _ task: ProcessTask, into update: inout ReferralUpdate, _ known: KnownStatus
    ) throws(TranslationError) -> Bool {
        update.reason = task.reason
        let words = [Self.said(task.description)] + [received.businessStatus] + received.notes.map { $0 }
        update.text = words.compactMap(\.nonEmptyText).joined(separator: "\n").optionalText
        update.actor = update.actor ?? received.owner
        if update.occurredAt == nil, let time = task.modified, Timestamp(time) != nil { update.occurredAt = time }
        if let forward = received.forward {
            update.action = .forward
            update.targetListing = forward.listing
            update.category = forward.category
            return false
        }
        let isOpen = ["requested", "received", "accepted", "in-progress", "on-hold", "ready"].contains(
            task.status ?? "")
        if isOpen, task.code.contains(where: { $0.code == TaskCode.requestForInformation }) {
            update.action = .requestInformation
            guard update.text != nil else {
                throw unclear("/description", "is missing: write the question to the referrer there")
            }
            return false
        }
        if isOpen, let seen = task.patientNeedsToBeSeen {
            update.action = seen ? .convertToReferral : .convertToConsult
            return false
        }
        switch task.status {
        case "accepted":
            update.redirectURL = task.redirectURL
            update.action = task.redirectURL != nil ? .redirect : known.isEnded ? .reopen : .accept
        case "in-progress", "on-hold", "ready":
            // These look like accepted in Ocean; said of a booked referral they would only undo the booking.
            update.action = known.isEnded ? .reopen : .accept
            return known.isAccepted && update.text == nil && update.reason == nil
        case "rejected", "cancelled":
            update.action = .decline
            // The referrer reads the reason.
            if update.reason == nil { (update.reason, update.text) = (update.text, nil) }
        case "completed": update.action = .complete
        case "requested", "received":
            throw unclear("/status", "Ocean takes no action on a Task that is requested or received; send accepted")
        case "draft": throw unclear("/status", "says that nothing is decided; send accepted or rejected")
        case "failed", "entered-in-error":
            throw unclear("/status", "has no meaning in Ocean; send rejected, completed or accepted")
        case nil: throw unclear("/status", "is required and missing")
        default: throw unclear("/status", "is no status of a Task; use accepted, rejected or completed")
        }
        return false
    }

    /// A description that this product wrote itself only names the action.
    private static func said(_ description: String?) -> String? {
        guard let description = description.nonEmptyText,
            !UpdateAction.allCases.contains(where: { UpdateDraft.description($0) == description })
        else { return nil }
        return description
    }

    private func read(
        _ communication: Communication, into update: inout ReferralUpdate
    ) throws(TranslationError) {
        switch communication.status {
        case "completed", "in-progress", nil: break
        default: throw unclear("/status", "says that nothing was said; send completed")
        }
        guard received.lostFiles == 0 else {
            throw unclear("/payload", "names a file that is not in the message; send it as contentAttachment")
        }
        let isQuestion = received.topic == UpdateDraft.informationTopic
        // A file alone needs a word to go with it.
        guard let text = communication.text ?? (communication.documents.isEmpty ? nil : received.topic) else {
            throw unclear("/payload", "has no contentString; write the message there")
        }
        update.text = text
        update.reason = received.communicationReason
        update.senderName = communication.senderName
        update.documents = communication.documents
        if update.occurredAt == nil, let time = communication.sent, Timestamp(time) != nil { update.occurredAt = time }
        update.action =
            received.code == .communicationFromRequester ? .needsReview : isQuestion ? .requestInformation : .message
    }
}

/// The last known status of a referral.
struct KnownStatus {
    private let status: ReferralStatus?

    init(_ record: ReferralRecord?) {
        status = record.flatMap { ReferralStatus(rawValue: $0.status) }
    }

    /// It can be opened again.
    var isEnded: Bool { status == .declined || status == .completed || status == .cancelled }
    var isAccepted: Bool { status == .accepted || status == .booked }
    func isAny(_ statuses: ReferralStatus...) -> Bool { status.map { statuses.contains($0) } ?? false }
}
