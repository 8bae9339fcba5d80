// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

package import JSON

/// The patient.
package struct Patient: JSONRecord {
    package var healthNumber: HealthNumber?
    /// Chart number in the sender's EMR (`id-external-patient-reference`).
    package var chartNumber: String?
    /// All identifiers as received, the two above included.
    package var identifiers: [Identifier] = []
    package var names: [PersonName] = []
    /// `male`, `female`, `other`, `unknown`.
    package var gender: String?
    package var birthDate: String?
    package var active: Bool?
    package var deceased: Bool?
    package var deceasedDateTime: String?
    package var telecom: [ContactPoint] = []
    package var addresses: [Address] = []
    /// BCP 47 or the words of Ocean's demographics.
    package var language: String?
    /// Where the source gives family doctor and clinic doctor (Ocean JSON demographics).
    package var familyDoctor: Participant?
    package var clinicDoctor: Participant?
    package var emergencyContactName: String?
    package var emergencyContactPhone: String?

    package init() {}

    package static let fields: [Field<Patient>] = [
        .optional("healthNumber", \.healthNumber), .optional("chartNumber", \.chartNumber),
        .list("identifiers", \.identifiers), .list("names", \.names), .optional("gender", \.gender),
        .optional("birthDate", \.birthDate), .optional("active", \.active), .optional("deceased", \.deceased),
        .optional("deceasedDateTime", \.deceasedDateTime), .list("telecom", \.telecom),
        .list("addresses", \.addresses), .optional("language", \.language),
        .optional("familyDoctor", \.familyDoctor), .optional("clinicDoctor", \.clinicDoctor),
        .optional("emergencyContactName", \.emergencyContactName),
        .optional("emergencyContactPhone", \.emergencyContactPhone),
    ]
}

/// A provincial health number.
package struct HealthNumber: JSONRecord {
    package var value: String?
    /// Two letters: `ON`, `BC`, …
    package var province: String?
    package var versionCode: String?
    package var expiry: String?

    package init() {}

    package static let fields: [Field<HealthNumber>] = [
        .optional("value", \.value), .optional("province", \.province), .optional("versionCode", \.versionCode),
        .optional("expiry", \.expiry),
    ]
}

/// A person acting in the referral, with role and place (FHIR PractitionerRole, Practitioner, Location together).
package struct Participant: JSONRecord {
    package var name: PersonName?
    /// Licence, billing number, Ocean user name, as received.
    package var identifiers: [Identifier] = []
    package var licence: String?
    package var billingNumber: String?
    package var username: String?
    /// Role or clinician type.
    package var role: [Coding] = []
    package var roleText: String?
    package var signature: String?
    package var active: Bool?
    package var telecom: [ContactPoint] = []
    package var addresses: [Address] = []
    package var organization: String?
    /// The place where the person works, as far as given.
    package var location: Place?

    package init() {}

    package static let fields: [Field<Participant>] = [
        .optional("name", \.name), .list("identifiers", \.identifiers), .optional("licence", \.licence),
        .optional("billingNumber", \.billingNumber), .optional("username", \.username), .list("role", \.role),
        .optional("roleText", \.roleText), .optional("signature", \.signature), .optional("active", \.active),
        .list("telecom", \.telecom), .list("addresses", \.addresses), .optional("organization", \.organization),
        .optional("location", \.location),
    ]
}

/// A place (FHIR Location).
package struct Place: JSONRecord {
    package var name: String?
    package var status: String?
    package var address: Address?
    package var telecom: [ContactPoint] = []
    /// Decimal degrees, with the spelling of the source.
    package var longitude: JSONNumber?
    package var latitude: JSONNumber?

    package init() {}

    package static let fields: [Field<Place>] = [
        .optional("name", \.name), .optional("status", \.status), .optional("address", \.address),
        .list("telecom", \.telecom), .optional("longitude", \.longitude), .optional("latitude", \.latitude),
    ]
}

/// A directory listing of Ocean: what a referral is sent to.
package struct Listing: JSONRecord {
    /// `id-referral-target-reference`.
    package var ref: String?
    /// Ocean site number (`id-site-number`).
    package var site: String?
    /// External Service ID, the hospital's own key.
    package var externalServiceID: String?
    package var title: String?
    package var specialties: [Coding] = []
    package var identifiers: [Identifier] = []
    package var active: Bool?
    /// Name of the organization that offers the service.
    package var organization: String?
    package var telecom: [ContactPoint] = []
    package var location: Place?

    package init() {}

    /// External Service ID, else the listing reference: the middle part of routing keys.
    package var service: String? { externalServiceID ?? ref }

    package static let fields: [Field<Listing>] = [
        .optional("ref", \.ref), .optional("site", \.site), .optional("externalServiceId", \.externalServiceID),
        .optional("title", \.title), .list("specialties", \.specialties), .list("identifiers", \.identifiers),
        .optional("active", \.active), .optional("organization", \.organization), .list("telecom", \.telecom),
        .optional("location", \.location),
    ]
}
