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
        if let coding = header.object("eventCoding") {
            event.code = coding.text("code", to: "/event/code") ?? ""
            if coding.peek("system") == NamingSystem.eventCode { coding["system"]?.structural(.impliedSystem) }
            if coding.peek("display") == event.code { coding["display"]?.structural(.impliedSystem) }
        }
        if let reason = header.object("reason") {
            event.reason = reason.text("text", to: "/event/reason")
            if event.reason == nil, let coding = reason.objects("coding").first {
                event.reason = coding.text("code", to: "/event/reason")
            }
        }
        return event
    }

    /// The rest of the header, after people and listing are known.
    func readHeader() {
        let resource = open(header.entry, id: "/event/headerId")
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
        let resource = open(entry)
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
