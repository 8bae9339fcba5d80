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
    /// What ids are derived from: the referral or patient reference.
    let subject: String
    private(set) var resources: [(Handle, ElementBuilder)] = []
    private var taken: Set<String> = []
    private var defaulted: [(target: String, note: String)] = []
    var header = ElementBuilder()

    init(message: Message, canonical: CanonicalMessage) {
        self.message = message
        self.canonical = canonical
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

    /// Notes a value that FHIR requires and the source does not give.
    mutating func fillIn(_ handle: Handle, _ member: String, _ note: String) {
        defaulted.append((target: "\(handle.uuid)/\(member)", note: note))
    }

    /// The bundle with MessageHeader in front, and what became of each canonical value.
    func finish() -> Translated {
        var bundle = ElementBuilder(
            resourceType: "Bundle", id: UUIDv5.make(namespace: UUIDv5.bridge, name: "\(message.id)|bundle"))
        if canonical.referral?.test == true || message.attributes.test {
            var label = ElementBuilder()
            label.put("system", "http://terminology.hl7.org/CodeSystem/v3-ActReason")
            label.put("code", .string("HTEST"), from: "/referral/test")
            label.put("display", "test health data")
            var meta = ElementBuilder()
            meta.append("security", [label])
            bundle.put("meta", meta)
        }
        bundle.put("type", "message")
        let stated = canonical.event.timestamp
        if let stated, Primitive.isInstant(stated) {
            bundle.put("timestamp", stated, from: "/event/timestamp")
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
        var places: [String: String] = [:]
        for (index, element) in all.enumerated() { places[element.0.uuid] = "/entry/\(index)/resource" }
        var ledger = WriterLedger.ledger(of: canonical, trail: bundle.trail)
        for item in defaulted {
            let parts = item.target.split(separator: "/", maxSplits: 1)
            guard let uuid = parts.first, let member = parts.last, let place = places[String(uuid)] else { continue }
            ledger.add(.defaulted, source: "", target: "\(place)/\(member)", note: item.note)
        }
        return Translated(body: bundle.json.bytes(.compact), ledger: ledger)
    }

    /// Starts MessageHeader; `focus` are resources of this bundle.
    mutating func startHeader(focus: [Handle]) {
        header = ElementBuilder(
            resourceType: "MessageHeader", id: UUIDv5.make(namespace: UUIDv5.bridge, name: "\(message.id)|header"))
        if let referral = canonical.referral {
            var identifier = ElementBuilder()
            identifier.put("system", .string(NamingSystem.referral.url(host: Self.host)))
            identifier.put("value", referral.ref, from: "/referral/ref")
            var element = ElementBuilder()
            element.put("url", .string(ExtensionURL.referralIdentifier))
            element.put("valueIdentifier", identifier)
            header.append("extension", [element])
        }
        if Primitive.isCode(canonical.event.code) {
            var coding = ElementBuilder()
            coding.put("system", .string(NamingSystem.eventCode))
            coding.put("code", canonical.event.code, from: "/event/code")
            header.put("eventCoding", coding)
        } else {
            header.put("eventUri", "urn:ocean-bridge:unknown-event")
        }
        if let reason = canonical.event.reason {
            var concept = ElementBuilder()
            concept.put("text", reason, from: "/event/reason")
            header.put("reason", concept)
        }
        header.put("source", ["name": "Ocean", "endpoint": "urn:ocean-bridge:ocean"])
        header.put("focus", .array(focus.map { $0.reference }))
    }

    /// Root of Ocean's naming systems where the source does not name one.
    static let host = "https://ocean.cognisantmd.com"
    static let dataAbsent: JSONValue = [
        "extension": [["url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason", "valueCode": "unknown"]]
    ]
}
