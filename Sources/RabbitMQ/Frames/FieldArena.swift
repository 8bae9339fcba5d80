// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import CRabbitMQ

/// Memory for the strings and tables of one call into the library; reused from call to call by one thread.
final class FieldArena {
    private let pool: UnsafeMutablePointer<amqp_pool_t>

    init() {
        pool = .allocate(capacity: 1)
        pool.initialize(to: amqp_pool_t())
        init_amqp_pool(pool, 64 * 1024)
    }

    deinit {
        empty_amqp_pool(pool)
        pool.deinitialize(count: 1)
        pool.deallocate()
    }

    /// Ends the life of everything handed out so far.
    func reset() {
        recycle_amqp_pool(pool)
    }

    func text(_ string: String) -> amqp_bytes_t {
        var string = string
        return string.withUTF8 { source in
            guard let base = source.baseAddress, source.count > 0,
                let target = amqp_pool_alloc(pool, source.count)
            else { return amqp_empty_bytes }
            target.copyMemory(from: base, byteCount: source.count)
            return amqp_bytes_t(len: source.count, bytes: target)
        }
    }

    func table(_ entries: [(String, amqp_field_value_t)]) -> amqp_table_t {
        guard !entries.isEmpty,
            let raw = amqp_pool_alloc(pool, entries.count * MemoryLayout<amqp_table_entry_t>.stride)
        else { return amqp_empty_table }
        let target = raw.bindMemory(to: amqp_table_entry_t.self, capacity: entries.count)
        for (index, (name, value)) in entries.enumerated() {
            (target + index).initialize(to: amqp_table_entry_t(key: text(name), value: value))
        }
        return amqp_table_t(num_entries: Int32(entries.count), entries: target)
    }

    func table(_ headers: [String: HeaderValue]) -> amqp_table_t {
        table(headers.map { ($0.key, value($0.value)) })
    }

    func value(_ value: HeaderValue) -> amqp_field_value_t {
        switch value {
        case .string(let text): string(text)
        case .integer(let number): integer(number)
        case .bool(let flag): bool(flag)
        }
    }

    func string(_ string: String) -> amqp_field_value_t {
        var field = amqp_field_value_t()
        field.kind = FieldKind.text
        field.value.bytes = text(string)
        return field
    }

    func integer(_ number: Int64) -> amqp_field_value_t {
        var field = amqp_field_value_t()
        field.kind = FieldKind.int64
        field.value.i64 = number
        return field
    }

    func bool(_ flag: Bool) -> amqp_field_value_t {
        var field = amqp_field_value_t()
        field.kind = FieldKind.boolean
        field.value.boolean = flag ? 1 : 0
        return field
    }

    func nested(_ table: amqp_table_t) -> amqp_field_value_t {
        var field = amqp_field_value_t()
        field.kind = FieldKind.table
        field.value.table = table
        return field
    }
}

/// Type octets of AMQP field values, as RabbitMQ reads them (RabbitMQ docs, AMQP 0-9-1 errata).
enum FieldKind {
    static let boolean = UInt8(ascii: "t")
    static let int8 = UInt8(ascii: "b")
    static let uint8 = UInt8(ascii: "B")
    static let int16 = UInt8(ascii: "s")
    static let uint16 = UInt8(ascii: "u")
    static let int32 = UInt8(ascii: "I")
    static let uint32 = UInt8(ascii: "i")
    static let int64 = UInt8(ascii: "l")
    static let uint64 = UInt8(ascii: "L")
    static let float = UInt8(ascii: "f")
    static let double = UInt8(ascii: "d")
    static let decimal = UInt8(ascii: "D")
    static let text = UInt8(ascii: "S")
    static let timestamp = UInt8(ascii: "T")
    static let table = UInt8(ascii: "F")
}

extension HeaderValue {
    /// Nil for kinds that a header cannot carry on: nested tables, arrays, raw bytes, void.
    init?(_ field: amqp_field_value_t) {
        switch field.kind {
        case FieldKind.boolean: self = .bool(field.value.boolean != 0)
        case FieldKind.int8: self = .integer(Int64(field.value.i8))
        case FieldKind.uint8: self = .integer(Int64(field.value.u8))
        case FieldKind.int16: self = .integer(Int64(field.value.i16))
        case FieldKind.uint16: self = .integer(Int64(field.value.u16))
        case FieldKind.int32: self = .integer(Int64(field.value.i32))
        case FieldKind.uint32: self = .integer(Int64(field.value.u32))
        case FieldKind.int64: self = .integer(field.value.i64)
        case FieldKind.uint64, FieldKind.timestamp:
            self = Int64(exactly: field.value.u64).map { .integer($0) } ?? .string(String(field.value.u64))
        case FieldKind.float: self = .string("\(field.value.f32)")
        case FieldKind.double: self = .string("\(field.value.f64)")
        case FieldKind.decimal:
            self = .string(Self.decimal(field.value.decimal.value, places: field.value.decimal.decimals))
        case FieldKind.text: self = .string(field.value.bytes.text)
        default: return nil
        }
    }

    private static func decimal(_ value: UInt32, places: UInt8) -> String {
        let digits = String(value)
        guard places > 0 else { return digits }
        let missing = max(0, Int(places) + 1 - digits.utf8.count)
        let padded = String(repeating: "0", count: missing) + digits
        return "\(padded.dropLast(Int(places))).\(padded.suffix(Int(places)))"
    }
}
