// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import BridgeTestKit
import JSON
import Ocean
import Testing

@testable import Workers

/// Ocean's patient-engagement answers, for a real enricher.
private struct PatientOcean: OceanService {
    var patient: JSONValue?
    var note: JSONValue?
    var key = FormMatchingTests.siteKey
    let gone = OceanServiceError(.notFound, "HTTP 404", status: 404)

    private func sealed(_ json: JSONValue) -> EncryptedContent? {
        let oneTimeKey = OneTimeKey.random()
        guard let wrapped = try? key.wrap(oneTimeKey), let block = try? oneTimeKey.encrypt(json: json) else {
            return nil
        }
        return EncryptedContent(
            oneTimeKey: wrapped.data, oneTimeKeyIV: wrapped.iv, iv: block.iv, body: Array(block.data.utf8),
            noteID: "n-1")
    }

    func patient(_ reference: String, site: String, trace: TraceContext?) async throws(OceanServiceError)
        -> EncryptedContent
    {
        guard let content = patient.flatMap(sealed) else { throw gone }
        return content
    }

    func note(
        patient reference: String, session: String?, site: String, trace: TraceContext?
    ) async throws(OceanServiceError) -> EncryptedContent? { note.flatMap(sealed) }

    func process(_ bundle: [UInt8], site: String, trace: TraceContext?) async throws(OceanServiceError) -> OceanAnswer {
        throw gone
    }
    func referral(_ reference: String, site: String, trace: TraceContext?) async throws(OceanServiceError) -> [UInt8] {
        throw gone
    }
    func check(site: String) async throws(OceanServiceError) {}
}

@Suite("Completed forms on their way to the hospital", .timeLimit(.minutes(5)))
struct FormMatchingTests {
    static let siteKey = SharedEncryptionKey(text: "Bridge#2025aBcD!")
    private static let patientKey = PatientKey(secret: Array(repeating: 3, count: 32))
    private static let note: JSONValue = ["completedForms": ["intake": ["pain": "6"]]]

    private static func person(_ more: [JSONMember] = []) -> JSONValue {
        [
            "externalPatientRef": "CH-1",
            "demographics": .object(
                JSONObject(
                    [
                        JSONMember(name: "surname", value: "Testpatient"), JSONMember(name: "firstName", value: "Zoé"),
                        JSONMember(name: "birthDate", value: "1980-02-29"),
                    ] + more)),
        ]
    }

    private static let number = [JSONMember(name: "hn", value: "1234567890"), JSONMember(name: "hnProv", value: "ON")]

    private struct TestBench {
        let clock = ManualClock(Timestamp(milliseconds: 1_767_268_800_000))
        let bus = ScriptedBus()
        let store = ScriptedStore(journal: Journal())
        let translator: Translator

        init(
            _ ocean: PatientOcean, matching: [MatchRule] = MatchRule.allCases,
            keys: @escaping @Sendable (String) -> SharedEncryptionKeys? = { _ in
                SharedEncryptionKeys(current: FormMatchingTests.siteKey)
            }
        ) {
            var settings = Translator.Settings(targets: [.canonical])
            settings.matching = matching
            translator = Translator(
                bus: bus, store: store,
                enricher: OceanEnricher(ocean: ocean, reader: OceanInboundReader.standard(), keys: keys),
                settings: settings, changes: { _, _ in [] },
                matchKeys: { FormMatchingTests.patientKey.matchKeys(of: $0) }, clock: clock, logger: quiet)
        }

        func handle(_ message: Message) async -> HandlerOutcome {
            await translator.handle(
                delivery(message), stop: StopSignal(sleep: instantly(clock)))
        }

        func referral(
            _ ref: String, at time: Int64, site: String = "4821", chart: String? = nil, number: String? = nil,
            family: String = "Testpatient", given: String = "Zoe", born: String = "1980-02-29"
        ) async throws {
            var patient = Patient()
            var name = PersonName()
            name.family = family
            name.given = [given]
            patient.names = [name]
            patient.birthDate = born
            patient.chartNumber = chart
            if let number {
                patient.healthNumber = HealthNumber()
                patient.healthNumber?.value = number
            }
            try await store.save(
                ReferralRecord(
                    reference: ref, site: site, listing: "l-1", service: "cardiology", status: "received",
                    sourceTime: Timestamp(milliseconds: time),
                    matchKeys: FormMatchingTests.patientKey.matchKeys(of: patient)))
        }

