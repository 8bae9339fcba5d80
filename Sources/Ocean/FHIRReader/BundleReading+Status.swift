// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

package import BridgeCore
import FHIR
import JSON

extension BundleReading {
    /// Ocean's folders by Task.status (Ocean Provider Network FHIR Playbook, eReferral lifecycle).
    static func status(ofTask word: String) -> ReferralStatus {
        switch word {
        case "requested", "received": .received
        case "accepted", "in-progress", "on-hold", "ready": .accepted
        case "rejected", "cancelled": .declined
        case "completed": .completed
        case "draft": .draft
        default: .unknown
        }
    }

    /// The state by the latest Task, dated appointments and the event. Nil where the message tells none of it: an
    /// update of the patient's address says nothing about the state.
    func deriveStatus() {
        guard referral.status == nil else { return }
        let task = latestTask
        if let word = task?.status {
            referral.status = Self.status(ofTask: word)
            referral.statusText = word
            referral.statusReason = task?.reason
        }
        referral.kind = task.flatMap { Self.kind(of: $0) } ?? referral.kind
        let requestStatus = request?.resource["status"]?.stringValue
        if eventCode == .revokeServiceRequest || requestStatus == "revoked" {
            referral.status = .cancelled
            return
        }
        if referral.links?.replacedBy.isEmpty == false {
            referral.status = .forwarded
            return
        }
        if referral.status == nil, requestStatus == "completed" {
            referral.status = .completed
            return
        }
        let isOpen = referral.status == nil || referral.status == .accepted || referral.status == .received
        // A message from the receiving side moves the referral into the folder Awaiting Reply; a Task in the same focus
        // says more exactly what it did.
        let asks = eventCode == .communicationFromProvider || eventCode == .sendCommunication
        if isOpen, asks, !focusTypes.contains("Task") {
            referral.status = .awaitingInformation
        } else if isOpen, referral.appointments.contains(where: { $0.isBooked }) {
            referral.status = .booked
        } else if referral.status == nil, eventCode == .addServiceRequest {
            referral.status = .received
        }
    }

    /// `ServiceRequest.status` may repeat that the referral is cancelled or completed.
    func passRequestStatus() {
        guard let request, let status = entryCursors[request.position]["resource"]?["status"] else { return }
        switch (status.value.stringValue, referral.status) {
        case ("revoked", .cancelled), ("completed", .completed):
            status.fold(into: "/referral/status", "says the state of the referral")
        default: return
        }
    }

    /// By the time of change; of those without a time the last in the bundle. A Task in focus is what the message
    /// reports, hence the latest.
    private var latestTask: ProcessTask? {
        let inFocus = focus.last { $0.type == "Task" }.flatMap { $0.id ?? $0.fullURLID }
        if let inFocus, let task = referral.tasks.first(where: { $0.id == inFocus }) { return task }
        var latest: ProcessTask?
        for task in referral.tasks {
            let time = (task.modified ?? task.authored).flatMap { Timestamp($0) }
            let before = (latest?.modified ?? latest?.authored).flatMap { Timestamp($0) }
            if let time, let before, time < before { continue }
            latest = task
        }
        return latest
    }

    /// The needs-to-be-seen flag names the kind that is wanted and so outweighs the code, which names the present one.
    private static func kind(of task: ProcessTask) -> ReferralKind? {
        if let seen = task.patientNeedsToBeSeen { return seen ? .referral : .consult }
        if task.code.contains(where: { $0.code == "process-request-consult" }) { return .consult }
        if task.code.contains(where: { $0.code == "process-request" }) { return .referral }
        return nil
    }

    /// The state as our own normalised form writes it, in a Task that is not part of the referral's history.
    func readStatusTask(_ entry: FHIREntry) -> Bool {
        let coding = entry.resource["businessStatus"]?.codingElements.first {
            $0["system"]?.stringValue == NormalisedCode.status
        }
        guard let word = coding?["code"]?.stringValue, let status = ReferralStatus(rawValue: word) else { return false }
        let resource = open(entry, at: "/referral/status")
        referral.status = status
        if let business = resource.object("businessStatus") {
            referral.statusText = business.text("text", to: "/referral/statusText")
            for coding in business.objects("coding") where coding.peek("code") == word {
                coding["code"]?.keep(to: "/referral/status")
                coding["system"]?.structural(.impliedSystem)
            }
        }
        resource["status"]?.fold(into: "/referral/status", "the nearest word of FHIR")
        referral.statusReason = resource.object("statusReason")?.text("text", to: "/referral/statusReason")
        for coding in resource.object("code")?.objects("coding") ?? [] {
            switch coding.peek("code") {
            case "process-request": referral.kind = .referral
            case "process-request-consult": referral.kind = .consult
            default: continue
            }
            coding["code"]?.fold(into: "/referral/kind", "kind of exchange")
            coding["system"]?.structural(.impliedSystem)
        }
        resource.passConstant("intent", "Task.intent")
        passBasedOn(resource)
        _ = follow(resource.object("for"), types: ["Patient"])
        return true
    }
}

extension Appointment {
    /// With a date and standing. Ocean reports a removed appointment as proposed, without times.
    var isBooked: Bool {
        guard start != nil else { return false }
        return !["cancelled", "noshow", "entered-in-error"].contains(status ?? "")
    }

    /// How Ocean reports that an appointment was removed.
    package var isRemoved: Bool { status == "proposed" && start == nil && end == nil }
}

/// Codes and systems of our own, by which the normalised FHIR form carries what R4 has no place for.
enum NormalisedCode {
    static let status = "urn:ocean-bridge:referral-status"
    static let direction = "urn:ocean-bridge:communication-direction"
    /// Identifier systems of Ocean's patient and note references, for which Ocean has no naming system.
    static let patient = "urn:ocean-bridge:ocean-patient-reference"
    static let note = "urn:ocean-bridge:ocean-note"
    /// Ocean's keys of the entries of the cumulative patient profile.
    static let profileItem = "urn:ocean-bridge:ocean-profile-item"
    /// Tag that names the section of the profile; its codes are Ocean's own words.
    static let profileSection = "urn:ocean-bridge:ocean-profile-section"
    static let noteType = "Note"
    /// What the normalised form writes where Ocean sent no event code.
    static let unknownEvent = "urn:ocean-bridge:unknown-event"
    /// A file that the receiver sent with the booking.
    static let bookingType = "Booking file"
    static let dataAbsentReason = "http://hl7.org/fhir/StructureDefinition/data-absent-reason"
    static let waitTimeExtension = "ext-ontario-clinical-wait-time-appointment-milestones"
}
