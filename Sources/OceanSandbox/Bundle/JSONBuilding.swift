// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import JSON

/// An object of the members that have a value: FHIR and Ocean JSON leave the others out, and a `nil` in a conditional
/// expression is JSON's null as easily as Swift's.
func object(_ members: (String, JSONValue?)...) -> JSONValue {
    var output = JSONObject()
    for (name, value) in members where value?.isNull == false { output.append(name, value) }
    return .object(output)
}

func text(_ value: String?) -> JSONValue? { value.map { .string($0) } }

/// Nil for an empty list: FHIR knows no empty arrays.
func list(_ values: [JSONValue?]) -> JSONValue? {
    let present = values.compactMap(\.self)
    return present.isEmpty ? nil : .array(present)
}

func coding(_ system: String?, _ code: String?, _ display: String?) -> JSONValue {
    object(("system", text(system)), ("code", text(code)), ("display", text(display)))
}

func concept(_ codings: JSONValue...) -> JSONValue { object(("coding", .array(codings))) }

extension Timestamp {
    /// In the offset of Ocean's samples, with milliseconds.
    var inToronto: String { local + "-05:00" }

    /// The same without milliseconds.
    var inTorontoSeconds: String { local.dropLast(4) + "-05:00" }

    private var local: String { String(advanced(by: .seconds(-5 * 3600)).description.dropLast()) }
}
