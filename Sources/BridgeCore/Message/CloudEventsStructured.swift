// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
package import JSON

/// CloudEvents 1.0 in structured mode (`application/cloudevents+json`): one JSON object for envelope and body.
///
/// Used wherever there are no AMQP headers: HTTP, exports, dead-letter dumps, replay files.
/// Headers beyond CloudEvents cannot be attributes (their names and kinds are freer), and an extension may not hold an
/// object; they travel as JSON text in the string extension `headers`, such as `"headers": "{\"reason\":\"timeout\"}"`.
/// Trace context travels under the names of the CloudEvents Distributed Tracing extension.
package enum CloudEventsStructured {
    package static let mediaType = "application/cloudevents+json"

    static let headersName = "headers"

    /// Whether `contentType` says JSON: `application/json`, `text/json` or any `+json`, whatever its parameters.
    package static func isJSON(contentType: String) -> Bool {
        let type = contentType.split(separator: ";", maxSplits: 1).first.map { $0.lowercased() } ?? ""
        let bare = type.filter { $0 != " " && $0 != "\t" }
        return bare.hasSuffix("/json") || bare.hasSuffix("+json")
    }

    /// CloudEvents §3.1: lower-case letters and digits.
    static func isAttributeName(_ name: String) -> Bool {
        !name.isEmpty && name.utf8.allSatisfy { (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) }
    }
}

extension Message {
    /// The message as one structured CloudEvent.
    ///
    /// A JSON body stands as `data`: its values are kept to the letter (numbers keep their spelling, members their
    /// order), only whitespace and the choice of escapes may change. Anything else stands as `data_base64`.
    /// - Parameter exactBody: gives a JSON body as `data_base64` too, unless `data` would bring back the same bytes.
    package func structured(exactBody: Bool = false) -> JSONValue {
        var output = JSONObject()
        output["specversion"] = "1.0"
        output["id"] = .string(id)
        output["source"] = .string(source)
        output["type"] = .string(type.rawValue)
        output.append("subject", subject.map { .string($0) })
        output["time"] = .string(time.description)
        output["datacontenttype"] = .string(contentType)
        output.append("dataschema", dataSchema.map { .string($0) })
        for (name, value) in attributes.named { output[name] = value.structuredValue }
        output.append("traceparent", trace.map { .string($0.traceparent) })
        output.append("tracestate", trace?.state.map { .string($0) })
        var others = JSONObject()
        for (name, value) in headers.sorted(by: { $0.key < $1.key }) {
            // Extensions of other products keep their place among the attributes.
            let attribute =
                name.hasPrefix(CloudEventsBinary.prefix) ? name.dropFirst(CloudEventsBinary.prefix.count) : ""
            if CloudEventsStructured.isAttributeName(String(attribute)), output[String(attribute)] == nil,
                attribute != CloudEventsStructured.headersName, attribute != "data", value.fitsAttribute
            {
                output[String(attribute)] = value.structuredValue
            } else {
                others[name] = value.structuredValue
            }
        }
        if !others.isEmpty {
            output[CloudEventsStructured.headersName] = .string(JSONValue.object(others).text())
        }
        if let data = structuredData(exactBody: exactBody) {
            output["data"] = data
        } else if !body.isEmpty {
            output["data_base64"] = .string(Data(body).base64EncodedString())
        }
        return .object(output)
    }

    private func structuredData(exactBody: Bool) -> JSONValue? {
        guard CloudEventsStructured.isJSON(contentType: contentType), !body.isEmpty else { return nil }
        do throws(JSONError) {
            let value = try JSONValue(parsing: body)
            if exactBody, value.bytes() != body { return .none }
            return value
        } catch {
            // Not the JSON that its content type promises: the bytes travel as they are.
            return nil
        }
    }

