// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import FHIR
import JSON

/// An update with everything that is needed to write it down.
struct UpdateDraft {
    let update: ReferralUpdate
    let context: UpdateContext
    /// When it happened, as FHIR instant.
    let time: String
    /// What is stored of the referral.
    let known: Referral?
    /// What is echoed; nil in minimal bundles and where nothing is stored.
    let received: ReceivedResources?

    init(update: ReferralUpdate, context: UpdateContext) throws(TranslationError) {
        self.update = update
        self.context = context
        guard !update.referral.isEmpty else {
            throw TranslationError(.noReference, at: "/referral", "is empty; give Ocean's referral reference")
        }
        if let occurredAt = update.occurredAt {
            guard let time = Timestamp(occurredAt) else {
                throw TranslationError(
                    .invalid, at: "/occurredAt", "must be an RFC 3339 date-time with offset; correct it or leave it out"
                )
            }
            self.time = time.description
        } else {
            time = context.messageTime.description
        }
        known = try context.record?.resources.map { bytes throws(TranslationError) in try Referral(stored: bytes) }
        if context.conventions.echo == .full, let bytes = context.record?.received {
            received = try ReceivedResources(bytes)
        } else {
            received = nil
        }
    }

    /// The id of a new resource: the same on every retry of the same message.
    func id(_ role: String) -> String {
        UUIDv5.make(namespace: UpdateIdentity.namespace, name: "\(context.messageID)\n\(role)")
    }

    /// What goes into the bundle besides its header.
    func content() throws(TranslationError) -> UpdateContent {
        switch update.action {
        case .accept, .decline, .complete, .reopen, .convertToConsult, .convertToReferral, .redirect:
            UpdateContent(resources: [try statusTask()])
        case .forward, .assign: try forwarding()
        case .book, .confirmBooking, .reschedule, .cancelBooking, .bookingComments: try appointment()
        case .requestInformation where context.conventions.informationRequest == .task:
            UpdateContent(resources: [try informationTask()])
        case .message, .requestInformation, .needsReview: try communication()
        case .correctCategory: try categoryCorrection()
        case .updateDemographics: try demographics()
        }
    }

    /// A reference to the referral as Ocean knows it: by id and, for readers that go by it, by identifier.
    var referralReference: JSONValue {
        // A reference that is no id of FHIR's can only be an identifier.
        guard UpdateIdentity.isResourceID(update.referral) else { return ["identifier": referralIdentifier] }
        return ["reference": .string("ServiceRequest/\(update.referral)"), "identifier": referralIdentifier]
    }

    var referralIdentifier: JSONValue {
        ["system": .string(NamingSystem.referral.url(host: context.oceanHost)), "value": .string(update.referral)]
    }

    /// The patient to name in the message: what the update says, else what is stored.
    var patient: Patient? { (update.patient ?? known?.patient).map { PatientFitness($0).patient } }

    func resource(_ type: String, id: String) -> ElementBuilder {
        ElementBuilder(type: type, id: id, profile: UpdateIdentity.profile(type, context.dialect))
    }

    func missing(_ place: String, _ what: String) -> TranslationError {
        TranslationError(.invalid, at: place, "\(update.action.rawValue) needs \(what)")
    }
}

extension Referral {
    /// What is kept in `ReferralRecord.resources`.
    init(stored bytes: [UInt8]) throws(TranslationError) {
        let remedy = "the stored copy of the referral cannot be read; have Ocean resend the referral, then replay"
        let json: JSONValue
        do throws(JSONError) {
            json = try JSONValue(parsing: bytes)
        } catch {
            throw TranslationError(.invalid, "\(remedy) (\(error.code.rawValue) at offset \(error.offset))")
        }
        do throws(RecordError) {
            var unknown: [JSONPointer] = []
            self = try Referral(json: json, at: .root, unknown: &unknown)
        } catch {
            throw TranslationError(.invalid, at: error.pointer, "\(remedy) (\(error.message))")
        }
    }
}

/// Addresses and ids that are the product's own.
enum UpdateIdentity {
    /// Namespace of ids derived from messages (a random UUID, fixed once).
    static let namespace = "6f1c1c4e-3f0b-4a52-9d0e-2b7d5f6c8a11"

    /// Profile address with the version that Ocean's own messages show for the type; 1.0.0 where none was seen.
    static func profile(_ type: String, _ dialect: Dialect) -> String {
        let newer = dialect == .fhir0111 && ["MessageHeader", "Patient", "ServiceRequest"].contains(type)
        return "http://ehealthontario.ca/fhir/StructureDefinition/ca-on-eReferral-profile-\(type)|"
            + (newer ? "1.0.1" : "1.0.0")
    }

    /// FHIR R4 `id`: what Ocean and every FHIR server can hold.
    static func isResourceID(_ text: String) -> Bool {
        (1...64).contains(text.utf8.count)
            && text.utf8.allSatisfy {
                (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0) || $0 == 0x2D
                    || $0 == 0x2E
            }
    }

    /// A FHIR instant; the spelling is kept where it is one already, so that the local offset stays.
    static func instant(_ text: String) -> String? {
        guard let time = Timestamp(text) else { return nil }
        let bytes = Array(text.utf8)
        let hasSeconds = bytes.count >= 20 && bytes[10] == 0x54 && bytes[16] == 0x3A
        let hasOffset = bytes.last == 0x5A || bytes.count >= 25 && bytes[bytes.count - 3] == 0x3A
        return hasSeconds && hasOffset ? text : time.description
    }
}
