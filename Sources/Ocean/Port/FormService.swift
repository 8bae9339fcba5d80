// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

package import BridgeCore

/// The port to Ocean's call that creates forms for a patient. One call is one attempt: waiting and trying again are the
/// worker's.
package protocol FormService: Sendable {
    /// Any 2xx whose body came whole is an answer, whatever stands in it.
    func createForm(
        _ call: FormCall, site: String, trace: TraceContext?
    ) async throws(OceanServiceError) -> FormAnswer
}

/// A call that creates forms, made from a template.
package struct FormCall: Sendable, Hashable {
    package struct Header: Sendable, Hashable {
        package let name: String
        package let value: String

        package init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    package let method: String
    /// Begins with a slash.
    package let path: String
    /// Without those that prove who calls.
    package let headers: [Header]
    package let contentType: String
    package let body: [UInt8]
}

/// A 2xx answer to it.
package struct FormAnswer: Sendable, Hashable {
    package let status: Int
    /// By lower-case name.
    package let headers: [String: String]
    package let body: [UInt8]

    package init(status: Int, headers: [String: String] = [:], body: [UInt8]) {
        self.status = status
        self.headers = headers
        self.body = body
    }
}
