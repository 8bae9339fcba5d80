// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

/// Referrals of people who do not exist.
enum SyntheticCatalogue {
    static func referral(_ kind: SyntheticReferral.Kind) -> SyntheticReferral {
        switch kind {
        case .backPain: backPain
        case .urgentImaging: urgentImaging
        case .accents: accents
        case .mentalHealth: mentalHealth
        case .attachments: attachments
        case .scans: scans
        case .sparse: sparse
        }
    }

    private static let quickReferral = SyntheticForm(
        reference: "quickReferral",
        items: [
            .init(linkID: "heading", caption: "<b>Quick referral</b>"),
            .init(linkID: "reason", caption: "Reason for referral", answer: "Assessment and advice"),
            .init(linkID: "rx", caption: "Medications", answer: "None known"),
            .init(linkID: "allg", caption: "Allergies", answer: "Penicillin (invented)"),
            .init(linkID: "interpreter", caption: "Interpreter needed"),
            .init(linkID: "score", caption: nil, answer: "3", isHidden: true),
        ])

    private static let harbourClinic = SyntheticClinician(
        given: "Imogen", family: "Farfield", licence: "900001", billing: "900010", username: "ifarfield",
        clinic: "Invented Harbour Family Health", phone: "416-555-0110", fax: "416-555-0111",
        address: SyntheticAddress(line: "12 Pretend Pier", city: "Toronto", postalCode: "M5V 0A1"))

    private static let assistant = SyntheticClinician(
        given: "Percy", family: "Placeholder", licence: nil, billing: nil, username: "pplaceholder",
        clinic: "Invented Harbour Family Health", phone: "416-555-0112", fax: nil, address: nil)

    private static let backPain = SyntheticReferral(
        kind: .backPain,
        patient: SyntheticPatient(
            given: ["Nora", "Quill"], family: "Madeup", gender: "female", birthDate: "1984-02-29",
            healthNumber: "1234567897", versionCode: "ZZ", chartNumber: "MU-1001", phone: "416-555-0120",
            mobile: "416-555-0121", email: "nora.madeup@example.org",
            address: SyntheticAddress(line: "7 Fiction Lane", city: "Toronto", postalCode: "M4B 1B3")),
        referrer: harbourClinic, submitter: nil,
        category: SyntheticCategory(
            snomed: "49634009", loinc: "57133-1", word: "MISCELLANEOUS", offering: "Low back pain assessment"),
        priority: "routine", note: "Back pain for <b>6 months</b>.<br/>No red flags&nbsp;seen.", form: quickReferral)

    private static let urgentImaging = SyntheticReferral(
        kind: .urgentImaging,
        patient: SyntheticPatient(
            given: ["Otto"], family: "Notreal", gender: "male", birthDate: "1951-11-03", healthNumber: "9876543217",
            versionCode: "QX", chartNumber: "MU-1002", phone: "705-555-0130", mobile: nil, email: nil,
            address: SyntheticAddress(line: "88 Imaginary Road", city: "Sudbury", postalCode: "P3A 4R7")),
        referrer: harbourClinic, submitter: assistant,
        category: SyntheticCategory(
            snomed: "363679005", loinc: "18748-4", word: "RADIOLOGY", offering: "MRI lumbar spine"),
        priority: "urgent", note: "New weakness of the left leg.", form: quickReferral)

