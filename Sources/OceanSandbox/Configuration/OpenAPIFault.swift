// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

package import BridgeCore

/// A misbehaviour with an answer of the Open API (patients, notes, the call that creates forms), used up after a number
/// of them.
package struct OpenAPIFault: JSONRecord {
    package enum Kind: String, JSONWord, CaseIterable {
        /// The one-time key is wrapped with another key than the site's.
        case wrongKey = "wrong-key"
        /// The ciphertext ends in the middle of a block.
        case truncatedCiphertext = "truncated-ciphertext"
        /// 200 with half of the JSON, or with a body that is no ciphertext at all.
        case brokenBody = "broken-body"
        /// 200 with a sign-in page.
        case webPage = "web-page"
    }

    package var kind: Kind = .wrongKey
    package var times = 1

    package init() {}

    package init(_ kind: Kind, times: Int = 1) {
        self.kind = kind
        self.times = times
    }

    package static let fields: [Field<OpenAPIFault>] = [.required("kind", \.kind), .defaulted("times", \.times)]
}
