// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import BridgeTestKit
import JSON

@testable import Ocean

/// Makes referrals that Ocean JSON can hold in full; the same seed makes the same referral.
struct ReferralGenerator {
    private var random: SeededGenerator

    init(seed: UInt64) { random = SeededGenerator(seed: seed) }

    mutating func referral() -> Referral {
        var referral = Referral()
        referral.ref = uuid()
        referral.kind = maybe { $0.pick(ReferralKind.allCases) }
        if let word = maybe({ $0.pick(["SENT", "Pending Booking", "booked_confirmed", "DECLINED", "Odd Word"]) }) {
            referral.statusText = word
            referral.status = StatusMap.assumedDefault.status(of: word)
        }
        referral.statusReason = maybe { $0.text() }
        referral.priority = maybe { $0.pick(["routine", "urgent", "asap", "stat"]) }
        referral.test = flag()
        referral.category = list(2) { $0.coding() }
        referral.code = list(2) { $0.coding() }
        referral.services = list(3) { $0.text() }
        referral.description = maybe { $0.text() }
        referral.created = maybe { $0.date() }
        referral.sent = maybe { $0.date() }
        referral.modified = maybe { $0.date() }
        referral.patient = maybe { $0.patient() }
        referral.requester = maybe { $0.clinician() }
        referral.submitter = maybe { $0.clinician() }
        referral.receiver = maybe { generator in
            var listing = Listing()
            listing.ref = generator.uuid()
            listing.site = generator.maybe { _ in "4821" }
            listing.externalServiceID = generator.maybe { $0.text() }
            return listing
        }
        referral.source = maybe { generator in
            var source = SourceSite()
            source.number = "2377"
            source.name = generator.maybe { $0.text() }
            return source
        }
        referral.notes = list(2) { generator in
            var note = Note()
            note.text = generator.text()
            note.time = generator.maybe { $0.date() }
            return note
        }
        referral.forms = forms()
        referral.documents = list(3) { $0.document() }
        referral.appointments = list(3) { $0.appointment() }
        let external = list(3) { $0.communication(of: referral, isInternal: false) }
        referral.communications = external + list(2) { $0.communication(of: referral, isInternal: true) }
        referral.links = maybe { generator in
            var links = ReferralLinks()
            links.basedOn = generator.flag() ? [generator.uuid()] : []
            links.isMaster = generator.flag()
            links.receiverRef = generator.maybe { $0.text() }
            links.senderRef = generator.maybe { $0.text() }
            return links
        }
        referral.bookingComments = maybe { $0.text() }
        referral.bookingURL = maybe { _ in "https://booking.example/1" }
        referral.unmapped = unmapped(of: referral)
        return referral
    }

    private mutating func unmapped(of referral: Referral) -> [Unmapped] {
        var output = list(2) { generator in
            Unmapped(path: "/extra\(generator.number(1000))", value: ["deep": [1, .string(generator.text()), .null]])
        }
        var names: Set<String> = []
        output.removeAll { !names.insert($0.path).inserted }
        if referral.communications.contains(where: { !$0.internalOnly }), flag() {
            output.append(Unmapped(path: "/externalConversation/0/targetDesc", value: .string(text())))
        }
        if referral.patient?.birthDate != nil, flag() {
            output.append(Unmapped(path: "/ptData/demographics/customFields", value: ["a~b/c": "x"]))
        }
        return output
    }

    private mutating func patient() -> Patient {
        var patient = Patient()
        patient.birthDate = maybe { "19\($0.number(90) + 10)-02-28" }
        var name = PersonName()
        name.family = text()
        name.given = list(2) { $0.text() }
        name.prefix = flag() ? ["Dr"] : []
        name.suffix = flag() ? ["Jr"] : []
        patient.names = [name]
        for use in ["nickname", "maiden"] where flag() {
            var other = PersonName()
            other.use = use
            if use == "nickname" { other.given = [text()] } else { other.family = text() }
            patient.names.append(other)
        }
        patient.healthNumber = maybe { generator in
            var number = HealthNumber()
            number.value = String(generator.number(1_000_000_000))
            number.province = generator.maybe { $0.pick(["ON", "BC"]) }
            number.versionCode = generator.maybe { _ in "AB" }
            number.expiry = generator.maybe { _ in "2031-12-31" }
            return number
        }
        patient.chartNumber = maybe { $0.text() }
        patient.identifiers = PatientIdentifiers.derived(patient)
        if flag() { patient.identifiers.append(PatientIdentifiers.alternate(text())) }
        patient.gender = maybe { $0.pick(["male", "female", "other", "unknown"]) }
        patient.telecom = contacts()
        patient.addresses = list(2) { $0.address() }
        patient.language = maybe { $0.text() }
        patient.familyDoctor = maybe { $0.doctor() }
        patient.clinicDoctor = maybe { $0.doctor() }
        patient.emergencyContactName = maybe { $0.text() }
        patient.emergencyContactPhone = maybe { $0.text() }
        return patient
    }