    private static let accents = SyntheticReferral(
        kind: .accents,
        patient: SyntheticPatient(
            given: ["Zoé", "Anaïs"], family: "Fictïf-Lœuvre", gender: "female", birthDate: "2001-07-14",
            healthNumber: "5555555555", versionCode: nil, chartNumber: nil, phone: nil, mobile: "613-555-0140",
            email: "zoe@example.org",
            address: SyntheticAddress(line: "3, rue de l’Invention", city: "Ottawa", postalCode: "K1A 0B1")),
        referrer: SyntheticClinician(
            given: "Jérôme", family: "Inventé", licence: "900002", billing: "900020", username: "jinvente",
            clinic: "Clinique imaginée", phone: "613-555-0141", fax: "613-555-0142",
            address: SyntheticAddress(line: "1, place Factice", city: "Ottawa", postalCode: "K1A 0B2")),
        submitter: nil,
        category: SyntheticCategory(
            snomed: "394579002", loinc: "34099-2", word: "CARDIOLOGY", offering: "Consultation en cardiologie"),
        priority: "routine", note: "Souffle au cœur – à évaluer. <i>Préfère le français.</i> 你好 👋",
        form: quickReferral)

    private static let mentalHealth = SyntheticReferral(
        kind: .mentalHealth,
        patient: SyntheticPatient(
            given: ["Sam"], family: "Unperson", gender: "unknown", birthDate: "1999-12-31",
            healthNumber: "1111111116", versionCode: "AB", chartNumber: "MU-1004", phone: "519-555-0150",
            mobile: nil, email: "sam@example.org",
            address: SyntheticAddress(line: "4 Nowhere Crescent", city: "London", postalCode: "N6A 1A1")),
        referrer: harbourClinic, submitter: assistant,
        category: SyntheticCategory(
            snomed: "410223002", loinc: "34788-0", word: "MENTAL_HEALTH_ASSESSMENT_AND_REFERRAL", offering: nil),
        priority: "routine", note: "Asks for an assessment.", form: quickReferral)

    private static let attachments = SyntheticReferral(
        kind: .attachments,
        patient: SyntheticPatient(
            given: ["Ada"], family: "Examplewoman", gender: "female", birthDate: "1966-05-05",
            healthNumber: "2222222224", versionCode: "CD", chartNumber: "MU-1005", phone: "905-555-0160", mobile: nil,
            email: nil, address: SyntheticAddress(line: "9 Sample Street", city: "Hamilton", postalCode: "L8P 1A1")),
        referrer: harbourClinic, submitter: nil,
        category: SyntheticCategory(
            snomed: "394582007", loinc: "34759-1", word: "DERMATOLOGY", offering: "Dermatology eConsult"),
        priority: "routine", note: "Two documents are attached.", form: quickReferral,
        attachments: [
            SyntheticAttachment(
                title: "laboratory.pdf", contentType: "application/pdf", text: "Invented laboratory report"),
            SyntheticAttachment(
                title: "history.txt", contentType: "text/plain", text: "Invented history of an invented person."),
        ])

    private static let scans = {
        var referral = attachments
        referral.kind = .scans
        referral.note = "Scanned documents are attached."
        referral.attachments = [
            SyntheticAttachment(
                title: "scan.pdf", contentType: "application/pdf", text: "Invented scan", filling: 10_000_000),
            SyntheticAttachment(title: "photograph.png", contentType: "image/png", text: "", filling: 2_000_000),
            SyntheticAttachment(title: "fax.tif", contentType: "image/tiff", text: "", filling: 5_000_000),
            SyntheticAttachment(title: "note.rtf", contentType: "application/rtf", text: "Invented note."),
        ]
        return referral
    }()

    private static let sparse = SyntheticReferral(
        kind: .sparse,
        patient: SyntheticPatient(
            given: [], family: "Nobody", gender: "unknown", birthDate: nil, healthNumber: nil, versionCode: nil,
            chartNumber: nil, phone: nil, mobile: nil, email: nil, address: nil),
        referrer: SyntheticClinician(
            given: "Una", family: "Typed", licence: nil, billing: nil, username: nil, clinic: "Invented walk-in",
            phone: nil, fax: nil, address: nil),
        submitter: harbourClinic,
        category: SyntheticCategory(snomed: "49634009", loinc: "57133-1", word: "MISCELLANEOUS", offering: nil),
        priority: nil, note: nil, form: quickReferral)
}
