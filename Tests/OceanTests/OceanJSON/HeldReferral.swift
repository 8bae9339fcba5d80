// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore

@testable import Ocean

/// What Ocean JSON holds of a canonical referral: the table of the round trip, one line for every field.
///
/// Fields that no function here mentions cannot be held; `DroppedFields` lists them. Some stand in another form:
/// several given names after the first in one text, address lines after the first in one, a status without Ocean's word
/// in the table's word.
struct HeldReferral {
    let source: Referral
    var map = StatusMap.assumedDefault

    func referral() -> Referral {
        var held = Referral()
        held.ref = source.ref
        held.kind = source.kind
        (held.status, held.statusText) = status
        held.statusReason = text(source.statusReason)
        held.priority = text(source.priority)
        held.test = source.test
        held.category = source.category
        held.code = source.code
        held.services = source.services
        held.description = text(source.description)
        held.created = date(source.created)
        held.sent = date(source.sent)
        held.modified = date(source.modified)
        held.patient = source.patient.map(patient).flatMap { $0 == Patient() ? nil : $0 }
        held.requester = source.requester.map(clinician).flatMap { $0 == Participant() ? nil : $0 }
        held.submitter = source.submitter.map(clinician).flatMap { $0 == Participant() ? nil : $0 }
        held.receiver = receiver
        held.source = sourceSite
        held.notes = source.notes
        held.forms = forms
        held.documents =
            source.documents.filter { $0.kind != .booking }.map(document)
            + source.documents.filter { $0.kind == .booking }.map(document)
        held.appointments = takingPlace.map(appointment)
        let told = source.communications.filter { $0.status != "entered-in-error" }
        held.communications =
            told.filter { !$0.internalOnly }.map(communication) + told.filter(\.internalOnly).map(communication)
        held.links = links
        held.bookingComments =
            text(source.bookingComments) ?? standing.compactMap { text($0.patientInstruction) }.last
        held.bookingURL = text(source.bookingURL)
        return held
    }

    private func text(_ text: String?) -> String? { text.flatMap { $0.isEmpty ? nil : $0 } }
    private func date(_ date: String?) -> String? { date.flatMap { OceanDate.text($0) } }

    private var status: (ReferralStatus?, String?) {
        guard let status = source.status else {
            return (text(source.statusText).map(map.status(of:)), text(source.statusText))
        }
        if let word = text(source.statusText), map.status(of: word) == status { return (status, word) }
        guard let word = map.word(for: status) else { return (nil, nil) }
        return (status, word)
    }

    private var receiver: Listing? {
        var held = Listing()
        held.ref = text(source.receiver?.ref)
        held.site = text(source.receiver?.site)
        held.externalServiceID = text(source.receiver?.externalServiceID)
        return held == Listing() ? nil : held
    }

    private var sourceSite: SourceSite? {
        var held = SourceSite()
        held.number = text(source.source?.number)
        held.name = text(source.source?.name)
        return held == SourceSite() ? nil : held
    }

    private var links: ReferralLinks? {
        var held = ReferralLinks()
        held.basedOn = text(source.links?.basedOn.first).map { [$0] } ?? []
        held.isMaster = source.links?.isMaster
        held.receiverRef = text(source.links?.receiverRef)
        held.senderRef = text(source.links?.senderRef)
        return held == ReferralLinks() ? nil : held
    }

