// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

package import JSON

/// What came under a prefetch key. Prefetch is a wish: absent must never be taken for empty.
package enum PrefetchValue: Sendable, Hashable {
    /// The client did not look.
    case absent
    /// `null`: the client looked, and there is nothing.
    case empty
    /// An OperationOutcome: the client looked in vain.
    case failed
    /// A resource.
    case present(JSONValue)

    /// A stable word for problems and metrics.
    package var word: String {
        switch self {
        case .absent: "absent"
        case .empty: "null"
        case .failed: "operation-outcome"
        case .present: "present"
        }
    }

    package var resource: JSONValue? {
        if case .present(let value) = self { value } else { nil }
    }
}
