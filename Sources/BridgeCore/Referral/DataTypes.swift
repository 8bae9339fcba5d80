// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

/// FHIR Coding: any part may be missing (Ocean sends display-only codings).
package struct Coding: JSONRecord {
    package var system: String?
    package var version: String?
    package var code: String?
    package var display: String?
    /// Words for people: `CodeableConcept.text` as received, else made from Ocean's enumerator or the SNOMED CT code.
    package var text: String?

    package init() {}

    package init(system: String? = nil, code: String? = nil, display: String? = nil) {
        self.system = system
        self.code = code
        self.display = display
    }

    package static let fields: [Field<Coding>] = [
        .optional("system", \.system), .optional("version", \.version), .optional("code", \.code),
        .optional("display", \.display), .optional("text", \.text, "words for people; display may be an enumerator"),
    ]
}

/// FHIR Identifier: `value` may be missing, which says that the number is not known.
package struct Identifier: JSONRecord {
    package var use: String?
    package var type: [Coding] = []
    package var typeText: String?
    package var system: String?
    package var value: String?
    /// Version code of an Ontario health card.
    package var versionCode: String?

    package init() {}

    package init(system: String?, value: String?) {
        self.system = system
        self.value = value
    }

    package static let fields: [Field<Identifier>] = [
        .optional("use", \.use), .list("type", \.type), .optional("typeText", \.typeText),
        .optional("system", \.system), .optional("value", \.value), .optional("versionCode", \.versionCode),
    ]
}

/// FHIR HumanName.
package struct PersonName: JSONRecord {
    package var use: String?
    package var text: String?
    package var family: String?
    package var given: [String] = []
    package var prefix: [String] = []
    package var suffix: [String] = []

    package init() {}

    package static let fields: [Field<PersonName>] = [
        .optional("use", \.use), .optional("text", \.text), .optional("family", \.family), .list("given", \.given),
        .list("prefix", \.prefix), .list("suffix", \.suffix),
    ]
}

/// FHIR ContactPoint.
package struct ContactPoint: JSONRecord {
    /// `phone`, `fax`, `email`, `url`, …
    package var system: String?
    package var value: String?
    /// `home`, `work`, `mobile`, …
    package var use: String?

    package init() {}

    package init(system: String?, value: String?, use: String? = nil) {
        self.system = system
        self.value = value
        self.use = use
    }

    package static let fields: [Field<ContactPoint>] = [
        .optional("system", \.system), .optional("value", \.value), .optional("use", \.use),
    ]
}

/// FHIR Address. Ocean sends empty shells (`use` and `type` only); readers skip those.
package struct Address: JSONRecord {
    package var use: String?
    package var type: String?
    package var text: String?
    package var line: [String] = []
    package var city: String?
    package var province: String?
    package var postalCode: String?
    package var country: String?

    package init() {}

    /// No line, city, province, postal code, country or text.
    package var isEmpty: Bool {
        line.isEmpty && city == nil && province == nil && postalCode == nil && country == nil && text == nil
    }

    package static let fields: [Field<Address>] = [
        .optional("use", \.use), .optional("type", \.type), .optional("text", \.text), .list("line", \.line),
        .optional("city", \.city), .optional("province", \.province), .optional("postalCode", \.postalCode),
        .optional("country", \.country),
    ]
}

/// A note of the referral.
package struct Note: JSONRecord {
    /// As Ocean sent it: an HTML fragment.
    package var text: String?
    /// Tags removed, `br` and `p` as line breaks, entities resolved; for systems that show plain text.
    package var plainText: String?
    package var time: String?
    package var author: String?

    package init() {}

    package static let fields: [Field<Note>] = [
        .optional("text", \.text), .optional("plainText", \.plainText), .optional("time", \.time),
        .optional("author", \.author),
    ]
}
