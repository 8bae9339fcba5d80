// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore

/// A message with the place it goes to, as bytes: every field as it is, so that nothing changes on the way through the
/// spool. The first byte is the version of the form.
struct SpoolRecord: Sendable, Hashable {
    private static let version: UInt8 = 1

    private enum Kind: UInt8 {
        case string = 0
        case integer = 1
        case no = 2
        case yes = 3
    }

    let message: Message
    let destination: Destination

    var bytes: [UInt8] {
        var writer = ByteWriter()
        writer.byte(Self.version)
        switch destination {
        case .exchange(let exchange, let routingKey):
            writer.byte(0)
            writer.text(exchange)
            writer.text(routingKey)
        case .queue(let queue):
            writer.byte(1)
            writer.text(queue)
        }
        writer.text(message.id)
        writer.text(message.source)
        writer.text(message.type.rawValue)
        writer.optional(message.subject)
        writer.integer(message.time.milliseconds)
        writer.optional(message.dataSchema)
        writer.text(message.contentType)
        Self.write(message.attributes.named, &writer)
        writer.optional(message.trace?.traceparent)
        writer.optional(message.trace?.state)
        Self.write(message.headers.map { ($0.key, $0.value) }, &writer)
        writer.block(message.body)
        return writer.bytes
    }

    init(message: Message, destination: Destination) {
        self.message = message
        self.destination = destination
    }

    /// Nil when the bytes are not of this form.
    init?(bytes: [UInt8]) {
        var reader = ByteReader(bytes)
        guard reader.byte() == Self.version, let destination = Self.destination(&reader), let id = reader.text(),
            let source = reader.text(), let type = reader.text(), let subject = reader.optional(),
            let time = reader.integer(), let schema = reader.optional(), let contentType = reader.text(),
            var named = Self.values(&reader), let parent = reader.optional(), let state = reader.optional(),
            let headers = Self.values(&reader), let body = reader.block(), reader.isAtEnd
        else { return nil }
        let trace = parent.flatMap { TraceContext(traceparent: $0, tracestate: state) }
        guard parent == nil || trace != nil else { return nil }
        let attributes = MessageAttributes(named: &named)
        guard named.isEmpty else { return nil }
        self.destination = destination
        message = Message(
            id: id, source: source, type: MessageType(rawValue: type), subject: subject,
            time: Timestamp(milliseconds: time), dataSchema: schema, contentType: contentType,
            attributes: attributes, trace: trace, headers: headers, body: body)
    }

    private static func destination(_ reader: inout ByteReader) -> Destination? {
        switch reader.byte() {
        case 0:
            guard let exchange = reader.text(), let routingKey = reader.text() else { return nil }
            return .exchange(exchange, routingKey: routingKey)
        case 1: return reader.text().map { .queue($0) }
        default: return nil
        }
    }

    private static func write(_ values: [(String, HeaderValue)], _ writer: inout ByteWriter) {
        writer.integer(Int64(values.count))
        for (name, value) in values {
            writer.text(name)
            switch value {
            case .string(let text):
                writer.byte(Kind.string.rawValue)
                writer.text(text)
            case .integer(let number):
                writer.byte(Kind.integer.rawValue)
                writer.integer(number)
            case .bool(let flag): writer.byte(flag ? Kind.yes.rawValue : Kind.no.rawValue)
            }
        }
    }

    private static func values(_ reader: inout ByteReader) -> [String: HeaderValue]? {
        guard let count = reader.count() else { return nil }
        var output: [String: HeaderValue] = [:]
        for _ in 0..<count {
            guard let name = reader.text(), let kind = reader.byte().flatMap(Kind.init(rawValue:)) else { return nil }
            switch kind {
            case .string:
                guard let text = reader.text() else { return nil }
                output[name] = .string(text)
            case .integer:
                guard let number = reader.integer() else { return nil }
                output[name] = .integer(number)
            case .no: output[name] = .bool(false)
            case .yes: output[name] = .bool(true)
            }
        }
        return output
    }
}
