// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

package import BridgeCore
package import JSON

/// An answer about dead letters in words.
package enum DeadLetterText {
    package static func lines(_ answer: JSONValue, to request: DeadLetterRequest) -> [String] {
        switch request.action {
        case .list: list(answer)
        case .show: (answer["letters"]?.arrayValue ?? []).flatMap(letter)
        case .replay, .discard: outcomes(answer)
        }
    }

    private static func list(_ answer: JSONValue) -> [String] {
        var lines: [String] = []
        for group in answer["groups"]?.arrayValue ?? [] {
            lines.append(
                "\(word(group, "count")) × \(word(group, "cause"))  (\(word(group, "lane")),"
                    + " stage \(word(group, "stage")))"
            )
            lines.append("    first \(word(group, "firstAt"))  last \(word(group, "lastAt"))")
            let samples = group["samples"]?.arrayValue?.compactMap(\.stringValue) ?? []
            lines.append("    such as \(samples.joined(separator: ", "))")
        }
        for letter in answer["letters"]?.arrayValue ?? [] {
            lines.append(
                "\(word(letter, "id"))  \(word(letter, "lane"))  \(word(letter, "cause"))  \(word(letter, "lastAt"))"
                    + "  referral \(word(letter, "referral"))")
        }
        if lines.isEmpty { lines.append("no dead letters") }
        if answer["complete"] == .bool(false) {
            lines.append("not all are shown: another consumer holds some, or there are too many for one look")
        }
        return lines
    }

    private static func letter(_ letter: JSONValue) -> [String] {
        var lines = ["\(word(letter, "id"))  in \(word(letter, "lane"))  key \(word(letter, "key"))"]
        for name in [
            "cause", "stage", "detail", "status", "attempts", "firstAt", "lastAt", "referral", "type", "source", "time",
            "contentType", "bytes",
        ] where letter[name] != nil {
            lines.append("    \(name): \(word(letter, name))")
        }
        if let way = letter["replay"] {
            lines.append("    replay goes to: \(word(way, "exchange")), routing key \(word(way, "routingKey"))")
        }
        for member in letter["headers"]?.objectValue ?? JSONObject() {
            lines.append("    header \(member.name): \(member.value.stringValue ?? "")")
        }
        for name in ["body", "bodyBase64"] {
            if let body = letter[name]?.stringValue { lines += ["    \(name):", body] }
        }
        return lines
    }

    private static func outcomes(_ answer: JSONValue) -> [String] {
        (answer["results"]?.arrayValue ?? []).map { result in
            var line = "\(word(result, "id"))  \(word(result, "result"))"
            if let problem = result["problem"]?.stringValue { return line + ": " + problem }
            if let way = result["replay"] {
                line += " to \(word(way, "exchange")), routing key \(word(way, "routingKey"))"
                if answer["dryRun"] == .bool(true) {
                    let removed = way["headersRemoved"]?.arrayValue?.compactMap(\.stringValue) ?? []
                    let added = way["headersAdded"]?.arrayValue?.compactMap(\.stringValue) ?? []
                    line += "\n    headers removed: \(removed.joined(separator: ", "))"
                    line += "\n    headers added: \(added.joined(separator: ", "))"
                }
            }
            return line
        }
    }

    private static func word(_ value: JSONValue, _ name: String) -> String {
        guard let member = value[name] else { return "-" }
        return member.stringValue ?? String(decoding: member.bytes(), as: UTF8.self)
    }
}
