// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import OceanSandbox

/// What happens in the demo: who sends what, how the hospital answers, where the referral must end up.
struct DemoScript: Sendable {
    /// One hospital service and its answers, in order; the next one is sent when the last has been delivered.
    struct Service: Sendable {
        let name: String
        let listing: String
        let dialect: String
        let answers: [UpdateAction]
        /// Ocean's folder, on the receiver's side, when all answers have arrived.
        let folder: ReferralFolder
        /// The letter and attachments that hospital systems must hear of.
        let documents: Int
    }

    static let site = "1234"
    static let integration = "ereferral"

    static let services = [
        Service(
            name: "ORTHOPAEDICS", listing: "ereferral_1234_0111", dialect: "FHIR 0.11.1",
            answers: [.accept, .book], folder: .bookingConfirmed, documents: 1),
        Service(
            name: "IMAGING", listing: "ereferral_1234_0100", dialect: "FHIR 0.10.0",
            answers: [.accept, .message], folder: .awaitingReply, documents: 3),
        Service(
            name: "CARDIOLOGY", listing: "openapi_1234", dialect: "Ocean JSON, encrypted", answers: [.decline],
            folder: .declined, documents: 0),
    ]

    static func service(_ name: String?) -> Service? { services.first { $0.name == name } }

    /// The settings of the demo, in the same form as a user's file.
    static func settings(
        directory: String, ocean: String, publicPort: Int, operationsPort: Int, secret: String
    ) -> String {
        """
        ocean: { host: "\(ocean)" }
        sites:
          "\(site)":
            oauth: { clientId: demo-client-id-0123456789abcdef0123, clientSecret: "demo-\(secret)" }
            openApi: { siteKey: demo-site-key, siteCredential: demo-site-credential, sharedEncryptionKey: "Bridge#2025aBcD!" }
        integrations:
          \(integration): { kind: ereferral-fhir, site: "\(site)", auth: { oauth2: { clientId: ocean, clientSecret: "\(secret)" } } }
          openapi: { kind: ereferral-open-api, site: "\(site)", auth: { basic: { username: ocean, password: "\(secret)" } } }
          forms: { kind: patient-engagement, site: "\(site)", auth: { header: { name: X-Ocean-Key, value: "\(secret)" } } }
        cds:
          services:
            referral-check:
              description: Says what the receiving clinics want to know before a referral is sent.
              site: "\(site)"
              rules: [required-answers, health-number, open-referral, listing-state, exclusion-criteria]
              budget: 5s
              auth: { oauth2: { clientId: ocean-cds, clientSecret: "cds-\(secret)" } }
          rules:
            requiredAnswers: { file: "\(directory)/required-answers.json" }
            listingState: { file: "\(directory)/listing-state.json" }
            exclusionCriteria: { file: "\(directory)/exclusion-criteria.json" }
        bus: { url: embedded, partitions: 4 }
        documents: { pace: 50ms }
        dataDirectory: "\(directory)"
        http:
          public: { address: "127.0.0.1:\(publicPort)" }
          operations: { address: "127.0.0.1:\(operationsPort)" }
        log: { level: error }
        """
    }

    /// The update that a hospital system would publish.
    static func update(_ action: UpdateAction, for reference: String, now: Timestamp) -> ReferralUpdate {
        var update = ReferralUpdate(referral: reference, site: site, action: action)
        update.occurredAt = now.description
        update.actor = "Demo hospital"
        switch action {
        case .book:
            var appointment = Appointment()
            let start = now.advanced(by: .seconds(14 * 86_400))
            appointment.status = "booked"
            appointment.start = start.description
            appointment.end = start.advanced(by: .seconds(1800)).description
            appointment.minutes = 30
            appointment.label = "First visit"
            appointment.patientStatus = "accepted"
            appointment.patientInstruction = "Please arrive 15 minutes early."
            update.appointment = appointment
        case .message:
            update.text = "Please attach the last X-ray report."
            update.senderName = "Imaging booking desk"
        case .decline:
            update.reason = "The clinic does not see this condition."
        default:
            update.text = "Accepted."
        }
        return update
    }
}
