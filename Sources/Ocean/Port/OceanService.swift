// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

package import BridgeCore

/// The port to Ocean's own API. One call is one attempt: waiting and trying again are the worker's.
package protocol OceanService: Sendable {
    /// Posts a FHIR message bundle to `$process-messages` with the site's token.
    ///
    /// A 401 is answered by one token refresh and one more try inside the call.
    func process(_ bundle: [UInt8], site: String, trace: TraceContext?) async throws(OceanServiceError) -> OceanAnswer

    /// Open eReferral API: the referral as Ocean JSON, still encrypted.
    func referral(_ reference: String, site: String, trace: TraceContext?) async throws(OceanServiceError) -> [UInt8]

    /// Open Patient Engagement API: the patient, still encrypted.
    func patient(
        _ reference: String, site: String, trace: TraceContext?
    ) async throws(OceanServiceError) -> EncryptedContent

    /// Open Patient Engagement API: the note of a form session, still encrypted. Nil when there is none (any more).
    func note(
        patient reference: String, session: String?, site: String, trace: TraceContext?
    ) async throws(OceanServiceError) -> EncryptedContent?

    /// Proves the site's credentials (`NamingSystem/id-site-number`).
    func check(site: String) async throws(OceanServiceError)
}

/// A 2xx answer of `$process-messages`.
package struct OceanAnswer: Sendable, Hashable {
    package let status: Int
    /// At most 64 KiB of the body.
    package let body: [UInt8]

    package init(status: Int, body: [UInt8]) {
        self.status = status
        self.body = body
    }
}

/// An encrypted answer of the Open API with the headers that unwrap it.
package struct EncryptedContent: Sendable, Hashable {
    /// One-time key, wrapped with the shared encryption key, base64.
    package let oneTimeKey: String
    /// IV of the key's wrapping, base64; the content's IV when the call has only one.
    package let oneTimeKeyIV: String
    /// IV of the body, base64.
    package let iv: String
    /// Base64 text, quoted base64 or a JSON array of signed bytes.
    package let body: [UInt8]
    package let noteID: String?
    package let externalPatientRef: String?

    package init(
        oneTimeKey: String, oneTimeKeyIV: String, iv: String, body: [UInt8], noteID: String? = nil,
        externalPatientRef: String? = nil
    ) {
        self.oneTimeKey = oneTimeKey
        self.oneTimeKeyIV = oneTimeKeyIV
        self.iv = iv
        self.body = body
        self.noteID = noteID
        self.externalPatientRef = externalPatientRef
    }
}

/// A failed call to Ocean.
package struct OceanServiceError: DisposedError, CustomStringConvertible {
    package enum Code: String, Sendable, Hashable {
        /// No connection, a broken one, or no answer in time.
        case network
        /// 408, 425, 429 or 5xx.
        case unavailable
        /// 401 after a refreshed token, 403, or the token endpoint says no.
        case unauthorized
        /// Any other 4xx: Ocean understood and said no.
        case refused
        /// 404 or 410 on a read: gone.
        case notFound = "not-found"
        /// A 2xx or token answer that is not of the documented form.
        case invalidAnswer = "invalid-answer"
        /// The settings hold no such site or no credentials for it.
        case notConfigured = "not-configured"
        /// Wrong key, damaged ciphertext: one answer for all of them.
        case undecipherable
    }

    package let code: Code
    /// Names host, call and remedy; never a token, never patient data.
    package let message: String
    package let status: Int?
    /// Retry-After, where Ocean sent one.
    package let retryAfter: Duration?
    /// At most 64 KiB of Ocean's answer, for the dead letter.
    package let body: [UInt8]

    package init(_ code: Code, _ message: String, status: Int? = nil, retryAfter: Duration? = nil, body: [UInt8] = []) {
        self.code = code
        self.message = message
        self.status = status
        self.retryAfter = retryAfter
        self.body = body
    }

    package var disposition: Disposition {
        switch code {
        case .network, .unavailable: .retry(after: retryAfter)
        case .invalidAnswer: .retry(after: retryAfter)
        case .unauthorized, .refused, .notFound, .undecipherable: .reject
        case .notConfigured: .fatal
        }
    }

    package var reason: String { code.rawValue }
    package var description: String { "\(code.rawValue): \(message)" }
}
