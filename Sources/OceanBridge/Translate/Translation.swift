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
    /// What the status words of Ocean JSON mean.
    package var statusMaps: StatusMaps
    /// The site that Ocean JSON belongs to where it does not say so itself: its status words count.
    package var site: String?

    package init(
        from source: TranslationFormat, to target: TranslationFormat, dialect: Dialect = .fhir0111,
        keys: SharedEncryptionKeys? = nil, oceanHost: String = "https://ocean.cognisantmd.com",
        statusMaps: StatusMaps = StatusMaps(), site: String? = nil
    ) {
        self.source = source
        self.target = target
        self.dialect = dialect
        self.keys = keys
        self.oceanHost = oceanHost
        self.statusMaps = statusMaps
        self.site = site
    }

    /// Status words, keys and Ocean's address as they are in the settings.
    ///
    /// - Parameter site: whose keys; nil leaves encrypted parts as they are.
    package mutating func take(_ settings: Settings, site: String?) {
        oceanHost = settings.ocean.host
        statusMaps = settings.ocean.statusMaps
        self.site = site
        keys = site.flatMap { settings.encryptionKeys(site: $0) }
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
            let content = OceanInboundReader.standard(keys: { [keys] _ in keys }, statusMaps: statusMaps).read(
                input, mediaType: "application/json", site: site)
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
        case .oceanJSON: writer = OceanJSONWriter(statusMaps: statusMaps)
        case .canonical, .oceanFHIR: writer = CanonicalWriter()
        }
        var attributes = inbound.attributes
        attributes.site = attributes.site ?? site
        // Ids in the output derive from the message id: without a bus the digest of the original stands in for it.
        let message = Message(
            id: UUIDv5.make(namespace: Self.namespace, name: inbound.canonical.original.sha256 + inbound.subject),
            source: "/translate", type: inbound.type, subject: inbound.subject,
            time: inbound.time ?? Timestamp(milliseconds: 0), attributes: attributes, body: [])
        let written = try writer.write(message, inbound.canonical)
        return Translated(body: written.body, ledger: ledger(of: inbound, writtenAs: written))
    }

    /// A message that holds several changes gives a list.
    func writeUpdate(_ input: [UInt8]) throws(TranslationError) -> Translated {
        var message = Message(
            id: UUIDv5.make(namespace: Self.namespace, name: String(decoding: input, as: UTF8.self)),
            source: "/translate", type: .updateRequested, subject: nil, time: Timestamp(milliseconds: 0), body: input)
        // The bundle does not name the site.
        if target == .oceanFHIR { message.attributes.site = "0" }
        let changes = try OceanUpdateReader(statusMaps: statusMaps).read(message).changes(since: nil)
        var outputs: [JSONValue] = []
        for change in changes {
            switch target {
            case .oceanFHIR: outputs.append(try bundle(change, message))
            case .canonical: outputs.append(change.update.json)
            case .fhir, .oceanJSON:
                throw TranslationError(
                    .unsupported,
                    "an update can be given as ocean-fhir or canonical; see ocean-bridge translate --help")
            }
        }
        let only = outputs.count == 1 ? outputs.first : nil
        return Translated(body: (only ?? .array(outputs)).bytes(), ledger: Ledger())
    }

    private func bundle(_ change: RequestedChange, _ message: Message) throws(TranslationError) -> JSONValue {
        let context = UpdateContext(
            dialect: dialect, oceanHost: oceanHost, sourceEndpoint: "https://ocean-bridge.invalid/ocean",
            messageID: message.id + (change.part.isEmpty ? "" : ".\(change.part)"),
            messageTime: change.update.occurredAt.flatMap { Timestamp($0) } ?? Timestamp(milliseconds: 0))
        let bundle = try OceanUpdateWriter().bundle(for: change.update, in: context)
        do throws(JSONError) {
            return try JSONValue(parsing: bundle.body)
        } catch {
            throw TranslationError(.notJSON, "the written bundle is not JSON: \(error.code.rawValue)")
        }
    }

    private static let namespace = "6f0a1c3e-7d52-5b1e-9c39-0d8b6a5f2e71"
}
