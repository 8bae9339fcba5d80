// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

/// Names and numbers as the Prometheus text format 0.0.4 wants them.
enum MetricName {
    /// `[a-zA-Z_:][a-zA-Z0-9_:]*`; every other character becomes an underscore.
    static func sanitized(_ name: String, suffix: String = "") -> String {
        let clean = replaced(name, keepingColon: true)
        return suffix.isEmpty || clean.hasSuffix(suffix) ? clean : clean + suffix
    }

    /// `[a-zA-Z_][a-zA-Z0-9_]*`; `le` belongs to histograms and `__` to Prometheus itself.
    static func label(_ name: String) -> String {
        let clean = replaced(name, keepingColon: false)
        return clean == "le" || clean.hasPrefix("__") ? "exported_" + clean : clean
    }

    /// `{a="1",b="2"}` without the braces; sorted by name, a repeated name keeps its first value.
    static func labels(_ dimensions: [(String, String)]) -> String {
        var seen: Set<String> = []
        var output: [String] = []
        for (name, value) in dimensions.map({ (label($0.0), $0.1) }).sorted(by: { $0.0 < $1.0 })
        where seen.insert(name).inserted {
            output.append("\(name)=\"\(escaped(value))\"")
        }
        return output.joined(separator: ",")
    }

    static func escaped(_ text: String) -> String {
        escaped(text, quotes: true)
    }

    static func escapedHelp(_ text: String) -> String {
        escaped(text, quotes: false)
    }

    static func number(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
        if let whole = Int64(exactly: value) { return String(whole) }
        return "\(value)"
    }

    private static func escaped(_ text: String, quotes: Bool) -> String {
        var output: [UInt8] = []
        output.reserveCapacity(text.utf8.count)
        for byte in text.utf8 {
            switch byte {
            case 0x5C: output += [0x5C, 0x5C]
            case 0x0A: output += [0x5C, 0x6E]
            case 0x22 where quotes: output += [0x5C, 0x22]
            default: output.append(byte)
            }
        }
        return String(decoding: output, as: UTF8.self)
    }

    private static func replaced(_ name: String, keepingColon: Bool) -> String {
        var output: [UInt8] = []
        for scalar in name.unicodeScalars {
            switch scalar {
            case "a"..."z", "A"..."Z", "_": output.append(UInt8(scalar.value))
            case "0"..."9":
                if output.isEmpty { output.append(0x5F) }
                output.append(UInt8(scalar.value))
            case ":" where keepingColon: output.append(0x3A)
            default: output.append(0x5F)
            }
        }
        return output.isEmpty ? "_" : String(decoding: output, as: UTF8.self)
    }
}