    private mutating func doctor() -> Participant {
        var person = Participant()
        var name = PersonName()
        name.text = text()
        person.name = name
        person.licence = maybe { $0.text() }
        person.billingNumber = maybe { $0.text() }
        person.signature = maybe { $0.text() }
        return person
    }

    private mutating func clinician() -> Participant {
        var person = doctor()
        var name = PersonName()
        name.family = text()
        name.given = flag() ? [text()] : []
        person.name = name
        person.roleText = maybe { $0.text() }
        person.telecom = contacts()
        person.addresses = flag() ? [address()] : []
        return person
    }

    private mutating func contacts() -> [ContactPoint] {
        var output: [ContactPoint] = []
        for system in ["phone", "fax", "email", "url"] where flag() {
            output.append(ContactPoint(system: system, value: text()))
        }
        return output
    }

    private mutating func address() -> Address {
        var address = Address()
        address.line = list(2) { $0.text() }
        address.city = text()
        address.province = maybe { _ in "ON" }
        address.postalCode = maybe { _ in "K0K 1A1" }
        address.country = maybe { _ in "CA" }
        return address
    }

    private mutating func forms() -> [Form] {
        (0..<number(3)).map { index in
            var form = Form()
            form.ref = "form/\(index)~\(text())"
            form.items = (0..<number(4)).map { item in
                var output = FormItem()
                output.linkID = "item\(item)"
                output.text = maybe { $0.text() }
                output.hidden = flag()
                output.answers = list(3) { generator in
                    generator.pick([.string(generator.text()), 7, true, ["code": "x"], .null, [1, 2], "", []])
                }
                return output
            }
            return form
        }
    }

    private mutating func document() -> Document {
        var document = Document()
        document.ref = maybe { $0.text() }
        document.kind = pick(DocumentKind.allCases)
        document.title = maybe { $0.text() }
        document.url = maybe { _ in "https://ocean.example/file" }
        document.contentType = maybe { _ in "application/pdf" }
        document.size = maybe { $0.number(10_000) }
        document.hash = maybe { $0.text() }
        document.created = maybe { $0.date() }
        document.date = maybe { $0.date() }
        document.data = maybe { _ in "aGVsbG8=" }
        document.encryptedKey = maybe { _ in ["data": "AAAA", "iv": "BBBB"] }
        return document
    }

    private mutating func appointment() -> Appointment {
        var appointment = Appointment()
        appointment.waitTimeMilestone = maybe { $0.pick(["wait-1", "wait-1a", "wait-1b", "wait-2"]) }
        appointment.label = maybe { $0.text() }
        if flag() {
            appointment.start = date()
            appointment.hasTime = true
        } else if flag() {
            appointment.start = "2026-11-05"
            appointment.hasTime = false
        }
        appointment.waitTime = maybe { $0.text() }
        return appointment
    }

    private mutating func communication(of referral: Referral, isInternal: Bool) -> Communication {
        var communication = Communication()
        communication.internalOnly = isInternal
        communication.id = maybe { $0.uuid() }
        communication.text = text()
        communication.sent = maybe { $0.date() }
        communication.senderName = maybe { $0.text() }
        communication.senderSite = maybe { $0.pick(["2377", "4821", "9999"]) }
        if let site = communication.senderSite {
            if site == referral.source?.number {
                communication.direction = .fromRequester
            } else if site == referral.receiver?.site {
                communication.direction = .fromProvider
            }
        }
        communication.recipientSite = maybe { _ in "4821" }
        communication.documents = list(2) { $0.document() }
        communication.consultMinutes = maybe { $0.number(60) }
        communication.consultMinutesReason = maybe { $0.text() }
        communication.tags = list(2) { $0.text() }
        return communication
    }

    private mutating func coding() -> Coding {
        Coding(system: maybe { _ in NamingSystem.snomed }, code: maybe { $0.text() }, display: text())
    }

    private mutating func date() -> String {
        pick(["2026-02-03T09:14:22.105-05:00", "2026-02-03T14:14:22Z", "2026-02-03", "2026-02-03T09:14"])
    }

    private mutating func uuid() -> String {
        let tail = String(number(1_000_000_000))
        return "00000000-0000-4000-8000-" + String(repeating: "0", count: 12 - tail.utf8.count) + tail
    }

    private mutating func text() -> String {
        let words = ["Ösk", "a\"b\\", "line\nbreak", "\u{1F600}", "plain", "日本", "<b>x</b>", "e\u{301}"]
        return pick(words) + " \(number(100_000))"
    }

    mutating func number(_ limit: Int) -> Int { Int.random(in: 0..<limit, using: &random) }
    mutating func flag() -> Bool { Bool.random(using: &random) }
    mutating func pick<Element>(_ elements: [Element]) -> Element { elements[number(elements.count)] }
    mutating func maybe<Value>(_ make: (inout ReferralGenerator) -> Value) -> Value? { flag() ? make(&self) : nil }

    mutating func list<Element>(_ limit: Int, _ make: (inout ReferralGenerator) -> Element) -> [Element] {
        var output: [Element] = []
        for _ in 0..<number(limit + 1) { output.append(make(&self)) }
        return output
    }
}
