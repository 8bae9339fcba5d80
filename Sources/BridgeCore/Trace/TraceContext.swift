// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

/// W3C Trace Context, level 1: carried from the webhook through message headers to the call to Ocean.
package struct TraceContext: Sendable, Hashable {
    /// 32 lower-case hexadecimal digits, never all zero.
    package let traceID: String
    /// 16 lower-case hexadecimal digits, never all zero.
    package let spanID: String
    package let sampled: Bool
    /// Vendors' part, passed on as it came; at most 512 bytes.
    package let state: String?

    package init(traceID: String, spanID: String, sampled: Bool, state: String? = nil) {
        self.traceID = traceID
        self.spanID = spanID
        self.sampled = sampled
        self.state = state
    }

    /// Reads a `traceparent` header; nil when it breaks the grammar, as the specification asks.
    package init?(traceparent: String, tracestate: String? = nil) {
        let parts = traceparent.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count >= 4, Self.isHex(parts[0], 2), parts[0] != "ff", parts[0] != "00" || parts.count == 4,
            Self.isHex(parts[1], 32), Self.isHex(parts[2], 16), Self.isHex(parts[3], 2),
            parts[1].contains(where: { $0 != "0" }), parts[2].contains(where: { $0 != "0" }),
            let flags = UInt8(parts[3], radix: 16)
        else { return nil }
        traceID = String(parts[1])
        spanID = String(parts[2])
        sampled = flags & 1 == 1
        state = tracestate.flatMap { $0.isEmpty || $0.utf8.count > 512 ? nil : $0 }
    }

    /// A new trace, for a message that arrived without one.
    package static func root() -> TraceContext {
        TraceContext(traceID: hex(16), spanID: hex(8), sampled: true)
    }

    /// The same trace with a new span, for the next hop.
    package func child() -> TraceContext {
        TraceContext(traceID: traceID, spanID: Self.hex(8), sampled: sampled, state: state)
    }

    /// The `traceparent` header of version 00.
    package var traceparent: String { "00-\(traceID)-\(spanID)-\(sampled ? "01" : "00")" }

    private static func isHex(_ text: Substring, _ count: Int) -> Bool {
        text.utf8.count == count && text.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
    }

    private static func hex(_ bytes: Int) -> String {
        let digits: [UInt8] = Array("0123456789abcdef".utf8)
        var output: [UInt8] = []
        for index in 0..<bytes {
            // The last byte is never zero, hence neither is the whole.
            let byte = UInt8.random(in: (index == bytes - 1 ? 1 : 0)...255)
            output.append(digits[Int(byte >> 4)])
            output.append(digits[Int(byte & 15)])
        }
        return String(decoding: output, as: UTF8.self)
    }
}
