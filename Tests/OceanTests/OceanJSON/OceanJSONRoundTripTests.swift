// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import BridgeTestKit
import JSON
import Testing

@testable import Ocean

/// Canonical → Ocean JSON → canonical: 10,000 invented referrals in each run.
@Suite("Ocean JSON round trip")
struct OceanJSONRoundTripTests {
    private static let blocks = 20
    private static let perBlock = 50
    /// Cases for one invented referral: itself, and with parts left out.
    private static let cases = 10

    @Test("a run has at least ten thousand cases")
    func count() { #expect(Self.blocks * Self.perBlock * Self.cases >= 10_000) }

    @Test(
        "a referral comes back from Ocean JSON as far as the table says that it can be held, and the ledger tells the rest",
        arguments: 0..<blocks)
    func clear(block: Int) throws {
        var source = ReferralSource(seed: block)
        for number in 0..<Self.perBlock {
            let whole = source.referral()
            for part in 0..<Self.cases {
                let referral = part == 0 ? whole : source.thinned(whole)
                let name = "block \(block), referral \(number), case \(part)"
                let (json, ledger) = try OceanJSONWriter().write(referral)
                // Some cases go through bytes, and are compared by them: equal texts may be spelled with other code
                // points. All of them would take the run beyond its time.
                let isWhole = part.isMultiple(of: 5)
                let parsed = isWhole ? try JSONValue(parsing: json.bytes()) : json
                let (read, account) = try OceanJSONReader().read(parsed, keys: nil)
                let held = HeldReferral(source: referral).referral()
                try #require(
                    read == held && (!isWhole || read.json.bytes() == held.json.bytes()),
                    "\(name): \(Self.difference(read.json, held.json))")
                // Nothing that the bridge itself writes is unknown to it or of the wrong form.
                try #require(account.count(.refused) == 0, "\(name)")
                if part.isMultiple(of: 3), part > 0 { try Self.check(ledger, of: referral, written: json, name) }
            }
        }
    }

