// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

package import BridgeCore
package import JSON

/// Why a hook call or feedback is not answered with cards.
package struct HookError: DisposedError, Hashable, CustomStringConvertible {
    package enum Code: String, Sendable, Hashable {
        /// Not JSON at all: HTTP 400.
        case notJSON = "not-json"
        /// A member is missing or of a wrong kind: HTTP 400.
        case invalid
        /// The service answers another hook: HTTP 400.
        case wrongHook = "wrong-hook"
        /// The message bundle is none that the bridge can read: HTTP 400.
        case unreadable
        /// The bundle belongs to another site: HTTP 403.
        case foreignSite = "foreign-site"
        /// What the service needs did not come: HTTP 412.
        case missingData = "missing-data"
    }

    package let code: Code
    /// JSON pointer of the place.
    package let pointer: String
    /// What is wrong and the remedy; never a value from the request.
    package let message: String
    /// What is missing, with the state in which it came.
    package let missing: [PrefetchKey: PrefetchValue]

    package init(
        _ code: Code, at pointer: JSONPointer, _ message: String, missing: [PrefetchKey: PrefetchValue] = [:]
    ) {
        self.code = code
        self.pointer = pointer.description
        self.message = message
        self.missing = missing
    }

    package var disposition: Disposition { .reject }
    package var reason: String { code.rawValue }
    package var description: String { pointer.isEmpty ? message : "\(pointer): \(message)" }
}
