// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

package import BridgeCore

/// Why a source has no document to give, or does not take one.
package struct DataSourceError: DisposedError, Hashable, CustomStringConvertible {
    package enum Code: String, Sendable, Hashable, CaseIterable {
        /// Nothing good has come yet.
        case notYet = "not-yet"
        /// The service that was asked gave no answer in time.
        case noAnswer = "no-answer"
        /// Nobody answers questions of this name.
        case noResponder = "no-responder"
        /// The bus is away, or too much waits for it.
        case unavailable
        /// What came is not JSON (RFC 8259).
        case notJSON = "not-json"
        case tooLarge = "too-large"
        /// The file is not there.
        case missing
        /// The file cannot be read, or is no file.
        case unreadable
    }

    package let code: Code
    /// Names the place and the remedy; never a value of the document.
    package let message: String

    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    package var disposition: Disposition {
        switch code {
        case .notJSON, .tooLarge: .reject
        case .notYet, .noAnswer, .noResponder, .unavailable, .missing, .unreadable: .retry(after: nil)
        }
    }

    package var reason: String { code.rawValue }
    package var description: String { "\(code.rawValue): \(message)" }
}