    /// Every canonical leaf once; what is dropped is in the table, what is kept stands at its target.
    private static func check(_ ledger: Ledger, of referral: Referral, written: JSONValue, _ name: String) throws {
        let canonical = referral.json
        let entries = ledger.entries.filter { $0.disposition != .defaulted }
        try #require(entries.map(\.source) == leaves(canonical, at: "/referral"), "\(name)")
        for entry in ledger.entries {
            switch entry.disposition {
            case .dropped:
                let pattern = DroppedFields.pattern(entry.source)
                let saysNothing = ["an empty text says nothing", "not a date"].contains(entry.note)
                try #require(
                    saysNothing || DroppedFields.contains(DroppedFields.always, pattern)
                        || DroppedFields.contains(DroppedFields.partly, pattern),
                    "\(name): \(entry.source) is not in the table of what cannot be held")
            // An empty object or list says nothing.
            case .kept where entry.target.isEmpty: continue
            case .kept:
                let value = canonical.value(at: try JSONPointer(String(entry.source.dropFirst("/referral".count))))
                let target = written.value(at: try JSONPointer(entry.target))
                try #require(
                    target.map { Self.tells($0, value ?? .null, entry) } ?? false,
                    "\(name): \(entry.source) is not at \(entry.target)")
            case .defaulted:
                let pointer = try JSONPointer(entry.target)
                try #require(written.value(at: pointer) != nil, "\(name): \(entry.target)")
            case .refused: Issue.record("\(name): a writer refuses nothing")
            }
        }
    }

    /// Members whose value is told by where they stand, or in another word.
    private static let byPlace = [
        "kind", "status", "gender", "waitTimeMilestone", "direction", "internalOnly", "use", "system", "hidden",
        "linkId",
    ]

    private static func tells(_ target: JSONValue, _ value: JSONValue, _ entry: Ledger.Entry) -> Bool {
        if target == value || value == .string("") { return true }
        let name = entry.source.split(separator: "/").last.map(String.init) ?? ""
        if byPlace.contains(name) { return true }
        switch (target, value) {
        case (.string(let written), .string(let text)):
            return written.utf8.contains(text.utf8) || OceanDate.text(text).map { $0.hasPrefix(written) } ?? false
                || entry.source.contains("/forms/")
        // Structures that are kept as a whole: the leaf is somewhere in them.
        case (.object, _), (.array, _):
            return leaves(target).contains { leaf in
                (try? JSONPointer(leaf)).flatMap { target.value(at: $0) } == value
            } || entry.source.contains("/forms/") || entry.note == "stands in a member of its own"
        default: return entry.source.contains("/forms/")
        }
    }

    @Test("every field of the table of what cannot be held occurs, and is named as dropped each time")
    func table() throws {
        var dropped: Set<String> = []
        var seen: Set<String> = []
        var source = ReferralSource(seed: 99)
        for _ in 0..<250 {
            let referral = source.referral()
            let (_, ledger) = try OceanJSONWriter().write(referral)
            for entry in ledger.entries where !entry.source.isEmpty {
                let pattern = DroppedFields.pattern(entry.source)
                seen.insert(pattern)
                if entry.disposition == .dropped {
                    dropped.insert(pattern)
                } else if !entry.target.isEmpty {
                    #expect(!DroppedFields.contains(DroppedFields.always, pattern), "\(entry.source)")
                }
            }
        }
        for field in DroppedFields.always.union(DroppedFields.partly) {
            func isHere(_ pattern: String) -> Bool { pattern == field || pattern.hasPrefix(field + "/") }
            guard seen.contains(where: isHere) else { continue }
            #expect(dropped.contains(where: isHere), "\(field) is never dropped")
        }
        #expect(dropped.count > 60)
    }

    @Test("a text that is changed on the way is noticed: the comparison can fail", arguments: 0..<8)
    func mutation(block: Int) throws {
        var changes = 0
        var source = ReferralSource(seed: 1000 + block)
        for number in 0..<6 {
            let referral = source.thinned(source.referral())
            let (json, ledger) = try OceanJSONWriter().write(referral)
            let held = HeldReferral(source: referral).referral()
            let repeated = Set(ledger.entries.filter { $0.disposition == .defaulted }.map(\.target))
            for leaf in leaves(json) where !repeated.contains(leaf) {
                let pointer = try JSONPointer(leaf)
                guard case .string(let text)? = json.value(at: pointer) else { continue }
                var changed = json
                guard changed.set(.string(text + "9"), at: pointer) else { continue }
                changes += 1
                guard let (read, _) = try? OceanJSONReader().read(changed, keys: nil) else { continue }
                try #require(read != held, "referral \(number): a change at \(leaf) is not noticed")
            }
        }
        #expect(changes > 20)
    }

    @Test("the same referral gives the same bytes")
    func repeatable() throws {
        var source = ReferralSource(seed: 7)
        for _ in 0..<20 {
            let referral = source.referral()
            #expect(try OceanJSONWriter().write(referral).0.bytes() == OceanJSONWriter().write(referral).0.bytes())
        }
    }

    @Test("places in a FHIR bundle are dropped, and named")
    func foreignPlaces() throws {
        var canonical = CanonicalMessage()
        canonical.original.dialect = Dialect.fhir0111.rawValue
        var referral = Referral()
        referral.ref = "r-1"
        referral.unmapped = [Unmapped(path: "/meta", value: ["profile": "p"])]
        canonical.referral = referral
        let message = Message(
            id: "1", source: "/ocean/x", type: .referralReceived, subject: "r-1",
            time: Timestamp(milliseconds: 0), body: [])
        let translated = try OceanJSONWriter().write(message, canonical)
        #expect(try JSONValue(parsing: translated.body) == ["referralRef": "r-1"])
        #expect(translated.ledger.count(.dropped) == 2)
        canonical.original.dialect = Dialect.oceanJSON.rawValue
        #expect(try JSONValue(parsing: OceanJSONWriter().write(message, canonical).body)["meta"] != nil)
    }

    @Test("what Ocean JSON cannot hold is named as dropped")
    func dropped() throws {
        var referral = Referral()
        referral.ref = "r-1"
        var cancelled = Appointment()
        cancelled.status = "cancelled"
        cancelled.start = "2026-03-02T14:30:00Z"
        var booked = Appointment()
        booked.id = "a-2"
        booked.start = "2026-03-09T14:30:00Z"
        booked.patientInstruction = "Fasting."
        referral.appointments = [cancelled, booked]
        var task = ProcessTask()
        task.status = "accepted"
        referral.tasks = [task]
        referral.unmapped = [
            Unmapped(path: "Bundle.entry[3].resource.foo", value: 1),
            Unmapped(path: "/appointments/0/room", value: "7"), Unmapped(path: "/referralRef", value: "other"),
        ]
        let (json, ledger) = try OceanJSONWriter().write(referral)
        #expect(
            json == [
                "referralRef": "r-1", "bookingComments": "Fasting.", "scheduledAppointment": "2026-03-09T14:30:00Z",
                "appointments": [["date": "2026-03-09T14:30:00Z", "hasTime": true]], "referralRef_original": "other",
            ])
        let lost = ledger.entries.filter { $0.disposition == .dropped }.map(\.source)
        #expect(
            Set(lost) == [
                "/referral/appointments/0/status", "/referral/appointments/0/start", "/referral/appointments/1/id",
                "/referral/tasks/0/status", "/referral/unmapped/0/path", "/referral/unmapped/0/value",
                "/referral/unmapped/1/path", "/referral/unmapped/1/value",
            ])
    }

    /// The first leaf in which two values differ, for the message of a failure.
    static func difference(_ left: JSONValue, _ right: JSONValue) -> String {
        let places = leaves(left) + leaves(right)
        let place = places.first { place in
            guard let pointer = try? JSONPointer(place) else { return false }
            return left.value(at: pointer) != right.value(at: pointer)
        }
        guard let place, let pointer = try? JSONPointer(place) else { return "none" }
        return "\(place): read \(String(describing: left.value(at: pointer))), "
            + "expected \(String(describing: right.value(at: pointer)))"
    }
}

