// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import JSON

extension ReferralGenerator {
    /// A text that mostly looks as the field's texts do, and now and then like nothing that belongs there.
    mutating func text(_ field: String, in record: String) -> String {
        switch "\(record).\(field)" {
        case "Referral.ref", "Engagement.patientRef", "Unmapped.path", "Original.mediaType": return identifying(field)
        case "Original.body": return "{\"note\":\"" + pick(Phrases.plain) + "\"}"
        default: break
        }
        if chance(6) { return odd() }
        if Phrases.dateFields.contains(field) { return date() }
        if let words = Phrases.words[field] { return pick(words) }
        switch field {
        case "family": return pick(Phrases.families)
        case "given", "prefix", "suffix": return pick(Phrases.givens)
        case "system", "url", "bookingUrl", "redirectUrl": return pick(Phrases.addresses)
        case "id", "ref", "bundleId", "headerId", "sessionId", "noteId", "replaces", "basedOn": return id()
        case "data", "hash": return pick(["", "SGFsbG8=", "3q2+7w==", "QUJD"])
        case "text", "description", "plainText", "bookingComments", "patientInstruction": return prose()
        case "display", "title", "name", "label": return chance(50) ? pick(Phrases.plain) : pick(Phrases.unicode)
        case "value", "number", "site", "code":
            return chance(60) ? String(Int.random(in: 0...9_999_999_999, using: &random)) : pick(Phrases.plain)
        default: return chance(70) ? pick(Phrases.plain) : prose()
        }
    }

    /// A text that must say something: references, paths.
    private mutating func identifying(_ field: String) -> String {
        switch field {
        case "path": "/entry/\(Int.random(in: 0...20, using: &random))/resource/\(pick(["a~1b", "extension/0", "ü"]))"
        case "mediaType": pick(["application/json", "application/fhir+json"])
        default: chance(85) ? uuid() : pick(["REF 7/3", "réf-1", "a~b/c", "0"])
        }
    }

    mutating func uuid() -> String {
        let digits = (0..<32).map { _ in String(Int.random(in: 0..<16, using: &random), radix: 16) }
        return [0..<8, 8..<12, 12..<16, 16..<20, 20..<32].map { digits[$0].joined() }.joined(separator: "-")
    }

    private mutating func id() -> String {
        chance(60)
            ? uuid() : pick(["1", "abc.DEF-9", "id with space", "überlang-" + String(repeating: "x", count: 70)])
    }

    /// A date in every precision of FHIR's `dateTime`, with and without offset and fractions; sometimes impossible.
    private mutating func date() -> String {
        func two(_ value: Int) -> String { value < 10 ? "0\(value)" : String(value) }
        let year = String(Int.random(in: 1901...2031, using: &random))
        let month = two(Int.random(in: 1...12, using: &random))
        let day = two(Int.random(in: 1...28, using: &random))
        let hour = two(Int.random(in: 0...23, using: &random))
        let minute = two(Int.random(in: 0...59, using: &random))
        let full = "\(year)-\(month)-\(day)"
        let clock = "T\(hour):\(minute)"
        return switch Int.random(in: 0..<12, using: &random) {
        case 0: year
        case 1: "\(year)-\(month)"
        case 2, 3: full
        case 4: "\(full)\(clock):07"
        case 5: "\(full)\(clock)Z"
        case 6: "\(full)\(clock):00.5Z"
        case 7: "\(full)\(clock):59.123456+05:30"
        case 8: "\(year)-02-30"
        default: "\(full)\(clock):00\(pick(["Z", "-05:00", ".000Z", ".250-04:00"]))"
        }
    }

    /// Notes: HTML fragments, plain text, sometimes long.
    private mutating func prose() -> String {
        let pieces = (0..<Int.random(in: 1...3, using: &random)).map { _ in
            pick([Phrases.html, Phrases.plain, Phrases.unicode][Int.random(in: 0..<3, using: &random)])
        }
        let text = pieces.joined(separator: pick([" ", "\n", "<br>", "\r\n\t"]))
        return chance(1) ? String(repeating: text + " ", count: 40) : text
    }

