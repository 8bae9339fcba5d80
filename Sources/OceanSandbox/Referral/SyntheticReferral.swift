// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore

/// A referral of an invented person, as a sending clinic would make it.
package struct SyntheticReferral: Sendable, Hashable {
    /// Names of the catalogue's referrals.
    package enum Kind: String, JSONWord, CaseIterable {
        case backPain = "back-pain"
        case urgentImaging = "urgent-imaging"
        /// Names, notes and answers beyond ASCII.
        case accents
        case mentalHealth = "mental-health"
        /// With two attached files.
        case attachments
        /// As little as Ocean lets pass: no birth date, no health number, no note.
        case sparse
    }

    var kind: Kind
    var patient: SyntheticPatient
    /// The referring clinician.
    var referrer: SyntheticClinician
    /// Whoever submitted it for the clinician, where that is somebody else.
    var submitter: SyntheticClinician?
    var category: SyntheticCategory
    var priority: String?
    /// An HTML fragment.
    var note: String?
    var form: SyntheticForm
    var attachments: [SyntheticAttachment] = []
}

struct SyntheticPatient: Sendable, Hashable {
    var given: [String]
    var family: String
    var gender: String
    var birthDate: String?
    var healthNumber: String?
    var versionCode: String?
    var chartNumber: String?
    var phone: String?
    var mobile: String?
    var email: String?
    var address: SyntheticAddress?

    var fullName: String { (given + [family]).joined(separator: " ") }
}

struct SyntheticAddress: Sendable, Hashable {
    var line: String
    var city: String
    var postalCode: String
    var province = "ON"
}

struct SyntheticClinician: Sendable, Hashable {
    var given: String
    var family: String
    /// Nil for the sparse kind of author that Ocean sends when only a name was typed.
    var licence: String?
    var billing: String?
    var username: String?
    var clinic: String
    var phone: String?
    var fax: String?
    var address: SyntheticAddress?
}

struct SyntheticCategory: Sendable, Hashable {
    var snomed: String
    var loinc: String
    /// Ocean's enumerator, which it puts into `display`.
    var word: String
    /// Name of the health service offering.
    var offering: String?
}

struct SyntheticForm: Sendable, Hashable {
    struct Item: Sendable, Hashable {
        var linkID: String
        var caption: String?
        var answer: String?
        var isHidden = false
    }

    var reference: String
    var items: [Item]
}

struct SyntheticAttachment: Sendable, Hashable {
    var title: String
    var contentType: String
    var text: String

    /// The file: a PDF made of the text, or the text itself.
    var bytes: [UInt8] {
        contentType == "application/pdf" ? PDFDocument(title: title, pages: [[text]]).bytes : Array(text.utf8)
    }
}
