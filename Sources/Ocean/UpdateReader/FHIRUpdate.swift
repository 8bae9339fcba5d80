// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import JSON

/// The action that a FHIR resource in focus means.
struct FHIRUpdate {
    let received: ReceivedOceanUpdate
    /// Where the resource stands, for errors: empty for a single resource.
    let prefix: String

    func update(_ envelope: UpdateEnvelopeHints) throws(TranslationError) -> ReferralUpdate {
        guard let reference = received.referral.optionalText ?? envelope.subject else {
            throw UpdateEnvelopeHints.noReference(prefix.isEmpty ? "/basedOn" : prefix)
        }
        guard let site = received.site ?? envelope.site else {
            throw UpdateEnvelopeHints.noSite(prefix.isEmpty ? "/identifier" : prefix)
        }
        var update = ReferralUpdate(referral: reference, site: site, action: .message)
        update.actor = received.author
        if let time = received.timestamp, Timestamp(time) != nil { update.occurredAt = time }
        if let task = received.task {
            try read(task, into: &update)
        } else if let appointment = received.appointment {
            try read(appointment, into: &update)
        } else if let communication = received.communication {
            try read(communication, into: &update)
        } else if let patient = received.patient {
            update.action = .updateDemographics
            update.patient = patient
        } else if received.requestStatus != nil || received.correctedCategory != nil
            || received.focus == ["ServiceRequest"]
        {
            try readRequest(into: &update)
        } else {
            throw unclear("/resourceType", "tells no update; send Task, Appointment, Communication or Patient")
        }
        return update
    }

    private func unclear(_ place: String, _ message: String) -> TranslationError {
        TranslationError(.invalid, at: prefix + place, message)
    }

    private func read(_ task: ProcessTask, into update: inout ReferralUpdate) throws(TranslationError) {
        update.reason = task.reason
        update.text = Self.said(task.description)
        if update.occurredAt == nil, let time = task.modified, Timestamp(time) != nil { update.occurredAt = time }
        if let forward = received.forward {
            update.action = .forward
            update.targetListing = forward.listing
            update.category = forward.category
            return
        }
        let isOpen = ["requested", "received", "accepted", "in-progress", "on-hold", "ready"].contains(
            task.status ?? "")
        if isOpen, task.code.contains(where: { $0.code == TaskCode.requestForInformation }) {
            update.action = .requestInformation
            guard update.text != nil else {
                throw unclear("/description", "is missing: write the question to the referrer there")
            }
            return
        }
        if isOpen, let seen = task.patientNeedsToBeSeen {
            update.action = seen ? .convertToReferral : .convertToConsult
            return
        }
        switch task.status {
        case "accepted", "in-progress", "on-hold", "ready":
            update.redirectURL = task.redirectURL
            update.action = task.redirectURL == nil ? .accept : .redirect
        case "rejected", "cancelled": update.action = .decline
        case "completed": update.action = .complete
        case "requested", "received":
            throw unclear("/status", "Ocean takes no action on a Task that is requested or received; send accepted")
        case nil: throw unclear("/status", "is required and missing")
        default:
            throw unclear(
                "/status", "has no meaning in Ocean; use accepted, rejected or completed")
        }
    }

    /// A description that this product wrote itself only names the action.
    private static func said(_ description: String?) -> String? {
        guard let description = description.nonEmptyText,
            !UpdateAction.allCases.contains(where: { UpdateDraft.description($0) == description })
        else { return nil }
        return description
    }

    private func read(_ given: Appointment, into update: inout ReferralUpdate) throws(TranslationError) {
        var appointment = given
        update.text = given.patientInstruction.nonEmptyText
        update.reason = received.appointmentReason
        appointment.patientInstruction = nil
        if appointment.description == "Appointment" { appointment.description = nil }
        switch given.status {
        case "booked", "pending":
            guard given.start != nil else { throw unclear("/start", "is required for a booking and missing") }
            update.action = .book
            appointment.patientStatus =
                given.patientStatus == "accepted" || given.patientStatus == nil && given.status == "booked"
                ? "accepted" : "tentative"
            if given.patientStatus == "declined" {
                throw unclear("/participant", "the patient declined; send the Appointment as cancelled")
            }
        case "cancelled", "entered-in-error": update.action = .cancelBooking
        case "proposed":
            guard given.start == nil else {
                throw unclear("/status", "proposed with a start is no booking; send booked, pending or cancelled")
            }
            guard let text = update.text ?? given.description.nonEmptyText else {
                throw unclear(
                    "/patientInstruction", "is missing: write the booking comment there, or send cancelled to remove it"
                )
            }
            update.action = .bookingComments
            update.text = text
            return
        case nil: throw unclear("/status", "is required and missing")
        default:
            throw unclear("/status", "has no meaning in Ocean; use booked, pending, cancelled or proposed")
        }
        update.appointment = appointment
    }

    private func read(_ communication: Communication, into update: inout ReferralUpdate) throws(TranslationError) {
        switch communication.status {
        case "completed", "in-progress", nil: break
        default: throw unclear("/status", "says that nothing was said; send completed")
        }
        guard let text = communication.text else {
            throw unclear("/payload", "has no contentString; write the message there")
        }
        update.text = text
        update.reason = received.communicationReason
        update.senderName = communication.senderName
        update.documents = communication.documents
        if update.occurredAt == nil, let time = communication.sent, Timestamp(time) != nil { update.occurredAt = time }
        if received.code == .communicationFromRequester {
            update.action = .needsReview
        } else {
            update.action = received.topic == UpdateDraft.informationTopic ? .requestInformation : .message
        }
    }

    private func readRequest(into update: inout ReferralUpdate) throws(TranslationError) {
        switch received.requestStatus {
        case "completed": update.action = .complete
        case "active", nil:
            guard let category = received.correctedCategory, category.code.nonEmptyText != nil else {
                throw unclear(
                    "/code",
                    "an active ServiceRequest tells no change; send its corrected code, or a Task with a status")
            }
            update.action = .correctCategory
            update.category = category
        default:
            throw unclear("/status", "has no meaning from a receiver; send a Task with rejected or accepted")
        }
    }
}
