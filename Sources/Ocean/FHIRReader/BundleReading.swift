// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import FHIR
import JSON

/// One bundle while it is read. Extensions read one kind of resource each and fill `referral`.
///
/// Confined to one call of the reader.
final class BundleReading {
    let bundle: FHIRBundle
    let header: MessageHeader
    let tree: SourceTree
    let dialect: Dialect
    /// Elements of Bundle.entry, by position.
    let entryCursors: [SourceCursor]
    /// Resources in focus that are in the bundle.
    let focus: [FHIREntry]
    private let focusPositions: Set<Int>
    /// Types in focus, dangling ones included.
    let focusTypes: [String]
    private(set) var request: FHIREntry?
    let event: SourceEvent
    let eventCode: EventCode?
    var referral = Referral()
    /// Positions of entries that were read, with the place of their content in the canonical message.
    private var opened: [Int: String] = [:]

    init(bundle: FHIRBundle, header: MessageHeader) {
        self.bundle = bundle
        self.header = header
        tree = SourceTree(bundle.json)
        dialect = Dialect.detect(bundle, header)
        entryCursors = tree.cursor.elements("entry")
        focus = header.focus.compactMap { bundle.resolve($0, types: ["ServiceRequest"]) }
        focusPositions = Set(focus.map(\.position))
        focusTypes = header.focus.compactMap { reference in
            if let entry = bundle.resolve(reference, types: ["ServiceRequest"]) { return entry.type }
            if let type = reference["type"]?.nonEmptyText { return type }
            return reference["reference"]?.stringValue.flatMap { ReferenceIndex.typeAndID($0) }?
                .split(separator: "/").first.map { String($0) }
        }
        event = Self.readEvent(tree.cursor, entryCursors[header.entry.position], focusTypes)
        eventCode = EventCode(code: event.code)
        request = selectRequest()
    }

    func readAll(reference: String) {
        referral.ref = reference
        referral.test = readTestFlags()
        readPeople()
        if let request { readRequest(request) } else { readOnlyPatient() }
        readHeader()
        readListing()
        readDocuments()
        readForms()
        readTasks()
        readAppointments()
        readCommunications()
        deriveStatus()
        passRequestStatus()
        readOtherResources()
        passOverFullURLs()
    }

    /// The cursor of an entry's resource; ticks off what only holds the bundle together.
    ///
    /// - Parameters:
    ///   - place: where the resource's content stands in the canonical message.
    ///   - id: where the resource's id stands, for types whose id means something.
    func open(_ entry: FHIREntry, at place: String, id: String? = nil) -> SourceCursor {
        let element = entryCursors[entry.position]
        guard let resource = element["resource"] else { return element }
        guard opened[entry.position] == nil else { return resource }
        opened[entry.position] = place
        resource["resourceType"]?.structural(.resourceType)
        if id == nil { resource["id"]?.structural(.resourceID) }
        resource["meta"]?["profile"]?.structural(.profile)
        passTestLabels(resource)
        return resource
    }

    func isInFocus(_ entry: FHIREntry) -> Bool { focusPositions.contains(entry.position) }

    /// Positions of what the ServiceRequest's performers are.
    private(set) lazy var performerPositions: Set<Int> = Set(
        (request?.resource["performer"]?.referenceList ?? []).compactMap { bundle.resolve($0)?.position })

    func isOpened(_ entry: FHIREntry) -> Bool { opened[entry.position] != nil }

    /// Where an entry's content stands in the canonical message; nil for entries that were not read.
    func place(of entry: FHIREntry) -> String? { opened[entry.position] }

    func passTestLabels(_ resource: SourceCursor) {
        for label in resource.object("meta")?.objects("security") ?? [] where label.peek("code") == "HTEST" {
            label.fold(into: "/referral/test", "test data")
        }
    }

    /// The resource that a Reference element names; ticks the reference off when it leads somewhere.
    func follow(_ reference: SourceCursor?, types: [String]) -> FHIREntry? {
        guard let reference, let entry = bundle.resolve(reference.value, types: types), types.contains(entry.type)
        else {
            return nil
        }
        reference["reference"]?.structural(.reference)
        reference["type"]?.structural(.reference)
        if reference["reference"] == nil { reference["identifier"]?.structural(.reference) }
        return entry
    }

    /// The time that the message says of itself.
    var time: Timestamp? { event.timestamp.flatMap { Timestamp($0) } }

    var attributes: MessageAttributes {
        MessageAttributes(
            site: referral.receiver?.site, listing: referral.receiver?.ref, service: referral.receiver?.service,
            event: event.code.isEmpty ? nil : event.code, dialect: dialect.rawValue, test: referral.test)
    }
}
