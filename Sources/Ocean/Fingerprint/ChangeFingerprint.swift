// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

package import BridgeCore
import Crypto
import JSON

/// Stable words for a change, by which Ocean's echo of it is known again.
///
/// Ocean sends an update for every change, the receiver's own included. What goes out leaves its fingerprints. What
/// comes in is an echo only when all of `changes(in:since:)` went out before: a referral shows old changes of ours
/// beside a new one of somebody else's, so that one remembered word among them proves nothing. Texts and people appear
/// as digests that hold for one referral only.
package enum ChangeFingerprint {
    /// - Parameter appointmentID: the id under which the appointment goes to Ocean.
    package static func fingerprints(of update: ReferralUpdate, appointmentID: String? = nil) -> [String] {
        let referral = update.referral
        switch update.action {
        case .accept, .reopen: return [task("accepted")]
        case .decline: return [task("rejected")]
        case .complete: return [task("completed")]
        case .convertToConsult: return [task("accepted"), kind(.consult)]
        case .convertToReferral: return [task("accepted"), kind(.referral)]
        case .redirect:
            return [task("accepted")] + list(update.redirectURL) { "redirect:" + digest($0, referral) }
        case .forward, .assign: return list(update.targetListing) { "listing:\($0)" }
        case .book, .confirmBooking, .reschedule, .cancelBooking, .bookingComments:
            var appointment = update.appointment ?? Appointment()
            appointment.id = appointmentID ?? appointment.id
            appointment.patientInstruction = update.text ?? appointment.patientInstruction
            switch update.action {
            case .cancelBooking: appointment.status = "cancelled"
            case .bookingComments: appointment.status = "proposed"
            case .confirmBooking: appointment.patientStatus = "accepted"
            default: break
            }
            return fingerprints(of: appointment, referral: referral)
        case .message, .requestInformation, .needsReview: return list(update.text) { text($0, referral) }
        case .correctCategory: return list(update.category?.code) { "category:\($0)" }
        case .updateDemographics: return update.patient.map { [patient($0, referral)] } ?? []
        }
    }

    /// What a received referral says that the last known state of it did not say.
    ///
    /// An echo is a referral with changes, all of which are remembered; without any change, it repeats what is known.
    /// What no update can cause is a change, too (`rest:`, `status:`, `gone:`), and never remembered. With no known
    /// state everything counts as new.
    package static func changes(in referral: Referral, since known: Referral?) -> [String] {
        let before = known.map { Set(fingerprints(of: $0) + [rest($0)]) } ?? []
        var output = (fingerprints(of: referral) + [rest(referral)]).filter { !before.contains($0) }
        // A referral is one from the start, whether or not its first message said so.
        if let known, known.kind == nil { output.removeAll { $0 == kind(.referral) } }
        let standing = referral.appointments.count { !isRemoved($0) }
        let told = referral.appointments.count - standing
        // Ocean JSON leaves a cancelled appointment out; FHIR reports it without its time.
        if let known, standing + told < known.appointments.count(where: { !isRemoved($0) }) {
            output.append("gone:appointment")
        }
        return output
    }

    /// Everything in a received referral that a change of ours could have caused, and what only the sender can do.
    package static func fingerprints(of referral: Referral) -> [String] {
        var output: [String] = []
        func add(_ words: [String]) {
            for word in words where !output.contains(word) { output.append(word) }
        }
        switch referral.status {
        case .accepted: add([task("accepted")])
        case .declined: add([task("rejected")])
        case .completed: add([task("completed")])
        case .cancelled, .external: add(["status:\(referral.status?.rawValue ?? "")"])
        default: break
        }
        for entry in referral.tasks {
            add(list(entry.status.map { $0 == "cancelled" ? "rejected" : $0 }) { task($0) })
            if let seen = entry.patientNeedsToBeSeen { add([kind(seen ? .referral : .consult)]) }
            add(list(entry.redirectURL) { "redirect:" + digest($0, referral.ref) })
        }
        if let kind = referral.kind { add([Self.kind(kind)]) }
        add(list(referral.bookingURL) { "redirect:" + digest($0, referral.ref) })
        add(list(referral.receiver?.ref) { "listing:\($0)" })
        for appointment in referral.appointments { add(fingerprints(of: appointment, referral: referral.ref)) }
        add(list(referral.bookingComments) { "comments:" + digest(folded($0), referral.ref) })
        for communication in referral.communications { add(list(communication.text) { text($0, referral.ref) }) }
        for coding in referral.code + referral.category { add(list(coding.code) { "category:\($0)" }) }
        if let patient = referral.patient { add([Self.patient(patient, referral.ref)]) }
        return output
    }

    private static func fingerprints(of appointment: Appointment, referral: String) -> [String] {
        let start = appointment.start.map { Timestamp($0)?.description ?? $0 } ?? ""
        var output: [String] = []
        let isRemoved = isRemoved(appointment)
        let word: String
        if isRemoved {
            word = "removed"
        } else if appointment.patientStatus.map({ $0 == "accepted" }) ?? (appointment.status == "booked") {
            word = "confirmed"
        } else {
            word = "unconfirmed"
        }
        // Ocean reports a removed appointment without its time.
        if let id = appointment.id { output.append("appointment:\(id):\(isRemoved ? "" : start):\(word)") }
        if !start.isEmpty { output.append("slot:\(start):\(word)") }
        if let text = appointment.patientInstruction, !text.isEmpty {
            output.append("comments:" + digest(folded(text), referral))
        }
        return output
    }

    private static func isRemoved(_ appointment: Appointment) -> Bool {
        appointment.status == "cancelled" || appointment.status == "entered-in-error"
            || appointment.status == "proposed" && appointment.start == nil
    }

    /// All that has no fingerprint of its own. What changes with every message is left out.
    private static func rest(_ referral: Referral) -> String {
        var rest = referral
        rest.status = nil
        rest.statusText = nil
        rest.statusReason = nil
        rest.kind = nil
        rest.modified = nil
        rest.receiver = nil
        rest.patient = nil
        rest.category = []
        rest.code = []
        rest.appointments = []
        rest.communications = []
        rest.tasks = []
        rest.bookingComments = nil
        rest.bookingURL = nil
        rest.unmapped = []
        // The same key may come wrapped anew with every answer of the Open API.
        for index in rest.documents.indices { rest.documents[index].encryptedKey = nil }
        return "rest:" + digest(rest.json.text(.canonical), referral.ref)
    }

    private static func task(_ status: String) -> String { "task:\(status)" }
    private static func kind(_ kind: ReferralKind) -> String { "kind:\(kind.rawValue)" }
    private static func text(_ text: String, _ referral: String) -> String {
        "communication:" + digest(folded(text), referral)
    }

    private static func patient(_ patient: Patient, _ referral: String) -> String {
        let name = patient.names.first
        let parts: [String?] = [
            name?.family, name?.given.joined(separator: " "), patient.birthDate, patient.gender,
            patient.healthNumber?.value, patient.telecom.compactMap(\.value).joined(separator: " "),
            patient.addresses.filter { !$0.isEmpty }.compactMap(\.postalCode).joined(separator: " "),
        ]
        return "patient:" + digest(parts.map { $0 ?? "" }.joined(separator: "\n"), referral)
    }

    /// Ocean may change blanks and line ends of a text.
    private static func folded(_ text: String) -> String {
        text.split { $0.isWhitespace }.joined(separator: " ")
    }

    private static func digest(_ text: String, _ referral: String) -> String {
        let digits: [UInt8] = Array("0123456789abcdef".utf8)
        var output: [UInt8] = []
        for byte in SHA256.hash(data: Array("\(referral)\n\(text)".utf8)).prefix(12) {
            output.append(digits[Int(byte >> 4)])
            output.append(digits[Int(byte & 15)])
        }
        return String(decoding: output, as: UTF8.self)
    }

    private static func list(_ text: String?, _ word: (String) -> String) -> [String] {
        guard let text, !text.isEmpty else { return [] }
        return [word(text)]
    }
}
