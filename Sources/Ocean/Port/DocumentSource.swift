// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

package import BridgeCore

/// The port to Ocean's documents. One call is one attempt: waiting and trying again are the worker's.
package protocol DocumentSource: Sendable {
    /// Fetches a document with the site's token and hands it on piece by piece; the next piece is read when the last
    /// one was taken. Returns when the whole body has come.
    ///
    /// Redirects are not followed. A 401 is answered by one token refresh and one more try inside the call.
    func document(
        _ address: DocumentAddress, site: String, trace: TraceContext?, to receiver: any DocumentReceiver
    ) async throws(DocumentError)
}

/// Takes a document as it comes. An error that it throws ends the transfer and is thrown by it.
package protocol DocumentReceiver: Sendable {
    /// Ocean answers 200; the body follows.
    func begin(_ head: DocumentHead) async throws(DocumentError)
    func receive(_ bytes: [UInt8]) async throws(DocumentError)
}

/// What Ocean says of a document before its bytes.
package struct DocumentHead: Sendable, Hashable {
    package var contentType: String?
    /// Content-Length.
    package var length: Int?

    package init(contentType: String? = nil, length: Int? = nil) {
        self.contentType = contentType
        self.length = length
    }
}

/// Why a document was not fetched or not kept.
package struct DocumentError: DisposedError, Hashable, CustomStringConvertible {
    package enum Code: String, Sendable, Hashable {
        /// The address names another scheme, host or port than the configured Ocean.
        case foreignHost = "foreign-host"
        /// Not the path of a letter or an attachment.
        case unknownAddress = "unknown-address"
        /// The letter of another referral.
        case otherReferral = "other-referral"
        /// A 3xx answer.
        case redirected
        /// 404 or 410.
        case notFound = "not-found"
        /// 404 or 410 for a file that the referral names: it may still be on its way to Ocean.
        case notServed = "not-served"
        /// 401 after a refreshed token, 403, or no token.
        case unauthorized
        /// Any other 4xx.
        case refused
        /// The settings hold no such site or no credentials for it.
        case notConfigured = "not-configured"
        /// No connection, a broken one, or no answer in time.
        case network
        /// 408, 425, 429 or 5xx.
        case unavailable
        /// A 2xx that brings no document.
        case invalidAnswer = "invalid-answer"
        /// A page for people where a document belongs.
        case webPage = "web-page"
        /// A media type that is not taken.
        case mediaType = "media-type"
        /// The bytes are of another kind than the media type says.
        case wrongContent = "wrong-content"
        case tooLarge = "too-large"
        /// The body ended too soon, or the document has no end.
        case truncated
        case empty
        case sizeMismatch = "size-mismatch"
        case hashMismatch = "hash-mismatch"
        /// Wrong key, damaged ciphertext: one answer for all of them.
        case undecipherable
        /// A virus scanner found something.
        case infected
        /// The virus scanner did not come to a verdict.
        case scanner = "scanner-failed"
        /// The claim-check store does not serve.
        case store = "document-store"
    }

    /// What a worker does about it.
    package enum Kind: Sendable, Hashable {
        /// The same again would be the same.
        case final
        /// Something stands between; a few tries, then final.
        case doubtful
        /// Ocean or the way there.
        case ocean
        /// The bridge's own scanner.
        case scanner
        /// The bridge's own store.
        case store
    }

    package let code: Code
    /// Names the call and the remedy; never a token, never patient data, never a value of the reference.
    package let message: String
    package let status: Int?
    package let retryAfter: Duration?

    package init(_ code: Code, _ message: String, status: Int? = nil, retryAfter: Duration? = nil) {
        self.code = code
        self.message = message
        self.status = status
        self.retryAfter = retryAfter
    }

    package init(_ error: OceanServiceError) {
        let code: Code =
            switch error.code {
            case .network: .network
            case .unavailable: .unavailable
            case .unauthorized: .unauthorized
            case .refused: .refused
            case .notFound: .notFound
            case .invalidAnswer: .invalidAnswer
            case .notConfigured: .notConfigured
            case .undecipherable: .undecipherable
            }
        self.init(code, error.message, status: error.status, retryAfter: error.retryAfter)
    }

    package init(_ error: ClaimCheckError) {
        self.init(.store, error.description)
    }

    package var kind: Kind {
        switch code {
        case .foreignHost, .unknownAddress, .otherReferral, .redirected, .notFound, .unauthorized, .refused,
            .notConfigured, .tooLarge, .infected:
            .final
        case .invalidAnswer, .webPage, .mediaType, .wrongContent, .truncated, .empty, .sizeMismatch, .hashMismatch,
            .undecipherable, .notServed:
            .doubtful
        case .network, .unavailable: .ocean
        case .scanner: .scanner
        case .store: .store
        }
    }

    package var disposition: Disposition {
        switch kind {
        case .final: .reject
        case .doubtful, .ocean, .scanner, .store: .retry(after: retryAfter)
        }
    }

    package var reason: String { code.rawValue }
    package var description: String { "\(code.rawValue): \(message)" }
}
