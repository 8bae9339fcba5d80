// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import FHIR
import JSON

/// One normalised bundle while it is read back. Extensions read one kind of resource each.
///
/// Confined to one call of the reader.
final class NormalisedReading {
    let bundle: FHIRBundle
    let tree: SourceTree
    /// Elements of Bundle.entry, by position.
    let entryCursors: [SourceCursor]
    /// The MessageHeader resource.
    let header: SourceCursor
    private let headerEntry: FHIREntry
    private var opened: Set<Int> = []
    /// Places in the canonical message by position of the entry.
    private(set) var resourcePlaces: [Int: String] = [:]

    /// Nil unless the bundle says that this bridge wrote it.
    init?(_ bundle: FHIRBundle) {
        guard let header = bundle.header?.entry,
            header.resource["source"]?["endpoint"]?.stringValue == NormalisedForm.endpoint
        else { return nil }
        self.bundle = bundle
        tree = SourceTree(bundle.json)
        entryCursors = tree.cursor.elements("entry")
        guard entryCursors.indices.contains(header.position),
            let resource = entryCursors[header.position].object("resource")
        else { return nil }
        self.header = resource
        headerEntry = header
    }

    /// The canonical message without its `original`, and the provenance of the one that it was written from.
    func read() throws(TranslationError) -> (CanonicalMessage, Original) {
        _ = open(headerEntry)
        passBundle()
        header["source"]?.structural(.endpoint)
        var message = RecordReading<CanonicalMessage>(header, at: "")
        message.record.event = event()
        for element in header.objects("extension") where element.peek("url") == ExtensionURL.referralIdentifier {
            element.fold(into: "/referral/ref", "the referral reference again")
        }
        if let request = bundle.entries(of: "ServiceRequest").first {
            let referral = readReferral(request)
            guard !referral.ref.isEmpty else {
                throw TranslationError(
                    .noReference, at: "/entry/\(request.position)", "no referral reference in the ServiceRequest")
            }
            message.record.referral = referral
        } else if let patient = bundle.entries(of: "Patient").first {
            let engagement = readEngagement(patient)
            guard !engagement.patientRef.isEmpty else {
                throw TranslationError(
                    .noReference, at: "/entry/\(patient.position)", "no Ocean patient reference in the Patient")
            }
            message.record.engagement = engagement
        } else {
            throw TranslationError(.noReference, "neither a ServiceRequest nor a Patient in the bundle")
        }
        for reference in header.objects("focus") { _ = follow(reference) }
        let original = RecordReading<Original>(header, at: "/original").finished()
        return (message.finished(), original)
    }

    private func passBundle() {
        let root = tree.cursor
        root["resourceType"]?.structural(.resourceType)
        root["id"]?.structural(.resourceID)
        root["type"]?.structural(.bundleType)
        root.object("meta")?["security"]?.fold(into: "/referral/test", "test data")
        for entry in bundle.entries { entryCursors[entry.position]["fullUrl"]?.structural(.fullURL) }
    }

    private func event() -> SourceEvent {
        var reading = RecordReading<SourceEvent>(header, at: "/event")
        if let coding = header.object("eventCoding") {
            coding["system"]?.structural(.impliedSystem)
            reading.record.code = reading.text(coding["code"], "code") ?? ""
        }
        header["eventUri"]?.structural(.constant)
        reading.record.reason = reading.text(header.object("reason")?["text"], "reason")
        reading.record.timestamp = reading.text(tree.cursor["timestamp"], "timestamp")
        if reading.native(header["focus"], "focus") != nil {
            for (index, reference) in header.objects("focus").enumerated() {
                guard let entry = bundle.resolve(reference.value) else { continue }
                reference["reference"]?.fold(into: "/event/focus/\(index)", "type of the resource")
                reading.record.focus.append(entry.type)
            }
        }
        return reading.finished()
    }

    /// The cursor of an entry's resource; ticks off what only holds the bundle together.
    func open(_ entry: FHIREntry, keepsID: Bool = false) -> SourceCursor {
        let element = entryCursors[entry.position]
        guard let resource = element["resource"] else { return element }
        resource["resourceType"]?.structural(.resourceType)
        if !keepsID { resource["id"]?.structural(.resourceID) }
        opened.insert(entry.position)
        return resource
    }

    func isOpened(_ entry: FHIREntry) -> Bool { opened.contains(entry.position) }

    /// Remembers where the resource stands in the canonical message.
    func note(_ entry: FHIREntry, at place: String) { resourcePlaces[entry.position] = place }

    /// The resource that a reference names; ticks the reference off when it leads somewhere.
    func follow(_ reference: SourceCursor?) -> FHIREntry? {
        guard let reference, let entry = bundle.resolve(reference.value) else { return nil }
        reference["reference"]?.structural(.reference)
        return entry
    }

    var hasTestLabel: Bool { bundle.json.hasSecurityLabel("HTEST") }
}