    private func patient(_ patient: Patient) -> Patient {
        var held = Patient()
        var health = HealthNumber()
        health.value = text(patient.healthNumber?.value)
        health.province = text(patient.healthNumber?.province)
        health.versionCode = text(patient.healthNumber?.versionCode)
        health.expiry = date(patient.healthNumber?.expiry).map(OceanDate.day)
        held.healthNumber = health == HealthNumber() ? nil : health
        held.chartNumber = text(patient.chartNumber)
        let known = PatientIdentifiers.derived(patient)
        let alternate = patient.identifiers.first {
            text($0.value) != nil && !known.contains($0) && $0 == PatientIdentifiers.alternate($0.value ?? "")
        }
        held.identifiers = PatientIdentifiers.derived(held) + (alternate.map { [$0] } ?? [])
        held.names = names(patient.names)
        held.gender = patient.gender.flatMap { OceanWord.word(forGender: $0) == nil ? nil : $0 }
        held.birthDate = date(patient.birthDate).map(OceanDate.day)
        (held.addresses, held.telecom) = places(patient.addresses, patient.telecom, count: 2)
        held.language = text(patient.language)
        held.familyDoctor = patient.familyDoctor.map(doctor).flatMap { $0 == Participant() ? nil : $0 }
        held.clinicDoctor = patient.clinicDoctor.map(doctor).flatMap { $0 == Participant() ? nil : $0 }
        held.emergencyContactName = text(patient.emergencyContactName)
        held.emergencyContactPhone = text(patient.emergencyContactPhone)
        return held
    }

    private func names(_ names: [PersonName]) -> [PersonName] {
        var output: [PersonName] = []
        let others: Set<String> = ["nickname", "maiden", "old", "temp", "anonymous"]
        let main =
            names.first { $0.use == "official" } ?? names.first { $0.use == nil }
            ?? names.first { !others.contains($0.use ?? "") }
        if let main {
            var held = PersonName()
            let given = main.given.filter { !$0.isEmpty }
            held.given = given.first.map { [$0] } ?? []
            if given.count > 1 { held.given.append(given.dropFirst().joined(separator: " ")) }
            held.family = text(main.family)
            if held.given.isEmpty, held.family == nil { held.family = text(main.text) }
            held.prefix = joined(main.prefix)
            held.suffix = joined(main.suffix)
            if held != PersonName() { output.append(held) }
        }
        if let given = names.filter({ $0.use == "nickname" }).compactMap({ $0.given.first { !$0.isEmpty } }).first {
            var held = PersonName()
            held.use = "nickname"
            held.given = [given]
            output.append(held)
        }
        if let family = names.filter({ $0.use == "maiden" }).compactMap({ text($0.family) }).first {
            var held = PersonName()
            held.use = "maiden"
            held.family = family
            output.append(held)
        }
        return output
    }

    private func joined(_ parts: [String], by separator: String = " ") -> [String] {
        let told = parts.filter { !$0.isEmpty }
        return told.isEmpty ? [] : [told.joined(separator: separator)]
    }

    private func doctor(_ person: Participant) -> Participant {
        var held = Participant()
        if let name = person.name {
            let parts = name.prefix + name.given + (name.family.map { [$0] } ?? []) + name.suffix
            var one = PersonName()
            one.text = text(name.text) ?? joined(parts).first
            if one != PersonName() { held.name = one }
        }
        held.licence = text(person.licence)
        held.billingNumber = text(person.billingNumber)
        held.signature = text(person.signature)
        return held
    }

    private func clinician(_ person: Participant) -> Participant {
        var held = doctor(person)
        held.name = nil
        var name = PersonName()
        name.given = joined(person.name?.given ?? [])
        name.family = text(person.name?.family)
        if name == PersonName() { name.text = text(person.name?.text) }
        if name != PersonName() { held.name = name }
        held.roleText = text(person.roleText) ?? person.role.compactMap { text($0.display) }.first
        (held.addresses, held.telecom) = places(person.addresses, person.telecom, count: 1)
        return held
    }

    /// Ocean's address holds one contact point of each kind.
    private func places(
        _ addresses: [Address], _ telecom: [ContactPoint], count: Int
    ) -> (addresses: [Address], telecom: [ContactPoint]) {
        var rest = telecom.filter { text($0.value) != nil }
        var contacts: [ContactPoint] = []
        for _ in 0..<count {
            for system in ["phone", "fax", "email", "url"] {
                guard let index = rest.firstIndex(where: { $0.system == system }) else { continue }
                contacts.append(ContactPoint(system: system, value: rest[index].value))
                rest.remove(at: index)
            }
        }
        return (Array(addresses.map(address).filter { $0 != Address() }.prefix(count)), contacts)
    }

