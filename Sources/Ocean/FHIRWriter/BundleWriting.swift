// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import FHIR
import JSON

/// One normalised bundle while it is written.
struct BundleWriting {
    /// A resource's two ids and the reference to it.
    struct Handle {
        let id: String
        let uuid: String
        var urn: String { "urn:uuid:\(uuid)" }
        var reference: JSONValue { .object(["reference": .string(urn)]) }
    }

    let message: Message
    let canonical: CanonicalMessage
    /// The canonical message as a place.
    let root: WritingPlace
    /// What ids are derived from: the referral or patient reference.
    let subject: String
    private(set) var resources: [(Handle, ElementBuilder)] = []
    private var taken: Set<String> = []
    /// Resources by their places in the canonical message, for references out of resources that are passed on whole.
    var resourcePlaces: [String: (handle: Handle, type: String)] = [:]
    var header = ElementBuilder()
    var holdsReferral = false
    var holdsEngagement = false

    init(message: Message, canonical: CanonicalMessage, detail: LedgerDetail) {
        self.message = message
        self.canonical = canonical
        root = WritingPlace(pointer: detail == .everything ? "" : nil)
        subject = canonical.referral?.ref ?? canonical.engagement?.patientRef ?? message.id
    }

    /// An id for the resource that plays `role`; `stated` is kept where FHIR allows it.
    mutating func handle(_ role: String, stated: String? = nil) -> Handle {
        var uuid = UUIDv5.make(namespace: UUIDv5.bridge, name: "\(subject)|\(role)")
        if let stated, ReferenceIndex.isUUID(stated) { uuid = stated.lowercased() }
        var attempt = 1
        while !taken.insert(uuid).inserted {
            attempt += 1
            uuid = UUIDv5.make(namespace: UUIDv5.bridge, name: "\(subject)|\(role)|\(attempt)")
        }
        let id = stated.flatMap { Primitive.isID($0) && attempt == 1 ? $0 : nil }
        return Handle(id: id ?? uuid, uuid: uuid)
    }

    mutating func add(_ handle: Handle, _ resource: ElementBuilder) {
        resources.append((handle, resource))
    }

    /// Starts MessageHeader; `focus` are resources of this bundle.
    ///
    /// - Parameter holdsFocus: whether their types are those of the event.
    mutating func startHeader(focus: [Handle], holdsFocus: Bool) {
        let event = canonical.event
        let place = root("event")
        var record = RecordElement(
            event, at: place,
            in: ElementBuilder(
                resourceType: "MessageHeader", id: UUIDv5.make(namespace: UUIDv5.bridge, name: "\(message.id)|header")))
        if let referral = canonical.referral, Primitive.isString(referral.ref) {
            var element = ElementBuilder()
            element.put("url", .string(ExtensionURL.referralIdentifier))
            element.put("valueIdentifier", Self.reference(referral.ref, at: root("referral")("ref")))
            record.element.append("extension", [element])
        }
        if Primitive.isCode(event.code) {
            var coding = ElementBuilder()
            coding.put("system", .string(NamingSystem.eventCode))
            coding.put("code", event.code, from: place("code").pointer)
            record.put("eventCoding", coding, as: "code")
        } else {
            record.element.put("eventUri", "urn:ocean-bridge:unknown-event")
            if event.code.isEmpty {
                record.hold("code")
                record.element.note("eventUri", from: place("code").pointer)
            }
        }
        if let reason = event.reason, Primitive.isString(reason) {
            var concept = ElementBuilder()
            concept.put("text", reason, from: place("reason").pointer)
            record.put("reason", concept, as: "reason")
        }
        record.element.put("source", ["name": "Ocean", "endpoint": .string(NormalisedForm.endpoint)])
        record.element.put("focus", .array(focus.map { $0.reference }))
        if holdsFocus {
            record.hold("focus")
            record.element.note("focus", from: place("focus").pointer)
        } else if event.focus.isEmpty {
            record.miss("focus")
        }
        // The bundle's own time, which stands in the bundle.
        if let stated = event.timestamp {
            if Primitive.isInstant(stated) { record.hold("timestamp") }
        } else {
            record.miss("timestamp")
        }
        header = record.finished()
        // Of Ocean's own bytes only what tells which they were.
        header.carry(canonical.original, held: ["body", "base64"], at: root("original"))
    }

    /// The bundle with MessageHeader in front, and what became of each canonical value.
    mutating func finish() -> Translated {
        var held: Set<String> = ["event", "original"]
        if holdsReferral { held.insert("referral") }
        if holdsEngagement { held.insert("engagement") }
        header.carry(canonical, held: held, at: root)
        var bundle = ElementBuilder(
            resourceType: "Bundle", id: UUIDv5.make(namespace: UUIDv5.bridge, name: "\(message.id)|bundle"))
        if canonical.referral?.test == true || message.attributes.test {
            var label = ElementBuilder()
            label.put("system", "http://terminology.hl7.org/CodeSystem/v3-ActReason")
            label.put("code", .string("HTEST"), from: root("referral")("test").pointer)
            label.put("display", "test health data")
            var meta = ElementBuilder()
            meta.append("security", [label])
            bundle.put("meta", meta)
        }
        bundle.put("type", "message")
        let stated = canonical.event.timestamp
        if let stated, Primitive.isInstant(stated) {
            bundle.put("timestamp", stated, from: root("event")("timestamp").pointer)
        } else {
            bundle.put("timestamp", .string(message.time.description))
        }
        let headerID = UUIDv5.make(namespace: UUIDv5.bridge, name: "\(message.id)|header")
        let all = [(Handle(id: headerID, uuid: headerID), header)] + resources
        bundle.append(
            "entry",
            all.map { handle, resource in
                var entry = ElementBuilder()
                entry.put("fullUrl", .string(handle.urn))
                entry.put("resource", resource)
                return entry
            })
        return Translated(
            body: bundle.json.bytes(.compact),
            ledger: WriterLedger.ledger(of: canonical, trail: root.pointer == nil ? nil : bundle.trail))
    }

    /// Root of Ocean's naming systems where the source does not name one.
    static let host = "https://ocean.cognisantmd.com"
    static let dataAbsent: JSONValue = [
        "extension": [["url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason", "valueCode": "unknown"]]
    ]
}