/// Invented referrals whose reference is one that Ocean gives: any other is refused by the reader.
struct ReferralSource {
    private var generator: ReferralGenerator
    private var random: SeededGenerator

    init(seed: Int) {
        generator = ReferralGenerator(seed: UInt64(seed))
        random = SeededGenerator(seed: UInt64(seed) &+ 1_000_000)
    }

    mutating func referral() -> Referral {
        var referral = generator.referral()
        if OceanReference.text(.string(referral.ref)) == nil { referral.ref = "r-1" }
        return referral
    }

    /// The same with three quarters of its members left out.
    mutating func thinned(_ referral: Referral) -> Referral {
        var output = Referral()
        output.ref = referral.ref
        func copy<Value>(_ path: WritableKeyPath<Referral, Value>) {
            if Int.random(in: 0..<4, using: &random) == 0 { output[keyPath: path] = referral[keyPath: path] }
        }
        copy(\.kind); copy(\.status); copy(\.statusText); copy(\.statusReason); copy(\.priority); copy(\.test)
        copy(\.category); copy(\.code); copy(\.services); copy(\.description); copy(\.created); copy(\.sent)
        copy(\.modified); copy(\.patient); copy(\.requester); copy(\.submitter); copy(\.receiver); copy(\.source)
        copy(\.notes); copy(\.forms); copy(\.documents); copy(\.appointments); copy(\.communications)
        copy(\.tasks); copy(\.links); copy(\.bookingComments); copy(\.bookingURL); copy(\.unmapped)
        return output
    }
}

/// The pointers of all leaves, in order.
func leaves(_ json: JSONValue, at path: String = "") -> [String] {
    var output: [String] = []
    JSONLeaves.each(of: json, at: path) { leaf, _ in output.append(leaf) }
    return output
}
