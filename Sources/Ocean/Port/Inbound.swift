// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

package import BridgeCore
package import JSON

/// What a webhook body turned out to be.
package enum InboundContent: Sendable {
    /// Ocean proves the URL: answer `{"challenge": …}` and publish nothing.
    case challenge(String)
    case message(InboundMessage)
    /// JSON, but not a payload of Ocean's that can be placed: the invalid lane. `reason` is a stable word.
    case notUnderstood(reason: String, detail: String)
    /// Not JSON at all: the only body that is answered 400.
    case notJSON(JSONError)
}

/// A webhook body, normalised.
package struct InboundMessage: Sendable, Hashable {
    package var type: MessageType
    /// Referral reference, or Ocean patient reference of a form event.
    package var subject: String
    /// When Ocean says it happened; nil when it does not say.
    package var time: Timestamp?
    /// Site, listing, service, event, dialect and test flag as far as the body tells.
    package var attributes: MessageAttributes
    package var canonical: CanonicalMessage
    package var ledger: Ledger

    package init(
        type: MessageType, subject: String, time: Timestamp?, attributes: MessageAttributes,
        canonical: CanonicalMessage, ledger: Ledger
    ) {
        self.type = type
        self.subject = subject
        self.time = time
        self.attributes = attributes
        self.canonical = canonical
        self.ledger = ledger
    }
}

/// Reads webhook bodies of every kind.
package protocol InboundReader: Sendable {
    /// Pure: no clock, no network, no randomness.
    func read(_ body: [UInt8], mediaType: String) -> InboundContent
    /// The same for a body that came through a known site, which counts where the body names none: its keys and its
    /// table of status words.
    func read(_ body: [UInt8], mediaType: String, site: String?) -> InboundContent
    /// The same for a referral whose own key was unwrapped another way than with the site's Shared Encryption Key.
    func read(_ body: [UInt8], mediaType: String, site: String?, oneTimeKey: OneTimeKey?) -> InboundContent
}

extension InboundReader {
    /// For readers to which the site makes no difference.
    package func read(_ body: [UInt8], mediaType: String, site: String?) -> InboundContent {
        read(body, mediaType: mediaType)
    }

    /// For readers that decrypt nothing.
    package func read(
        _ body: [UInt8], mediaType: String, site: String?, oneTimeKey: OneTimeKey?
    ) -> InboundContent {
        read(body, mediaType: mediaType, site: site)
    }
}

/// Writes a canonical message in a form that hospital systems take.
package protocol HospitalWriter: Sendable {
    /// The media type of what `write` returns.
    var contentType: String { get }
    /// With a full ledger.
    ///
    /// - Throws: `TranslationError` when the message cannot be given in this form at all.
    func write(_ message: Message, _ canonical: CanonicalMessage) throws(TranslationError) -> Translated

    /// The same body with as much of the ledger as is asked for.
    func write(
        _ message: Message, _ canonical: CanonicalMessage, detail: LedgerDetail
    ) throws(TranslationError) -> Translated
}

extension HospitalWriter {
    /// For writers whose ledger costs nothing.
    package func write(
        _ message: Message, _ canonical: CanonicalMessage, detail: LedgerDetail
    ) throws(TranslationError) -> Translated {
        try write(message, canonical)
    }
}

/// A translation and what it did with every source path.
package struct Translated: Sendable, Hashable {
    package let body: [UInt8]
    package let ledger: Ledger

    package init(body: [UInt8], ledger: Ledger) {
        self.body = body
        self.ledger = ledger
    }
}

/// Reads what a hospital system published on `ocean.updates`.
package protocol UpdateReader: Sendable {
    /// Accepts a canonical update, an Ocean JSON object, a FHIR message bundle or a single resource.
    func read(_ message: Message) throws(TranslationError) -> UpdateRequest
}

/// Writes an update as Ocean wants it.
package protocol UpdateWriter: Sendable {
    /// The message bundle for `$process-messages`; the same input gives the same bytes.
    func bundle(for update: ReferralUpdate, in context: UpdateContext) throws(TranslationError) -> OutgoingBundle
}

