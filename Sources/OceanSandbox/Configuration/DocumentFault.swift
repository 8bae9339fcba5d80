// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

package import BridgeCore

/// A misbehaviour with a letter or an attachment, used up after a number of them.
package struct DocumentFault: JSONRecord {
    package enum Kind: String, JSONWord, CaseIterable {
        /// 200 and the document's media type, with a web page for a body.
        case errorPage = "error-page"
        /// 302 to `target`.
        case redirect
        /// Half of the document, and a length that says so.
        case truncated
        /// Half of the document under the length of the whole; then the connection ends.
        case cutOff = "cut-off"
        /// The document in pieces with `delayMilliseconds` between them.
        case slow
        /// 404.
        case notFound = "not-found"
        /// Another kind of file than the media type says.
        case wrongContent = "wrong-content"
        /// The next bundle's document addresses begin with `target`.
        case foreignHost = "foreign-host"
    }

    package var kind: Kind = .errorPage
    package var times = 1
    package var delay = 100
    /// Scheme, host and port.
    package var target = "https://elsewhere.invalid"

    package init() {}

    package init(_ kind: Kind, times: Int = 1, delay: Int = 100, target: String = "https://elsewhere.invalid") {
        self.kind = kind
        self.times = times
        self.delay = delay
        self.target = target
    }

    package static let fields: [Field<DocumentFault>] = [
        .required("kind", \.kind), .defaulted("times", \.times), .defaulted("delayMilliseconds", \.delay),
        .defaulted("target", \.target),
    ]
}
