// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import JSON

/// A FHIR R4 message bundle of the shape and size of a referral, about invented people.
enum SyntheticBundle {
    /// About 22 KB without whitespace, 15 entries.
    static let value: JSONValue = [
        "resourceType": "Bundle", "id": "b5f0c7a2-0000-4000-8000-00000000abcd", "type": "message",
        "timestamp": "2026-03-04T09:15:27.123-05:00",
        "meta": ["lastUpdated": "2026-03-04T09:15:27.123-05:00", "profile": ["http://example.org/profile/bundle"]],
        "entry": .array((0..<15).map(entry)),
    ]

    private static func entry(_ number: Int) -> JSONValue {
        let kinds = ["MessageHeader", "ServiceRequest", "Patient", "Practitioner", "Organization", "DocumentReference"]
        let kind = kinds[number % kinds.count]
        return [
            "fullUrl": .string("http://example.org/fhir/\(kind)/\(number)"),
            "resource": [
                "resourceType": .string(kind), "id": .string("invented-\(number)"),
                "meta": ["versionId": "3", "profile": [.string("http://example.org/profile/\(kind)")]],
                "identifier": [identifier(number), identifier(number + 100)],
                "name": [
                    [
                        "use": "official", "family": .string("Exémple-\(number)"), "given": ["Zoé", "Invented"],
                        "text": .string("Zoé Invented Exémple-\(number)"),
                    ]
                ],
                "telecom": [
                    ["system": "phone", "value": .string("+1 555 010 \(1000 + number)"), "rank": 1],
                    ["system": "email", "value": .string("nobody\(number)@example.org"), "rank": 2],
                ],
                "address": [
                    [
                        "line": ["\(12 + number) Nowhere Street", "Unit \(number)"].map(JSONValue.string).array,
                        "city": "Exampleville", "state": "ON", "postalCode": "X0X 0X0", "country": "CAN",
                    ]
                ],
                "extension": [
                    [
                        "url": "http://example.org/fhir/StructureDefinition/ext-score",
                        "valueDecimal": decimal("\(number).50"),
                    ],
                    [
                        "url": "http://example.org/fhir/StructureDefinition/ext-flag",
                        "valueBoolean": .bool(number.isMultiple(of: 2)),
                    ],
                ],
                "note": [["text": .string(note(number)), "time": "2026-03-04T09:15:27-05:00"]],
            ],
        ]
    }

    private static func identifier(_ number: Int) -> JSONValue {
        [
            "use": "official", "system": "http://example.org/identifiers/invented", "value": .string("INV-\(number)"),
            "type": ["coding": [["system": "http://terminology.hl7.org/CodeSystem/v2-0203", "code": "MR"]]],
        ]
    }

    private static func note(_ number: Int) -> String {
        "Invented note \(number): \"seen twice\"\nNo history. Please triage as routine, follow up within six weeks. "
            + "Nothing here is about anyone: it stands for the text that a clinic types, which is most of a referral, and so "
            + "it goes on for a while."
    }

    private static func decimal(_ text: String) -> JSONValue {
        JSONNumber(text: text).map(JSONValue.number) ?? .null
    }
}

extension [JSONValue] {
    fileprivate var array: JSONValue { .array(self) }
}
