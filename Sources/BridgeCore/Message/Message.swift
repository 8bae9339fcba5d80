// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

/// One message of the bridge: a CloudEvents 1.0 envelope round a body.
///
/// Attributes and headers hold references and codes only, never patient data: they are seen by brokers, logs and
/// consoles. Everything about a patient is in `body`.
package struct Message: Sendable, Hashable {
    /// CloudEvents `id` and AMQP `message_id`; a UUIDv7 for messages that the bridge makes. Kept on every retry.
    package var id: String
    /// Begins the id of a message that came with none: such ids are made of the body, so equal bodies share one.
    package static let fallbackIDPrefix = "amqp-"

    /// CloudEvents `source`, a URI reference: `/ocean/{integration}`, `/hospital`, `/bridge/{role}`.
    package var source: String
    package var type: MessageType
    /// CloudEvents `subject` and AMQP `correlation_id`: the referral reference (or patient reference of a form event).
    /// It decides the partition, hence the order.
    package var subject: String?
    /// CloudEvents `time`: when Ocean or the hospital said it, else when the bridge accepted it.
    package var time: Timestamp
    /// CloudEvents `dataschema`, a URI.
    package var dataSchema: String?
    /// Media type of `body`.
    package var contentType: String
    package var attributes: MessageAttributes
    /// W3C trace context of the hop that published this message.
    package var trace: TraceContext?
    /// Further headers, such as the reason of a dead letter. Names must not begin with `cloudEvents_`.
    package var headers: [String: HeaderValue]
    package var body: [UInt8]

    package init(
        id: String, source: String, type: MessageType, subject: String?, time: Timestamp, dataSchema: String? = nil,
        contentType: String = "application/json", attributes: MessageAttributes = MessageAttributes(),
        trace: TraceContext? = nil, headers: [String: HeaderValue] = [:], body: [UInt8]
    ) {
        self.id = id
        self.source = source
        self.type = type
        self.subject = subject
        self.time = time
        self.dataSchema = dataSchema
        self.contentType = contentType
        self.attributes = attributes
        self.trace = trace
        self.headers = headers
        self.body = body
    }
}

/// The product's CloudEvents extension attributes (contract: `cloudEvents_site`, `_listing`, …).
package struct MessageAttributes: Sendable, Hashable {
    /// Ocean site number of the receiver.
    package var site: String?
    /// Listing reference (`id-referral-target-reference`).
    package var listing: String?
    /// External Service ID of the listing, else the listing reference: the hospital's routing key part.
    package var service: String?
    /// Ocean's event code, as received or as to be sent.
    package var event: String?
    /// `0.10.0`, `0.11.1`, `ocean-json`, `patient-engagement`.
    package var dialect: String?
    /// Test data (HTEST).
    package var test: Bool
    /// Ocean's echo of a change that the bridge made itself.
    package var echo: Bool
    /// Older than what was already delivered for this referral.
    package var late: Bool
    /// Rising per referral, zero-padded so that it compares as text.
    package var sequence: String?
    /// Id of the message that caused this one.
    package var causationID: String?
    /// The integration (settings key) through which the message came.
    package var integration: String?

    package init(
        site: String? = nil, listing: String? = nil, service: String? = nil, event: String? = nil,
        dialect: String? = nil, test: Bool = false, echo: Bool = false, late: Bool = false, sequence: String? = nil,
        causationID: String? = nil, integration: String? = nil
    ) {
        self.site = site
        self.listing = listing
        self.service = service
        self.event = event
        self.dialect = dialect
        self.test = test
        self.echo = echo
        self.late = late
        self.sequence = sequence
        self.causationID = causationID
        self.integration = integration
    }
}

/// A header's value, in the kinds that both AMQP field tables and JSON know.
package enum HeaderValue: Sendable, Hashable {
    case string(String)
    case integer(Int64)
    case bool(Bool)

    /// The value as text, whatever its kind.
    package var text: String {
        switch self {
        case .string(let value): value
        case .integer(let value): String(value)
        case .bool(let value): value ? "true" : "false"
        }
    }

    package var isTrue: Bool { self == .bool(true) || self == .string("true") || self == .integer(1) }
}
