// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import FHIR

/// A patient without the values that FHIR R4 has no form for.
struct PatientFitness {
    private(set) var patient: Patient
    /// Pointers of what was left out, from the patient.
    private(set) var misfits: [String] = []

    init(_ patient: Patient) {
        self.patient = patient
        fit(\.birthDate, "/birthDate", Primitive.isDate)
        fit(\.deceasedDateTime, "/deceasedDateTime", Primitive.isDateTime)
        fit(\.gender, "/gender", RequiredCodes.gender.contains)
        if let province = patient.healthNumber?.province, !province.utf8.allSatisfy(Self.isLetter) {
            // It would become a part of an address.
            self.patient.healthNumber?.province = nil
            misfits.append("/healthNumber/province")
        }
        for index in patient.names.indices {
            fit(\.names[index].use, "/names/\(index)/use", RequiredCodes.nameUse.contains)
        }
        for index in patient.telecom.indices {
            fit(\.telecom[index].system, "/telecom/\(index)/system", RequiredCodes.contactSystem.contains)
            fit(\.telecom[index].use, "/telecom/\(index)/use", RequiredCodes.contactUse.contains)
            // FHIR asks for a system wherever there is a value (cpt-2).
            if self.patient.telecom[index].system == nil, patient.telecom[index].value?.isEmpty == false {
                self.patient.telecom[index].system = "other"
            }
        }
        for index in patient.addresses.indices {
            fit(\.addresses[index].use, "/addresses/\(index)/use", RequiredCodes.addressUse.contains)
            fit(\.addresses[index].type, "/addresses/\(index)/type", RequiredCodes.addressType.contains)
        }
        for index in patient.identifiers.indices {
            fit(\.identifiers[index].use, "/identifiers/\(index)/use", RequiredCodes.identifierUse.contains)
            fit(\.identifiers[index].system, "/identifiers/\(index)/system", Primitive.isURI)
            for number in patient.identifiers[index].type.indices {
                let place = "/identifiers/\(index)/type/\(number)"
                fit(\.identifiers[index].type[number].system, "\(place)/system", Primitive.isURI)
                fit(\.identifiers[index].type[number].code, "\(place)/code", Primitive.isCode)
            }
        }
    }

    /// Empty texts say nothing and are no misfits.
    private mutating func fit(
        _ path: WritableKeyPath<Patient, String?>, _ place: String, _ isFit: (String) -> Bool
    ) {
        guard let text = patient[keyPath: path], !text.isEmpty, !isFit(text) else { return }
        patient[keyPath: path] = nil
        misfits.append(place)
    }

    private static func isLetter(_ byte: UInt8) -> Bool { (0x41...0x5A).contains(byte & 0xDF) }
}