        var canonical: CanonicalMessage? {
            guard let body = bus.published(to: "hospital.canonical").first?.body,
                let json = try? JSONValue(parsing: body)
            else { return nil }
            var unknown: [JSONPointer] = []
            return try? CanonicalMessage(json: json, at: .root, unknown: &unknown)
        }
        var match: ReferralMatch? { canonical?.engagement?.matched }
        var letters: [Message] { bus.published(to: "ocean.dead-letters") }
    }

    private static func event() throws -> Message {
        let bytes = Array(
            #"""
            {"ref":"690","siteNum":"4821","type":"notify-patient-message-forms-completion","changeList":null,
            "user":null,"customProperties":{"noteCompletionSource":"PORTAL","oceanSessionId":"1t2"}}
            """#.utf8)
        let inbound = try EngagementEventReader.read(
            JSONValue(parsing: bytes), bytes: bytes, mediaType: "application/json")
        return Message(
            id: "m1", source: "/ocean/forms", type: inbound.type, subject: inbound.subject,
            time: Timestamp(milliseconds: 0), attributes: inbound.attributes, trace: .root(),
            body: inbound.canonical.json.bytes())
    }

    @Test("the first rule that fits decides: chart number, then health number, then name")
    func rules() async throws {
        let ocean = PatientOcean(patient: Self.person(Self.number), note: Self.note)
        for (rules, expected) in [
            (MatchRule.allCases, "r-mrn"), ([MatchRule.healthNumber, .name], "r-hn"), ([MatchRule.name], "r-name"),
        ] {
            let bench = TestBench(ocean, matching: rules)
            try await bench.referral("r-mrn", at: 1, chart: "CH-1", family: "Other")
            try await bench.referral("r-hn", at: 2, number: "1234567890AB", family: "Other")
            try await bench.referral("r-name", at: 3, given: "ZOÉ")
            #expect(await bench.handle(try Self.event()) == .done)
            #expect(bench.match?.referral == expected)
            #expect(bench.match?.by == rules.first)
        }
    }

    @Test("the match is told by reference in a header, and the form goes where the referral went")
    func routed() async throws {
        let bench = TestBench(PatientOcean(patient: Self.person(), note: Self.note))
        try await bench.referral("r-1", at: 1)
        #expect(await bench.handle(try Self.event()) == .done)
        let message = try #require(bench.bus.published(to: "hospital.canonical").first)
        #expect(message.headers["x-matched-referral"]?.text == "r-1")
        #expect(message.attributes.service == "cardiology")
        #expect(
            bench.bus.routingKeys(of: "hospital.canonical")
                == ["4821.cardiology.notify-patient-message-forms-completion"])
    }

    @Test("of several referrals the one that changed last is named, and how many there are")
    func several() async throws {
        let bench = TestBench(PatientOcean(patient: Self.person(), note: Self.note))
        try await bench.referral("older", at: 1)
        try await bench.referral("newest", at: 9)
        try await bench.referral("middle", at: 5)
        _ = await bench.handle(try Self.event())
        #expect(bench.match == ReferralMatch(referral: "newest", by: .name, candidates: 3))
    }

    @Test("another birth date, site or health number is another patient, whatever else is equal")
    func others() async throws {
        let bench = TestBench(PatientOcean(patient: Self.person(Self.number), note: Self.note))
        try await bench.referral("born", at: 1, chart: "CH-1", born: "1980-03-01")
        try await bench.referral("site", at: 2, site: "9", chart: "CH-1")
        try await bench.referral("number", at: 3, chart: "CH-1", number: "9999999999")
        #expect(await bench.handle(try Self.event()) == .done)
        #expect(bench.canonical?.engagement?.forms.isEmpty == false && bench.match == nil)
        #expect(bench.bus.routingKeys(of: "hospital.canonical").first?.contains(".unknown.") == true)
    }

    @Test("switched off, or without a birth date, nothing is matched")
    func off() async throws {
        let off = TestBench(PatientOcean(patient: Self.person(), note: Self.note), matching: [])
        try await off.referral("r-1", at: 1)
        _ = await off.handle(try Self.event())
        #expect(off.canonical != nil && off.match == nil)
        let unborn: JSONValue = ["demographics": ["surname": "Testpatient", "firstName": "Zoé"]]
        let without = TestBench(PatientOcean(patient: unborn, note: Self.note))
        try await without.referral("r-1", at: 1)
        _ = await without.handle(try Self.event())
        #expect(without.canonical != nil && without.match == nil)
    }

    @Test("a referral that comes in leaves the keys by which its forms are found")
    func indexed() async throws {
        let bench = TestBench(PatientOcean(patient: Self.person(), note: Self.note))
        var canonical = Inbound.canonical()
        var patient = Patient()
        var name = PersonName()
        name.family = "Testpatient"
        name.given = ["Zoé"]
        patient.names = [name]
        patient.birthDate = "1980-02-29"
        canonical.referral?.patient = patient
        _ = await bench.handle(Inbound.message("m0", canonical))
        let record = try #require(try await bench.store.referral("ref-1"))
        #expect(record.matchKeys == Self.patientKey.matchKeys(of: patient))
        #expect(!"\(record.matchKeys)".contains("Testpatient") && !"\(record.matchKeys)".contains("1980"))
    }

    @Test("what does not open is kept encrypted in its dead letter, and opens there once the key is right")
    func wrongKey() async throws {
        let ocean = PatientOcean(
            patient: Self.person(), note: Self.note, key: SharedEncryptionKey(text: "Another#Key12345"))
        let bench = TestBench(ocean)
        #expect(await bench.handle(try Self.event()) == .done)
        let letter = try #require(bench.letters.first)
        #expect(letter.headers["x-reason"]?.text == "undecipherable")
        #expect(letter.id == "m1" && bench.canonical == nil)
        #expect(!String(decoding: letter.body, as: UTF8.self).contains("Testpatient"))
        // Ocean has dropped the patient by the time the letter is put back.
        let later = TestBench(PatientOcean(patient: nil, note: nil)) { _ in
            SharedEncryptionKeys(
                current: Self.siteKey, previous: SharedEncryptionKey(text: "Another#Key12345"))
        }
        #expect(await later.handle(Self.replayed(letter)) == .done)
        #expect(later.letters.isEmpty)
        #expect(later.canonical?.engagement?.patient?.names.first?.family == "Testpatient")
        #expect(later.canonical?.engagement?.sealed == nil)
    }

    @Test("a site without a key loses nothing either")
    func noKey() async throws {
        let bench = TestBench(PatientOcean(patient: Self.person(), note: Self.note)) { _ in nil }
        #expect(await bench.handle(try Self.event()) == .done)
        let letter = try #require(bench.letters.first)
        #expect(letter.headers["x-reason"]?.text == "no-key")
        let later = TestBench(PatientOcean(patient: nil, note: nil))
        #expect(await later.handle(Self.replayed(letter)) == .done)
        #expect(later.canonical?.engagement?.forms.first?.ref == "intake")
    }

    @Test("what was kept and does not open is fetched anew; what is kept stays when Ocean has it no longer")
    func fetchedAnew() async throws {
        let broken = PatientOcean(
            patient: Self.person(), note: Self.note, key: SharedEncryptionKey(text: "Lost#Key1234567"))
        let first = TestBench(broken)
        _ = await first.handle(try Self.event())
        let letter = try #require(first.letters.first)
        let whole = TestBench(PatientOcean(patient: Self.person(), note: Self.note))
        #expect(await whole.handle(Self.replayed(letter)) == .done)
        #expect(whole.canonical?.engagement?.patient != nil)
        let gone = TestBench(PatientOcean(patient: nil, note: nil))
        #expect(await gone.handle(Self.replayed(letter)) == .done)
        #expect(gone.letters.first?.headers["x-reason"]?.text == "not-found")
        #expect(gone.letters.first?.body == letter.body)
    }

    @Test("a note without its patient is delivered; with neither, the event stands in the dead letters")
    func gone() async throws {
        let note = TestBench(PatientOcean(patient: nil, note: Self.note))
        #expect(await note.handle(try Self.event()) == .done)
        #expect(note.canonical?.engagement?.unavailable == ["patient"])
        #expect(note.canonical?.engagement?.forms.first?.ref == "intake")
        let nothing = TestBench(PatientOcean(patient: nil, note: nil))
        #expect(await nothing.handle(try Self.event()) == .done)
        #expect(nothing.letters.first?.headers["x-reason"]?.text == "not-found")
    }

    private static func replayed(_ letter: Message) -> Message {
        var message = letter
        message.headers = [DeadLetter.replayHeader: .string("batch-1|m1")]
        return message
    }
}
