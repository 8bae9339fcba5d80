// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

package import BridgeCore

/// One body on its way to a webhook.
struct WebhookDelivery: Sendable {
    let id: String
    let webhook: String
    let reference: String
    let event: String
    let contentType: String
    let body: [UInt8]
}

/// What became of a delivery.
package struct DeliveryRecord: JSONRecord {
    package var id = ""
    package var webhook = ""
    /// Referral or patient reference.
    package var reference = ""
    /// Ocean's event code.
    package var event = ""
    package var state: DeliveryState = .pending
    package var attempts: [DeliveryAttempt] = []

    package init() {}

    init(_ delivery: WebhookDelivery) {
        id = delivery.id
        webhook = delivery.webhook
        reference = delivery.reference
        event = delivery.event
    }

    package static let fields: [Field<DeliveryRecord>] = [
        .required("id", \.id), .required("webhook", \.webhook), .required("ref", \.reference),
        .required("event", \.event), .required("state", \.state), .list("attempts", \.attempts),
    ]
}

/// Where a delivery stands.
package enum DeliveryState: String, JSONWord, CaseIterable {
    case pending, delivered
    /// The schedule is used up, 96 hours in Ocean.
    case abandoned
}

/// One call and its answer.
package struct DeliveryAttempt: JSONRecord {
    package var time = Timestamp(milliseconds: 0)
    /// HTTP status; nil without an answer.
    package var status: Int?
    /// Why there was none.
    package var failure: String?

    package init() {}

    package static let fields: [Field<DeliveryAttempt>] = [
        .required("time", \.time), .optional("status", \.status), .optional("failure", \.failure),
    ]
}
