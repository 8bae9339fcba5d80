// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeTestKit
import FHIR
import JSON
import Testing

/// The valid resources of Tests/Fixtures/r4, and changes to them.
enum Example {
    static func value(_ name: String) throws -> JSONValue { try JSONValue(parsing: Fixture.bytes("r4/\(name).json")) }

    static func bundle() throws -> JSONValue { try value("Bundle") }

    /// `value` with what stands at `pointer` replaced, or removed when `new` is nil.
    static func changed(_ value: JSONValue, _ pointer: String, _ new: JSONValue?) throws -> JSONValue {
        change(value, try JSONPointer(pointer).tokens[...], new)
    }

    private static func change(_ value: JSONValue, _ tokens: ArraySlice<String>, _ new: JSONValue?) -> JSONValue {
        guard let token = tokens.first else { return new ?? .null }
        switch value {
        case .object(var object):
            object[token] =
                tokens.count == 1 ? new : change(object[token] ?? .object(JSONObject()), tokens.dropFirst(), new)
            return .object(object)
        case .array(var list):
            guard let place = token == "-" ? list.count : Int(token), place <= list.count else { return value }
            if place == list.count {
                if let new { list.append(new) }
            } else if tokens.count == 1 {
                if let new { list[place] = new } else { list.remove(at: place) }
            } else {
                list[place] = change(list[place], tokens.dropFirst(), new)
            }
            return .array(list)
        default:
            return value
        }
    }

    /// Errors as `FHIRPath code rule`.
    static func errors(_ report: ValidationReport) -> [String] {
        report.issues.filter { $0.severity == .error || $0.severity == .fatal }.map { issue in
            "\(issue.expression) \(issue.code.rawValue)" + (issue.rule.map { " \($0)" } ?? "")
        }
    }
}
