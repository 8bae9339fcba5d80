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
        /// With files of several kinds, up to 10 MB.
        case scans
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
    /// Bytes of filling, which readers of the kind pass over.
    var filling = 0

    /// The file, of the kind that `contentType` says.
    var bytes: [UInt8] {
        switch contentType {
        case "application/pdf": PDFDocument(title: title, pages: [[text]], filling: filling).bytes
        case "image/png": SyntheticImage.png(filling: filling)
        case "image/tiff": SyntheticImage.tiff(filling: filling)
        case "application/rtf": Array("{\\rtf1\\ansi {\\fonttbl {\\f0 Helvetica;}} \(text)}".utf8)
        default: Array(text.utf8)
        }
    }
}