    /// What belongs in no field: empty, blank, control characters, marks without their letter.
    private mutating func odd() -> String {
        pick([
            "", " ", "  padded\t", "\u{0}\u{1}", "\u{7F}", "\u{FEFF}bom", "e\u{301}", "\u{301}", "a\u{2028}b", "\u{A0}",
            "\"quoted\" \\ /", "null", "-", "👩🏽‍⚕️👨‍👩‍👧‍👦", "مرحبا", "𝔘nicode", "\u{1F3F4}\u{E0067}\u{E007F}", "a b", " x",
        ])
    }
}

/// What the texts are made of. The people are invented.
private enum Phrases {
    static let families = ["Muster", "Exemple-Tremblay", "O'Invented", "van der Probe", "Żółć", "陳測試", "Mu\u{308}ster"]
    static let givens = ["Alma", "Jean-Luc", "Zoë", "Noe\u{308}l", "Ìyá", "A.", "Dr.", "MD", "Mary Ann"]
    static let plain = [
        "Knee pain since spring", "see attached letter", "Ward 7", "1-800-555-0100", "Cardiology", "wait list", "RN",
        "Invented Clinic", "next Tuesday", "ON", "WR", "x", "12 Sample Street", "K1A 0B6",
    ]
    static let unicode = ["Clinique de l'Île – Névé", "漢字かな交じり", "ñandú ½ µg", "Ωμέγα", "🙂 ok", "e\u{301}t\u{E9}"]
    static let html = [
        "<p>Patient has <b>pain</b> &amp; swelling</p>", "line<br/>line", "<ul><li>one</li><li>two</li></ul>",
        "&lt;not a tag&gt; &eacute;", "<p>", "a < b",
    ]
    static let addresses = [
        "http://snomed.info/sct", "https://fhir.infoway-inforoute.ca/NamingSystem/ca-on-patient-hcn",
        "https://ocean.cognisantmd.com/svc/fhir/v1/NamingSystem/id-site-number",
        "https://ocean.cognisantmd.com/svc/fhir/v1/NamingSystem/id-external-patient-reference",
        "https://ocean.cognisantmd.com/svc/fhir/v1/NamingSystem/id-attachment-reference",
        "http://infoway-inforoute.ca/fhir/NamingSystem/ca-on-license-physician", "urn:oid:2.16.840.1.113883.4.50",
        "https://clinic.example/letter/1?a=b&c=d", "phone", "email", "id-referral-target-reference",
    ]
    static let dateFields: Set<String> = [
        "created", "sent", "modified", "birthDate", "deceasedDateTime", "expiry", "time", "authored", "date", "start",
        "end", "timestamp",
    ]
    static let words: [String: [String]] = [
        "status": ["booked", "completed", "in-progress", "current", "active", "requested", "proposed", "final", "new"],
        "use": ["official", "home", "work", "mobile", "old", "usual", "billing", "own"],
        "gender": ["male", "female", "other", "unknown", "M"],
        "priority": ["routine", "urgent", "asap", "stat", "soon"],
        "type": ["postal", "physical", "both", "PROGRESS", "anywhere"],
        "patientStatus": ["accepted", "tentative", "declined", "needs-action", "maybe"],
        "waitTimeMilestone": ["wait-1", "wait-1a", "wait-1b", "wait-2"],
        "contentType": ["application/pdf", "text/plain; charset=utf-8", "image/png", "pdf file "],
        "language": ["en", "fr-CA", "English", "zh-Hant-TW"],
        "province": ["ON", "BC", "Ontario", "QC"],
        "focus": ["ServiceRequest", "Task", "Appointment", "Communication", "Patient", "QuestionnaireResponse"],
        "completionSource": ["PORTAL", "PATIENT", "TABLET"],
    ]
}