    /// Reads a structured CloudEvent.
    /// - Parameters:
    ///   - json: the event.
    ///   - receivedAt: stands in for a missing `time`.
    /// - Throws: `RecordError` at the attribute that is missing or of the wrong kind.
    package init(structured json: JSONValue, receivedAt: Timestamp? = nil) throws(RecordError) {
        guard let object = json.objectValue else {
            throw RecordError(at: .root, expected: "a CloudEvent (an object)", found: json)
        }
        var unknown: [JSONPointer] = []
        func text(_ name: String) throws(RecordError) -> String? {
            guard let value = object[name], !value.isNull else { return nil }
            let text = try String(json: value, at: JSONPointer(tokens: [name]), unknown: &unknown)
            return text.isEmpty ? nil : text
        }
        func required(_ name: String) throws(RecordError) -> String {
            guard let value = try text(name) else { throw RecordError(missing: JSONPointer(tokens: [name])) }
            return value
        }
        guard try required("specversion") == "1.0" else {
            throw RecordError(at: JSONPointer(tokens: ["specversion"]), message: "must be 1.0")
        }
        let id = try required("id")
        let source = try required("source")
        let type = MessageType(rawValue: try required("type"))
        let subject = try text("subject")
        let schema = try text("dataschema")
        let contentType = try text("datacontenttype") ?? "application/json"
        let time: Timestamp
        if let value = object["time"], !value.isNull {
            time = try Timestamp(json: value, at: JSONPointer(tokens: ["time"]), unknown: &unknown)
        } else if let receivedAt {
            time = receivedAt
        } else {
            throw RecordError(missing: JSONPointer(tokens: ["time"]))
        }
        let trace = try text("traceparent").flatMap { [state = try text("tracestate")] in
            TraceContext(traceparent: $0, tracestate: state)
        }
        var headers = try Self.plainHeaders(try text(CloudEventsStructured.headersName))
        var extensions: [String: HeaderValue] = [:]
        for member in object where !Self.coreNames.contains(member.name) && !member.value.isNull {
            guard let value = HeaderValue(structured: member.value) else {
                throw RecordError(
                    at: JSONPointer(tokens: [member.name]), expected: "a string, a whole number or true or false",
                    found: member.value)
            }
            extensions[member.name] = value
        }
        let attributes = MessageAttributes(named: &extensions)
        for (name, value) in extensions { headers[CloudEventsBinary.prefix + name] = value }
        self.init(
            id: id, source: source, type: type, subject: subject, time: time, dataSchema: schema,
            contentType: contentType, attributes: attributes, trace: trace, headers: headers,
            body: try Self.structuredBody(object, contentType: contentType))
    }

    private static let coreNames: Set<String> = [
        "specversion", "id", "source", "type", "subject", "time", "datacontenttype", "dataschema", "data",
        "data_base64", "traceparent", "tracestate", CloudEventsStructured.headersName,
    ]

    private static func plainHeaders(_ text: String?) throws(RecordError) -> [String: HeaderValue] {
        guard let text else { return [:] }
        let pointer = JSONPointer(tokens: [CloudEventsStructured.headersName])
        let value: JSONValue
        do throws(JSONError) {
            value = try JSONValue(parsing: text)
        } catch {
            throw RecordError(at: pointer, message: "must be a JSON object as text: \(error)")
        }
        guard let members = value.objectValue else {
            throw RecordError(at: pointer, expected: "a JSON object as text", found: value)
        }
        var output: [String: HeaderValue] = [:]
        for member in members {
            guard let header = HeaderValue(structured: member.value) else {
                throw RecordError(
                    at: pointer.appending(member.name), expected: "a string, a whole number or true or false",
                    found: member.value)
            }
            output[member.name] = header
        }
        return output
    }

    private static func structuredBody(_ object: JSONObject, contentType: String) throws(RecordError) -> [UInt8] {
        let data = object["data"]
        let encoded = object["data_base64"].flatMap { $0.isNull ? JSONValue?.none : $0 }
        if data != nil, encoded != nil {
            throw RecordError(
                at: JSONPointer(tokens: ["data_base64"]), message: "must not stand beside data; leave one of them out")
        }
        if let encoded {
            guard let text = encoded.stringValue, let bytes = Data(base64Encoded: text) else {
                throw RecordError(at: JSONPointer(tokens: ["data_base64"]), message: "must be base64 (RFC 4648 §4)")
            }
            return Array(bytes)
        }
        guard let data else { return [] }
        if CloudEventsStructured.isJSON(contentType: contentType) { return data.bytes() }
        if let text = data.stringValue { return Array(text.utf8) }
        throw RecordError(
            at: JSONPointer(tokens: ["data"]), expected: "a string, since datacontenttype is not JSON", found: data)
    }
}

extension HeaderValue {
    var structuredValue: JSONValue {
        switch self {
        case .string(let value): .string(value)
        case .integer(let value): .number(JSONNumber(value))
        case .bool(let value): .bool(value)
        }
    }

    /// CloudEvents integers have 32 bits.
    var fitsAttribute: Bool {
        if case .integer(let value) = self { Int32(exactly: value) != nil } else { true }
    }

    init?(structured json: JSONValue) {
        switch json {
        case .string(let value): self = .string(value)
        case .bool(let value): self = .bool(value)
        case .number(let number):
            guard let value = number.intValue else { return nil }
            self = .integer(Int64(value))
        case .object, .array, .null: return nil
        }
    }
}
