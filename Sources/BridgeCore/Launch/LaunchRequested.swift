// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

package import JSON

/// Data of a `launch.requested` message, and the answer to the exchange of a launch handle: somebody's browser came from
/// Ocean to the launch address of a hospital application.
///
/// Nothing in it is proven: the address can be called by anybody. `referral`, `site`, `listing` and `service` are the
/// bridge's own knowledge of a referral whose reference was named; `parameters` are what the browser carried.
package struct LaunchRequested: JSONRecord {
    /// Of this launch: the message's id.
    package var id = ""
    /// Key of the application in the settings.
    package var application = ""
    /// Referral reference, when exactly one that the bridge knows was named.
    package var referral: String?
    package var site: String?
    /// Listing reference.
    package var listing: String?
    /// External Service ID of the listing, else the listing reference.
    package var service: String?
    /// The allow-listed parameters of the address that had a usable value.
    package var parameters = LaunchParameters()
    package var launchedAt = Timestamp(milliseconds: 0)

    package init() {}

    package static let fields: [Field<LaunchRequested>] = [
        .required("id", \.id), .required("application", \.application),
        .optional("referral", \.referral, "a referral that the bridge knows; not proof of who asks"),
        .optional("site", \.site), .optional("listing", \.listing), .optional("service", \.service),
        .required("parameters", \.parameters, "allow-listed parameters of the launch address, as the browser had them"),
        .required("launchedAt", \.launchedAt),
    ]
}

/// Texts by name, as a JSON object.
package struct LaunchParameters: JSONRepresentable {
    package var values: [String: String]

    package init(_ values: [String: String] = [:]) {
        self.values = values
    }

    package init(json: JSONValue, at pointer: JSONPointer, unknown: inout [JSONPointer]) throws(RecordError) {
        guard let object = json.objectValue else {
            throw RecordError(at: pointer, expected: "an object", found: json)
        }
        values = [:]
        for member in object {
            guard let text = member.value.stringValue else {
                throw RecordError(at: pointer.appending(member.name), expected: "a string", found: member.value)
            }
            values[member.name] = text
        }
    }

    package var json: JSONValue {
        .object(
            JSONObject(values.sorted { $0.key < $1.key }.map { JSONMember(name: $0.key, value: .string($0.value)) }))
    }

    package static var schema: JSONObject { ["type": "object", "additionalProperties": ["type": "string"]] }
}
