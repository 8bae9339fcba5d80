// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import CRabbitMQ

extension CloudEventsBinary.Properties {
    /// Longest short string of AMQP 0-9-1, in bytes.
    static let shortLimit = 255

    /// Copies what the library decoded.
    init(_ source: amqp_basic_properties_t) {
        func text(_ flag: Int32, _ value: amqp_bytes_t) -> String? {
            source._flags & amqp_flags_t(flag) == 0 ? nil : value.text
        }
        self.init(
            messageID: text(AMQP_BASIC_MESSAGE_ID_FLAG, source.message_id),
            correlationID: text(AMQP_BASIC_CORRELATION_ID_FLAG, source.correlation_id),
            type: text(AMQP_BASIC_TYPE_FLAG, source.type),
            contentType: text(AMQP_BASIC_CONTENT_TYPE_FLAG, source.content_type),
            appID: text(AMQP_BASIC_APP_ID_FLAG, source.app_id),
            timestamp: source._flags & amqp_flags_t(AMQP_BASIC_TIMESTAMP_FLAG) == 0 ? nil : source.timestamp,
            replyTo: text(AMQP_BASIC_REPLY_TO_FLAG, source.reply_to))
        guard source._flags & amqp_flags_t(AMQP_BASIC_HEADERS_FLAG) != 0, let entries = source.headers.entries else {
            return
        }
        for index in 0..<max(0, Int(source.headers.num_entries)) {
            let entry = entries[index]
            if let value = HeaderValue(entry.value) { headers[entry.key.text] = value }
        }
    }

    /// Persistent properties in the arena's memory. Texts too long for AMQP's short strings are left out: the
    /// CloudEvents headers carry them in full.
    func encoded(in arena: FieldArena) -> amqp_basic_properties_t {
        var target = amqp_basic_properties_t()
        target.delivery_mode = UInt8(AMQP_DELIVERY_PERSISTENT.rawValue)
        target._flags = amqp_flags_t(AMQP_BASIC_DELIVERY_MODE_FLAG)
        func set(_ value: String?, _ flag: Int32, _ path: WritableKeyPath<amqp_basic_properties_t, amqp_bytes_t>) {
            guard let value, value.utf8.count <= Self.shortLimit else { return }
            target[keyPath: path] = arena.text(value)
            target._flags |= amqp_flags_t(flag)
        }
        set(messageID, AMQP_BASIC_MESSAGE_ID_FLAG, \.message_id)
        set(correlationID, AMQP_BASIC_CORRELATION_ID_FLAG, \.correlation_id)
        set(type, AMQP_BASIC_TYPE_FLAG, \.type)
        set(contentType, AMQP_BASIC_CONTENT_TYPE_FLAG, \.content_type)
        set(appID, AMQP_BASIC_APP_ID_FLAG, \.app_id)
        set(replyTo, AMQP_BASIC_REPLY_TO_FLAG, \.reply_to)
        set(expiration.map { String($0) }, AMQP_BASIC_EXPIRATION_FLAG, \.expiration)
        if let timestamp {
            target.timestamp = timestamp
            target._flags |= amqp_flags_t(AMQP_BASIC_TIMESTAMP_FLAG)
        }
        if !headers.isEmpty {
            target.headers = arena.table(headers)
            target._flags |= amqp_flags_t(AMQP_BASIC_HEADERS_FLAG)
        }
        return target
    }

    /// Bytes of the content header on the wire, rounded up.
    var encodedSizeBound: Int {
        var size = 64
        for value in [messageID, correlationID, type, contentType, appID, replyTo] {
            size += (value?.utf8.count ?? 0) + 1
        }
        for (name, value) in headers {
            size += name.utf8.count + 16
            if case .string(let text) = value { size += text.utf8.count }
        }
        return size
    }
}