/// What the writer needs to know besides the update.
package struct UpdateContext: Sendable, Hashable {
    package var dialect: Dialect
    /// Ocean's base address, without a trailing slash: the root of its naming systems.
    package var oceanHost: String
    /// Our own address, for `MessageHeader.source.endpoint`.
    package var sourceEndpoint: String
    /// Id of the update message: ids of resources are derived from it (UUIDv5), so that a retry repeats them.
    package var messageID: String
    /// When the update message was made; stands in for `occurredAt` where that is missing.
    package var messageTime: Timestamp
    /// What is known of the referral, if anything.
    package var record: ReferralRecord?
    /// The site's choices where Ocean's documents leave one.
    package var conventions: UpdateConventions

    package init(
        dialect: Dialect, oceanHost: String, sourceEndpoint: String, messageID: String, messageTime: Timestamp,
        record: ReferralRecord? = nil, conventions: UpdateConventions = UpdateConventions()
    ) {
        self.conventions = conventions
        self.dialect = dialect
        self.oceanHost = oceanHost
        self.sourceEndpoint = sourceEndpoint
        self.messageID = messageID
        self.messageTime = messageTime
        self.record = record
    }
}

/// A bundle ready to be posted.
package struct OutgoingBundle: Sendable, Hashable {
    package let body: [UInt8]
    /// Ocean's event code in it.
    package let event: String
    /// Fingerprints of the change, to know Ocean's echo.
    package let fingerprints: [String]
    /// Id of the appointment in it, to be reused by the next change.
    package let appointmentID: String?
    /// The reply that goes by the Open API instead; `body` then only shows it, for a dry run.
    package let reply: OpenReply?

    package init(
        body: [UInt8], event: String, fingerprints: [String], appointmentID: String? = nil, reply: OpenReply? = nil
    ) {
        self.reply = reply
        self.body = body
        self.event = event
        self.fingerprints = fingerprints
        self.appointmentID = appointmentID
    }
}

/// A body that cannot be read or cannot be given in the form asked for.
package struct TranslationError: DisposedError, CustomStringConvertible {
    package enum Code: String, Sendable, Hashable {
        /// Not JSON.
        case notJSON = "not-json"
        /// JSON, but no format that the reader knows.
        case unknownFormat = "unknown-format"
        /// No referral reference, no focus: it cannot be placed.
        case noReference = "no-reference"
        /// A member is missing or of the wrong kind.
        case invalid
        /// The target format or dialect has no form for it.
        case unsupported
        /// Wrong key, damaged ciphertext: one answer for all of them.
        case undecipherable
        /// The site has no key in the settings.
        case noKey = "no-key"
    }

    package let code: Code
    /// JSON pointer or FHIRPath of the place; empty for the whole.
    package let place: String
    /// What is wrong and the remedy; never a value from the payload.
    package let message: String

    package init(_ code: Code, at place: String = "", _ message: String) {
        self.code = code
        self.place = place
        self.message = message
    }

    package var disposition: Disposition { code == .noKey ? .fatal : .reject }
    package var reason: String { code.rawValue }
    package var description: String { place.isEmpty ? message : "\(place): \(message)" }
}

/// Fetches what a thin event leaves out.
package protocol Enricher: Sendable {
    /// Waits for Ocean; looks into nothing.
    func fetch(_ message: Message, _ canonical: CanonicalMessage) async throws(EnrichmentError) -> FetchedContent
}

/// What was fetched and not yet looked into: reading is the part over which a process can die, so it is done apart.
package struct FetchedContent: Sendable {
    /// Decrypts, reads and completes the canonical message: its data, with type and attributes that the content decides.
    package let read: @Sendable () throws(EnrichmentError) -> InboundMessage
    /// The event with what was fetched, still encrypted, for the dead letter should it not open: Ocean may have it no
    /// longer when the letter is put back.
    package let sealed: CanonicalMessage?

    package init(
        sealed: CanonicalMessage? = nil, read: @escaping @Sendable () throws(EnrichmentError) -> InboundMessage
    ) {
        self.sealed = sealed
        self.read = read
    }
}

/// Why a thin event could not be completed.
package enum EnrichmentError: DisposedError {
    case service(OceanServiceError)
    case translation(TranslationError)

    package var disposition: Disposition {
        switch self {
        case .service(let error): error.disposition
        case .translation(let error): error.disposition
        }
    }

    package var reason: String {
        switch self {
        case .service(let error): error.reason
        case .translation(let error): error.reason
        }
    }
}
