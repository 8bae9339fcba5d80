// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import FHIR
import JSON

extension BundleReading {
    static func readEvent(_ bundle: SourceCursor, _ entry: SourceCursor, _ focus: [String]) -> SourceEvent {
        var event = SourceEvent()
        event.focus = focus
        event.bundleID = bundle.text("id", to: "/event/bundleId")
        event.timestamp = bundle.text("timestamp", to: "/event/timestamp")
        bundle["resourceType"]?.structural(.resourceType)
        bundle["type"]?.structural(.bundleType)
        bundle["total"]?.structural(.bundleTotal)
        let meta = bundle.object("meta")
        meta?["profile"]?.structural(.profile)
        if event.timestamp == nil {
            event.timestamp = meta?.text("lastUpdated", to: "/event/timestamp")
        } else if meta?.peek("lastUpdated") == event.timestamp {
            meta?["lastUpdated"]?.keep(to: "/event/timestamp")
        }
        guard let header = entry.object("resource") else { return event }
        event.headerID = header.text("id", to: "/event/headerId")
        readCode(header, &event)
        if let reason = header.object("reason") {
            event.reason = reason.text("text", to: "/event/reason")
            if event.reason == nil, let coding = reason.objects("coding").first {
                event.reason = coding.text("display", to: "/event/reason") ?? coding.text("code", to: "/event/reason")
            }
        }
        return event
    }

    /// `eventCoding`; `event` was its name before R4, and R4 allows an address instead.
    private static func readCode(_ header: SourceCursor, _ event: inout SourceEvent) {
        if let coding = header.object("eventCoding") ?? header.object("event") {
            event.code = coding.text("code", to: "/event/code") ?? ""
            if coding.peek("system") == NamingSystem.eventCode { coding["system"]?.structural(.impliedSystem) }
            if coding.peek("display") == event.code { coding["display"]?.structural(.impliedSystem) }
        } else if let address = header["eventUri"], let text = address.value.stringValue {
            guard text != NormalisedCode.unknownEvent else { return address.structural(.impliedSystem) }
            guard let code = text.split(whereSeparator: { "/#|".contains($0) }).last else { return }
            event.code = String(code)
            address.fold(into: "/event/code", "the event code in it")
        }
    }

    /// The rest of the header, after people and listing are known.
    func readHeader() {
        let resource = open(header.entry, at: "/event", id: "/event/headerId")
        for element in resource.objects("extension") {
            let url = element.peek("url")
            guard url == ExtensionURL.headerReference || url == ExtensionURL.referralIdentifier else { continue }
            if element.peek("valueString") == referral.ref {
                element["valueString"]?.keep(to: "/referral/ref")
                element["url"]?.structural(.extensionURL)
            }
            if let identifier = element["valueIdentifier"], identifier.peek("value") == referral.ref {
                identifier["value"]?.keep(to: "/referral/ref")
                if NamingSystem.referral.matches(identifier.peek("system")) {
                    identifier["system"]?.structural(.impliedSystem)
                }
                element["url"]?.structural(.extensionURL)
            }
        }
        resource.object("sender")?.passConstant("reference", "MessageHeader.sender")
        if let source = resource.object("source") {
            source.passConstant("name", "MessageHeader.source.name")
            source["endpoint"]?.structural(.endpoint)
        }
        for reference in resource.objects("focus") where bundle.resolve(reference.value) != nil {
            reference["reference"]?.structural(.reference)
            reference["type"]?.structural(.reference)
            if reference["reference"] == nil { reference["identifier"]?.structural(.reference) }
        }
        if let responsible = follow(resource.object("responsible"), types: ["Organization"]) {
            readSource(responsible)
        }
    }

    private func readSource(_ entry: FHIREntry) {
        let resource = open(entry, at: "/referral/source")
        var site = SourceSite()
        site.name = resource.text("name", to: "/referral/source/name")
        for identifier in resource.objects("identifier") where NamingSystem.site.matches(identifier.peek("system")) {
            guard site.number == nil else { break }
            site.number = identifier.text("value", to: "/referral/source/number")
            if site.number != nil { identifier["system"]?.structural(.impliedSystem) }
        }
        if site != SourceSite() { referral.source = site }
    }

    func readTestFlags() -> Bool {
        let isTest =
            bundle.json.hasSecurityLabel("HTEST") || bundle.entries.contains { $0.resource.hasSecurityLabel("HTEST") }
        passTestLabels(tree.cursor)
        return isTest
    }

    /// Addresses within the bundle, after those that stand for an id were ticked off.
    func passOverFullURLs() {
        for entry in entryCursors { entry["fullUrl"]?.structural(.fullURL) }
    }
}
