// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import JSON
package import Ocean

/// One translation from format to format: pure, without bus, store or network.
package struct Translation: Sendable {
    package var source: TranslationFormat
    package var target: TranslationFormat
    /// The dialect to write when the target is `ocean-fhir`.
    package var dialect: Dialect
    /// For encrypted Ocean JSON.
    package var keys: SharedEncryptionKeys?
    /// Ocean's address in naming systems that are written.
    package var oceanHost: String

    package init(
        from source: TranslationFormat, to target: TranslationFormat, dialect: Dialect = .fhir0111,
        keys: SharedEncryptionKeys? = nil, oceanHost: String = "https://ocean.cognisantmd.com"
    ) {
        self.source = source
        self.target = target
        self.dialect = dialect
        self.keys = keys
        self.oceanHost = oceanHost
    }

    /// - Throws: `TranslationError` with the place in the source.
    package func translate(_ input: [UInt8]) throws(TranslationError) -> Translated {
        let json: JSONValue
        do {
            json = try JSONValue(parsing: input)
        } catch {
            throw TranslationError(
                .notJSON, at: "line \(error.line), column \(error.column)", "not JSON: \(error.code.rawValue)")
        }
        if target == .oceanFHIR || (source == .canonical && json["action"] != nil) {
            let written = try writeUpdate(input)
            return Translated(body: written.body, ledger: ledger(ofUpdate: json, writtenAs: written.body))
        }
        return try writeMessage(try read(json, input))
    }

    private func read(_ json: JSONValue, _ input: [UInt8]) throws(TranslationError) -> InboundMessage {
        switch source {
        case .oceanFHIR:
            return try OceanFHIRReader().read(json, bytes: input, mediaType: "application/fhir+json")
        case .fhir:
            return try NormalisedFHIRReader().read(json, bytes: input, mediaType: "application/fhir+json")
        case .oceanJSON:
            let content = OceanInboundReader.standard(keys: { [keys] _ in keys }).read(
                input, mediaType: "application/json")
            switch content {
            case .message(let message): return message
            case .challenge: throw TranslationError(.unknownFormat, "this is a challenge, not a referral")
            case .notUnderstood(let reason, let detail):
                throw TranslationError(TranslationError.Code(rawValue: reason) ?? .unknownFormat, detail)
            case .notJSON: throw TranslationError(.notJSON, "not JSON")
            }
        case .canonical:
            return try readCanonical(json)
        }
    }

    /// The data of a canonical message, or a bare canonical referral.
    private func readCanonical(_ json: JSONValue) throws(TranslationError) -> InboundMessage {
        var unknown: [JSONPointer] = []
        let canonical: CanonicalMessage
        do {
            if json["ref"] != nil {
                var message = CanonicalMessage()
                message.referral = try Referral(json: json, at: .root, unknown: &unknown)
                message.event.code = EventCode.addServiceRequest.rawValue
                canonical = message
            } else {
                canonical = try CanonicalMessage(json: json, at: .root, unknown: &unknown)
            }
        } catch {
            throw TranslationError(.invalid, at: error.pointer, error.message)
        }
        let ledger = Ledger.identity(
            of: json, under: json["ref"] == nil ? "" : "/referral",
            without: Dictionary(
                unknown.map { ($0.description, "not a member of the canonical form") }, uniquingKeysWith: { $1 }))
        guard let subject = canonical.referral?.ref ?? canonical.engagement?.patientRef else {
            throw TranslationError(.noReference, at: "/referral/ref", "no referral and no engagement in the message")
        }
        return InboundMessage(
            type: canonical.messageType, subject: subject,
            time: canonical.event.timestamp.flatMap { Timestamp($0) },
            attributes: MessageAttributes(
                site: canonical.referral?.receiver?.site, listing: canonical.referral?.receiver?.ref,
                service: canonical.referral?.receiver?.service, event: canonical.event.code),
            canonical: canonical, ledger: ledger)
    }

    private func writeMessage(_ inbound: InboundMessage) throws(TranslationError) -> Translated {
        let writer: any HospitalWriter
        switch target {
        case .fhir: writer = NormalisedFHIRWriter()
        case .oceanJSON: writer = OceanJSONWriter()
        case .canonical, .oceanFHIR: writer = CanonicalWriter()
        }
        // Ids in the output derive from the message id: without a bus the digest of the original stands in for it.
        let message = Message(
            id: UUIDv5.make(namespace: Self.namespace, name: inbound.canonical.original.sha256 + inbound.subject),
            source: "/translate", type: inbound.type, subject: inbound.subject,
            time: inbound.time ?? Timestamp(milliseconds: 0), attributes: inbound.attributes, body: [])
        let written = try writer.write(message, inbound.canonical)
        return Translated(body: written.body, ledger: ledger(of: inbound, writtenAs: written))
    }

    func writeUpdate(_ input: [UInt8]) throws(TranslationError) -> Translated {
        let message = Message(
            id: UUIDv5.make(namespace: Self.namespace, name: String(decoding: input, as: UTF8.self)),
            source: "/translate", type: .updateRequested, subject: nil, time: Timestamp(milliseconds: 0), body: input)
        let update = try OceanUpdateReader().read(message)
        switch target {
        case .oceanFHIR:
            let context = UpdateContext(
                dialect: dialect, oceanHost: oceanHost, sourceEndpoint: "https://ocean-bridge.invalid/ocean",
                messageID: message.id,
                messageTime: update.occurredAt.flatMap { Timestamp($0) } ?? Timestamp(milliseconds: 0))
            let bundle = try OceanUpdateWriter().bundle(for: update, in: context)
            return Translated(body: bundle.body, ledger: Ledger())
        case .canonical:
            return Translated(body: update.json.bytes(), ledger: Ledger())
        case .fhir, .oceanJSON:
            throw TranslationError(
                .unsupported, "an update can be given as ocean-fhir or canonical; see ocean-bridge translate --help")
        }
    }

    private static let namespace = "6f0a1c3e-7d52-5b1e-9c39-0d8b6a5f2e71"
}
