// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

/// CloudEvents in binary mode on AMQP 0-9-1: attributes as headers with the `cloudEvents_` prefix.
///
/// CloudEvents defines its AMQP binding for AMQP 1.0 only; the prefix is that binding's, carried over to 0-9-1 headers.
package enum CloudEventsBinary {
    package static let prefix = "cloudEvents_"

    /// AMQP 0-9-1 basic properties that the envelope fills or reads.
    package struct Properties: Sendable, Hashable {
        package var messageID: String?
        package var correlationID: String?
        package var type: String?
        package var contentType: String?
        package var appID: String?
        /// Seconds since 1970, as AMQP counts.
        package var timestamp: UInt64?
        package var replyTo: String?
        /// Milliseconds after which the broker drops the message; nil keeps it.
        package var expiration: UInt64?
        package var headers: [String: HeaderValue]

        package init(
            messageID: String? = nil, correlationID: String? = nil, type: String? = nil, contentType: String? = nil,
            appID: String? = nil, timestamp: UInt64? = nil, replyTo: String? = nil, expiration: UInt64? = nil,
            headers: [String: HeaderValue] = [:]
        ) {
            self.messageID = messageID
            self.correlationID = correlationID
            self.type = type
            self.contentType = contentType
            self.appID = appID
            self.timestamp = timestamp
            self.replyTo = replyTo
            self.expiration = expiration
            self.headers = headers
        }
    }

    /// The properties under which `message` travels; the body is `message.body` as it is.
    package static func properties(of message: Message) -> Properties {
        var headers = message.headers
        for (name, value) in message.attributes.named {
            headers[prefix + name] = value
        }
        headers[prefix + "specversion"] = .string("1.0")
        headers[prefix + "id"] = .string(message.id)
        headers[prefix + "source"] = .string(message.source)
        headers[prefix + "type"] = .string(message.type.rawValue)
        headers[prefix + "time"] = .string(message.time.description)
        headers[prefix + "subject"] = message.subject.map { .string($0) }
        headers[prefix + "dataschema"] = message.dataSchema.map { .string($0) }
        headers["traceparent"] = message.trace.map { .string($0.traceparent) }
        headers["tracestate"] = message.trace?.state.map { .string($0) }
        if message.attributes.test { headers["test"] = .bool(true) }
        return Properties(
            messageID: message.id, correlationID: message.subject, type: message.type.rawValue,
            contentType: message.contentType, appID: "ocean-bridge",
            timestamp: UInt64(max(0, message.time.milliseconds / 1000)), headers: headers)
    }

    /// The message behind received properties. Hospital systems may publish with no CloudEvents header at all: what is
    /// missing comes from the AMQP properties, the routing key (referral reference) and `fallbackID`.
    package static func message(
        from properties: Properties, body: [UInt8], routingKey: String, fallbackID: String, receivedAt: Timestamp
    ) -> Message {
        var plain: [String: HeaderValue] = [:]
        var attributes: [String: HeaderValue] = [:]
        for (name, value) in properties.headers {
            if name.hasPrefix(prefix) {
                attributes[String(name.dropFirst(prefix.count))] = value
            } else if let inner = Self.standardPrefixes.first(where: { name.hasPrefix($0) }) {
                attributes[String(name.dropFirst(inner.count))] = value
            } else {
                plain[name] = value
            }
        }
        func text(_ name: String) -> String? {
            guard let value = attributes.removeValue(forKey: name)?.text, !value.isEmpty else { return nil }
            return value
        }
        let trace = plain["traceparent"].flatMap {
            TraceContext(traceparent: $0.text, tracestate: plain["tracestate"]?.text)
        }
        plain["traceparent"] = nil
        plain["tracestate"] = nil
        plain["test"] = nil
        _ = text("specversion")
        let id = text("id") ?? properties.messageID.nonEmpty ?? fallbackID
        let source = text("source") ?? properties.appID.nonEmpty.map { "/" + $0 } ?? "/hospital"
        let type = text("type") ?? properties.type.nonEmpty ?? MessageType.updateRequested.rawValue
        let subject = text("subject") ?? properties.correlationID.nonEmpty ?? (routingKey.isEmpty ? nil : routingKey)
        let time =
            text("time").flatMap { Timestamp($0) }
            ?? properties.timestamp.flatMap { Int64(exactly: $0) }.flatMap {
                $0 < 253_402_300_800 ? Timestamp(milliseconds: $0 * 1000) : nil
            } ?? receivedAt
        let schema = text("dataschema")
        let known = MessageAttributes(named: &attributes)
        // Extensions of other products pass through under their own header names.
        for (name, value) in attributes { plain[prefix + name] = value }
        return Message(
            id: id, source: source, type: MessageType(rawValue: type), subject: subject, time: time,
            dataSchema: schema, contentType: properties.contentType.nonEmpty ?? "application/json",
            attributes: known, trace: trace, headers: plain, body: body)
    }

    /// Spellings that other CloudEvents libraries use for the AMQP binding.
    private static let standardPrefixes = ["cloudEvents:", "ce-"]
}

extension MessageAttributes {
    /// The attributes that are set, by their CloudEvents names (lower case, as the specification asks).
    package var named: [(String, HeaderValue)] {
        var output: [(String, HeaderValue)] = []
        func add(_ name: String, _ value: String?) {
            if let value { output.append((name, .string(value))) }
        }
        add("site", site)
        add("listing", listing)
        add("service", service)
        add("event", event)
        add("dialect", dialect)
        add("sequence", sequence)
        add("causationid", causationID)
        add("integration", integration)
        if test { output.append(("test", .bool(true))) }
        if echo { output.append(("echo", .bool(true))) }
        if late { output.append(("late", .bool(true))) }
        return output
    }

    /// Takes the product's attributes out of `values` and leaves the rest.
    package init(named values: inout [String: HeaderValue]) {
        func text(_ name: String) -> String? { values.removeValue(forKey: name)?.text }
        func flag(_ name: String) -> Bool { values.removeValue(forKey: name)?.isTrue ?? false }
        self.init(
            site: text("site"), listing: text("listing"), service: text("service"), event: text("event"),
            dialect: text("dialect"), test: flag("test"), echo: flag("echo"), late: flag("late"),
            sequence: text("sequence"), causationID: text("causationid"), integration: text("integration"))
    }
}

extension Optional where Wrapped == String {
    var nonEmpty: String? {
        guard let self, !self.isEmpty else { return nil }
        return self
    }
}
