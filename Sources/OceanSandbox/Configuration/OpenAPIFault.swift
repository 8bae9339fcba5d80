// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

package import BridgeCore

/// A misbehaviour of the Open API, used up after a number of them.
package struct OpenAPIFault: JSONRecord {
    package enum Kind: String, JSONWord, CaseIterable {
        /// What is encrypted is so with a key that nobody has.
        case wrongKey = "wrong-key"
        /// The ciphertext lacks its end.
        case truncatedCiphertext = "truncated-ciphertext"
        /// The ciphertext is whole, its padding wrong.
        case badPadding = "bad-padding"
        /// 200 with half of the body, and a length that says so.
        case brokenBody = "broken-body"
        /// 200 with a web page.
        case errorPage = "error-page"
        /// 302 to `target`.
        case redirect
    }

    /// Which call it strikes.
    package enum Call: String, JSONWord, CaseIterable {
        case referral, attachment
        /// Patients, notes, and the call that creates forms.
        case patient
        case privateKey = "private-key"
    }

    package var kind: Kind = .wrongKey
    package var call: Call = .referral
    package var times = 1
    /// Scheme, host and port.
    package var target = "https://elsewhere.invalid"

    package init() {}

    package init(
        _ kind: Kind, on call: Call = .referral, times: Int = 1, target: String = "https://elsewhere.invalid"
    ) {
        self.kind = kind
        self.call = call
        self.times = times
        self.target = target
    }

    package static let fields: [Field<OpenAPIFault>] = [
        .required("kind", \.kind), .defaulted("call", \.call), .defaulted("times", \.times),
        .defaulted("target", \.target),
    ]
}