    private func address(_ address: Address) -> Address {
        var held = Address()
        let lines = address.line.filter { !$0.isEmpty }
        held.line = Array(lines.prefix(1)) + joined(Array(lines.dropFirst()), by: ", ")
        if held.line.isEmpty { held.line = text(address.text).map { [$0] } ?? [] }
        held.city = text(address.city)
        held.province = text(address.province)
        held.postalCode = text(address.postalCode)
        held.country = text(address.country)
        return held
    }

    /// Flat, and never twice under one name.
    private var forms: [Form] {
        var names: Set<String> = []
        return source.forms.enumerated().map { index, form in
            var held = Form()
            held.ref = free(form.ref ?? "form-\(index + 1)", &names)
            var links: Set<String> = []
            held.items = items(form.items, &links)
            return held
        }
    }

    private func items(_ items: [FormItem], _ names: inout Set<String>) -> [FormItem] {
        var output: [FormItem] = []
        for item in items {
            var held = FormItem()
            held.linkID = free(item.linkID, &names)
            held.text = text(item.text)
            held.answers = item.answers
            held.hidden = item.hidden
            output.append(held)
            output += self.items(item.items, &names)
        }
        return output
    }

    private func free(_ name: String, _ taken: inout Set<String>) -> String {
        var free = name
        var number = 2
        while !taken.insert(free).inserted {
            free = "\(name)#\(number)"
            number += 1
        }
        return free
    }

    private func document(_ document: Document) -> Document {
        var held = Document()
        held.kind = document.kind
        held.size = document.size
        held.encryptedKey = document.encryptedKey
        held.ref = text(document.ref)
        held.url = text(document.url)
        held.contentType = text(document.contentType)
        held.title = text(document.title)
        held.hash = text(document.hash)
        held.created = date(document.created)
        held.date = date(document.date)
        held.data = text(document.data)
        return held
    }

    private var standing: [Appointment] {
        source.appointments.filter {
            !["cancelled", "noshow", "entered-in-error", "waitlist"].contains($0.status)
        }
    }

    private var takingPlace: [Appointment] {
        standing.filter { !($0.status == "proposed" && $0.start == nil) }
    }

    private func appointment(_ appointment: Appointment) -> Appointment {
        var held = Appointment()
        held.start = date(appointment.start)
        if appointment.hasTime == false { held.start = held.start.map(OceanDate.day) }
        held.hasTime = appointment.hasTime ?? held.start.map(OceanDate.hasTime)
        held.label = text(appointment.label)
        held.waitTime = text(appointment.waitTime)
        held.waitTimeMilestone = appointment.waitTimeMilestone.flatMap {
            ["wait-1", "wait-1a", "wait-1b", "wait-2"].contains($0) ? $0 : nil
        }
        return held
    }

    private func communication(_ communication: Communication) -> Communication {
        var held = Communication()
        held.direction = communication.direction
        held.internalOnly = communication.internalOnly
        held.consultMinutes = communication.consultMinutes
        held.tags = communication.tags
        held.id = text(communication.id)
        held.text = text(communication.text)
        held.sent = date(communication.sent)
        held.senderName = text(communication.senderName)
        held.recipientSite = text(communication.recipientSite)
        held.consultMinutesReason = text(communication.consultMinutesReason)
        held.documents = communication.documents.map(document)
        let (asking, receiving) = (text(source.source?.number), text(source.receiver?.site))
        held.senderSite = text(communication.senderSite)
        if held.senderSite == nil, let direction = communication.direction {
            held.senderSite = direction == .fromRequester ? asking : receiving
        }
        if held.direction == nil, let site = held.senderSite {
            held.direction = site == asking ? .fromRequester : site == receiving ? .fromProvider : nil
        }
        return held
    }
}
