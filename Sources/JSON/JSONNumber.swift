// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

/// A number that keeps its spelling: `1.10` stays `1.10`, and forty digits stay forty digits.
///
/// FHIR R4 asks that the precision of a decimal is kept, which no binary floating point can promise. Equality is by
/// text, so `1.0` and `1` differ.
package struct JSONNumber: Sendable, Hashable, CustomStringConvertible, ExpressibleByIntegerLiteral {
    /// The number as received or as given.
    package let text: String

    /// Nil unless `text` is a number as RFC 8259 §6 defines it, with nothing around it.
    package init?(text: String) {
        let isNumber = text.withBytes { bytes in
            guard let base = bytes.baseAddress, let first = bytes.first,
                first == ASCII.minus || ASCII.isDigit(first)
            else { return false }
            return (try? NumberGrammar.end(base, at: 0, count: bytes.count)) == bytes.count
        }
        guard isNumber else { return nil }
        self.text = text
    }

    /// An integer in decimal digits.
    package init(_ value: Int) { text = String(value) }

    /// An integer in decimal digits.
    package init(_ value: Int64) { text = String(value) }

    package init(integerLiteral value: Int) { text = String(value) }

    init(accepted text: String) { self.text = text }

    /// The nearest binary floating point number; infinite when out of range. For arithmetic only, never to write back.
    package var doubleValue: Double { Double(text) ?? .nan }

    package var description: String { text }

    /// The exact integer, also when spelled `1e2` or `1.0`; nil with a fraction or beyond the range of Int.
    package var intValue: Int? {
        if let plain = Int(text) { return plain }
        return text.withBytes { Self.exactInteger($0) }
    }

    /// Value = 0.DIGITS × 10^scale, worked out without ever leaving integers.
    private static func exactInteger(_ bytes: UnsafeBufferPointer<UInt8>) -> Int? {
        var digits: [UInt8] = []
        var fraction = 0
        var exponent = 0
        var negativeExponent = false
        var part = 0
        for byte in bytes {
            switch byte {
            case ASCII.point: part = 1
            case 0x45, 0x65: part = 2
            case ASCII.minus where part == 2: negativeExponent = true
            case _ where ASCII.isDigit(byte) && part == 2:
                // Saturates: no text that fits in memory moves the point back from so far.
                exponent = min(exponent * 10 + Int(byte - ASCII.zero), 1 << 50)
            case _ where ASCII.isDigit(byte):
                digits.append(byte - ASCII.zero)
                fraction += part
            default: break
            }
        }
        var scale = (negativeExponent ? -exponent : exponent) - fraction
        while digits.last == 0 {
            digits.removeLast()
            scale += 1
        }
        let significant = digits.drop { $0 == 0 }
        if significant.isEmpty { return 0 }
        guard scale >= 0, significant.count + scale <= 19 else { return nil }
        let sign = bytes.first == ASCII.minus ? -1 : 1
        var value = 0
        for digit in significant + repeatElement(0, count: scale) {
            let (shifted, overflow) = value.multipliedReportingOverflow(by: 10)
            let (sum, carry) = shifted.addingReportingOverflow(sign * Int(digit))
            if overflow || carry { return nil }
            value = sum
        }
        return value
    }
}
