// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import JSON

enum HeaderFuzzing {
    private static let now = Timestamp(milliseconds: 1_772_460_000_000)

    /// Lines are `name: value`; an empty line ends the headers and begins the body. Names without a prefix of
    /// CloudEvents' are AMQP properties where there is one of that name.
    static func flaws(in input: [UInt8]) -> [String] {
        var flaws: [String] = []
        var properties = CloudEventsBinary.Properties()
        var rest = input[...]
        while let end = rest.firstIndex(of: 0x0A) {
            let line = rest[..<end]
            rest = rest[rest.index(after: end)...]
            guard !line.isEmpty else { break }
            let parts = line.split(separator: 0x3A, maxSplits: 1, omittingEmptySubsequences: false)
            let text = String(decoding: parts.count > 1 ? parts[1].drop { $0 == 0x20 } : [], as: UTF8.self)
            set(String(decoding: parts.first ?? [], as: UTF8.self), text, in: &properties)
            flaws += valueFlaws(text)
        }
        let body = Array(rest)
        let message = CloudEventsBinary.message(
            from: properties, body: body, routingKey: properties.replyTo ?? "", fallbackID: "amqp-0", receivedAt: now)
        flaws += messageFlaws(message)
        if let json = try? JSONValue(parsing: body), let event = try? Message(structured: json, receivedAt: now) {
            flaws += messageFlaws(event)
        }
        return flaws
    }

    private static func set(_ name: String, _ text: String, in properties: inout CloudEventsBinary.Properties) {
        switch name {
        case "message_id": properties.messageID = text
        case "correlation_id": properties.correlationID = text
        case "type": properties.type = text
        case "content_type": properties.contentType = text
        case "app_id": properties.appID = text
        case "timestamp": properties.timestamp = UInt64(text)
        case "reply_to": properties.replyTo = text
        default:
            properties.headers[name] =
                Int64(text).map { .integer($0) } ?? (text == "true" ? .bool(true) : .string(text))
        }
    }

    /// What the bridge sends on is read as the same message.
    private static func messageFlaws(_ message: Message) -> [String] {
        var flaws: [String] = []
        let again = CloudEventsBinary.message(
            from: CloudEventsBinary.properties(of: message), body: message.body, routingKey: "",
            fallbackID: "amqp-1", receivedAt: message.time)
        if again.id != message.id { flaws.append("another id after one hop") }
        if again.subject != message.subject { flaws.append("another subject after one hop") }
        if again.type != message.type { flaws.append("another type after one hop") }
        if again.attributes != message.attributes { flaws.append("other attributes after one hop") }
        let structured = message.structured(exactBody: true)
        do throws(RecordError) {
            let read = try Message(structured: structured)
            if read.body != message.body { flaws.append("another body in a structured event") }
            if read.id != message.id { flaws.append("another id in a structured event") }
        } catch {
            if !message.id.isEmpty { flaws.append("a structured event cannot be read back: \(error)") }
        }
        return flaws
    }

    private static func valueFlaws(_ text: String) -> [String] {
        var flaws: [String] = []
        _ = CloudEventsStructured.isJSON(contentType: text)
        if let trace = TraceContext(traceparent: text, tracestate: text) {
            if TraceContext(traceparent: trace.traceparent, tracestate: trace.state) != trace {
                flaws.append("a trace changes when it is passed on")
            }
        }
        if let pause = RetryAfter.parse(text, now: now), pause < .zero || pause > .seconds(86_400) {
            flaws.append("a pause outside its bounds")
        }
        if let time = Timestamp(text), Timestamp(time.description) != time {
            flaws.append("a time changes when it is written")
        }
        return flaws
    }
}
