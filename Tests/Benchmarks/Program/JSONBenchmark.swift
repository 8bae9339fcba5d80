// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import Foundation
import JSON

/// Speed of the JSON module beside Foundation's JSONSerialization, on the same bundle.
///
/// Every way here must read the resource types; only the JSON module also checks for duplicate names and keeps the
/// spelling of numbers.
enum JSONBenchmark {
    static func run() throws {
        try parsing("parse, compact", SyntheticBundle.value.bytes())
        try parsing("parse, pretty", SyntheticBundle.value.bytes(.pretty))
        try writing()
    }

    private static func parsing(_ title: String, _ bytes: [UInt8]) throws {
        let data = Data(bytes)
        try Comparison(
            title: title, size: bytes.count,
            contenders: [
                Contender(name: "JSONSerialization") {
                    let root = try JSONSerialization.jsonObject(with: data) as? [String: Any]
                    let entries = root?["entry"] as? [[String: Any]] ?? []
                    return entries.reduce(0) { sum, entry in
                        let type = (entry["resource"] as? [String: Any])?["resourceType"] as? String
                        return sum + (type?.utf8.count ?? 0)
                    }
                },
                Contender(name: "JSONDocument (tape)") {
                    let root = try JSONDocument(parsing: bytes).root
                    return root["entry"]?.elements.reduce(0) { sum, entry in
                        sum + (entry["resource"]?["resourceType"]?.stringValue?.utf8.count ?? 0)
                    } ?? 0
                },
                Contender(name: "JSONValue (tree)") {
                    let root = try JSONValue(parsing: bytes)
                    return root["entry"]?.arrayValue?.reduce(0) { sum, entry in
                        sum + (entry["resource"]?["resourceType"]?.stringValue?.utf8.count ?? 0)
                    } ?? 0
                },
            ]
        ).run()
    }

    private static func writing() throws {
        let bytes = SyntheticBundle.value.bytes()
        let value = try JSONValue(parsing: bytes)
        let object = try JSONSerialization.jsonObject(with: Data(bytes))
        try Comparison(
            title: "write, compact", size: bytes.count,
            contenders: [
                Contender(name: "JSONSerialization") {
                    try JSONSerialization.data(withJSONObject: object, options: .withoutEscapingSlashes).count
                },
                Contender(name: "JSONValue.bytes()") { value.bytes().count },
                Contender(name: "JSONValue.bytes(.canonical)") { value.bytes(.canonical).count },
                Contender(name: "appendJSONString of the whole") {
                    var output: [UInt8] = []
                    appendJSONString(utf8: bytes, to: &output)
                    return output.count
                },
            ]
        ).run()
    }
}
