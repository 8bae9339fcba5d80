// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore

/// Puts a method with content together again from its frames: method, header, bodies. Pure; bounded.
struct ContentAssembler<Start> {
    struct Content {
        let start: Start
        let properties: CloudEventsBinary.Properties
        /// Empty when the body was over the limit.
        let body: [UInt8]
        /// Bytes, as the header announced.
        let bodySize: UInt64
        let isOverLimit: Bool
    }

    private enum State {
        case idle
        case header(Start)
        case body(Start, CloudEventsBinary.Properties, size: UInt64, seen: UInt64, keep: Bool)
    }

    /// Bodies above this many bytes are read past and not kept.
    let limit: Int
    private var state = State.idle
    private var bytes: [UInt8] = []

    init(limit: Int) {
        self.limit = limit
    }

    mutating func begin(_ start: Start) throws(BrokerFailure) {
        guard case .idle = state else { throw .outOfOrder }
        state = .header(start)
    }

    mutating func header(_ properties: CloudEventsBinary.Properties, bodySize: UInt64) throws(BrokerFailure) -> Content?
    {
        guard case .header(let start) = state else { throw .outOfOrder }
        let keep = bodySize <= UInt64(max(0, limit))
        bytes = []
        if keep { bytes.reserveCapacity(Int(bodySize)) }
        state = .body(start, properties, size: bodySize, seen: 0, keep: keep)
        return bodySize == 0 ? finish() : nil
    }

    mutating func body(_ fragment: UnsafeRawBufferPointer) throws(BrokerFailure) -> Content? {
        guard case .body(let start, let properties, let size, let seen, let keep) = state,
            UInt64(fragment.count) <= size - seen
        else { throw .outOfOrder }
        if keep { bytes.append(contentsOf: fragment) }
        state = .body(start, properties, size: size, seen: seen + UInt64(fragment.count), keep: keep)
        return seen + UInt64(fragment.count) == size ? finish() : nil
    }

    private mutating func finish() -> Content? {
        guard case .body(let start, let properties, let size, _, let keep) = state else { return nil }
        state = .idle
        let body = bytes
        bytes = []
        return Content(start: start, properties: properties, body: body, bodySize: size, isOverLimit: !keep)
    }
}
