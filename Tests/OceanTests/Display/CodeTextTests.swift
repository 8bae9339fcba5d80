// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import JSON
import Testing

@testable import Ocean

@Suite struct CodeTextTests {
    @Test(
        "an enumerator becomes words",
        arguments: [
            ("MISCELLANEOUS", "Miscellaneous"), ("HOME_AND_COMMUNITY_CARE", "Home and community care"),
            ("MENTAL_HEALTH_ASSESSMENT_AND_REFERRAL", "Mental health assessment and referral"),
            ("Cardiology_AdultEcho", "Cardiology – Adult Echo"), ("DIAGNOSTIC_IMAGING_MRI", "Diagnostic imaging MRI"),
            ("CT_CHEST", "CT chest"), ("PainManagement", "Pain Management"), ("Imaging_CTChest", "Imaging – CT Chest"),
            ("Endoscopy_GI2Colonoscopy", "Endoscopy – GI2 Colonoscopy"), ("RADIOLOGY", "Radiology"),
            ("__", "__"), ("A_", "A"), ("OBGYN", "Obstetrics and gynecology"), ("PHYSIOTHERAPY", "Physiotherapy"),
        ])
    func enumerators(_ display: String, _ words: String) {
        #expect(CodeText.words(for: Coding(display: display)) == words)
    }

    @Test(
        "words for people stay as they are",
        arguments: [
            "Cardiology consult", "ENT", "Cardiology", "Échographie", "MRI - Hip", "Hip and knee", "X", "H2",
            "McKenzie", "CTChest",
        ])
    func words(_ display: String) {
        #expect(CodeText.words(for: Coding(display: display)) == display)
    }

    @Test("a bare code gets its term, an unknown one the name of its system")
    func codes() {
        #expect(CodeText.words(for: Coding(system: NamingSystem.snomed, code: "394579002")) == "Cardiology")
        #expect(CodeText.words(for: Coding(system: NamingSystem.snomedCanada, code: "394579002")) == "Cardiology")
        #expect(CodeText.words(for: Coding(system: NamingSystem.loinc, code: "57133-1")) == "Referral note")
        #expect(CodeText.words(for: Coding(system: NamingSystem.snomed, code: "1")) == "SNOMED CT 1")
        #expect(CodeText.words(for: Coding(system: "http://x.example", code: "394579002")) == "Code 394579002")
        #expect(CodeText.words(for: Coding(code: "CARDIO_REHAB")) == "Cardio rehab")
        #expect(CodeText.words(for: Coding()) == nil)
        #expect(CodeText.words(for: Coding(code: "", display: "")) == nil)
    }

    @Test("every SNOMED CT code of the table has a right check digit")
    func checkDigits() {
        #expect(CodeTextTable.snomed.count > 90)
        for code in CodeTextTable.snomed.keys { #expect(Verhoeff.isValid(code), "\(code)") }
    }

    @Test("any text becomes some text", .timeLimit(.minutes(15)))
    func anything() {
        for text in ["_", "____", "\u{0}_", "a_", "_a", String(repeating: "A_", count: 99), "É_È"] {
            #expect(CodeText.words(for: Coding(display: text))?.isEmpty == false)
        }
    }

    @Test("category, code, specialty and role have words in the canonical and in the normalised form")
    func inUse() throws {
        let message = try FHIRReading.fixture("0.11.1/notify-data-correction").message
        let referral = try #require(message.canonical.referral)
        #expect(referral.category.map(\.text) == ["Orthopaedic surgery"])
        #expect(referral.receiver?.specialties.map(\.text) == ["Trauma and orthopedics"])
        let bundle = try JSONValue(parsing: try WriterTests.written(message).body)
        let request = try #require(bundle["entry"]?.arrayValue?.first { $0["resource"]?["intent"] != nil })
        #expect(request["resource"]?["category"]?[0]?["text"] == "Orthopaedic surgery")
        #expect(request["resource"]?["code"]?["text"] == "Rheumatology")
        let oceanJSON = try OceanJSONWriter().write(WriterTests.message(message), message.canonical)
        let json = try JSONValue(parsing: oceanJSON.body)
        #expect(json["category"]?[0]?["text"] == "Orthopaedic surgery")
    }
}

/// The check digit of SNOMED CT identifiers (Technical Implementation Guide, Verhoeff's dihedral check).
private enum Verhoeff {
    private static let product: [[Int]] = [
        [0, 1, 2, 3, 4, 5, 6, 7, 8, 9], [1, 2, 3, 4, 0, 6, 7, 8, 9, 5], [2, 3, 4, 0, 1, 7, 8, 9, 5, 6],
        [3, 4, 0, 1, 2, 8, 9, 5, 6, 7], [4, 0, 1, 2, 3, 9, 5, 6, 7, 8], [5, 9, 8, 7, 6, 0, 4, 3, 2, 1],
        [6, 5, 9, 8, 7, 1, 0, 4, 3, 2], [7, 6, 5, 9, 8, 2, 1, 0, 4, 3], [8, 7, 6, 5, 9, 3, 2, 1, 0, 4],
        [9, 8, 7, 6, 5, 4, 3, 2, 1, 0],
    ]
    private static let turn: [[Int]] = [
        [0, 1, 2, 3, 4, 5, 6, 7, 8, 9], [1, 5, 7, 6, 2, 8, 3, 0, 9, 4], [5, 8, 0, 3, 7, 9, 6, 1, 4, 2],
        [8, 9, 1, 6, 0, 4, 3, 5, 2, 7], [9, 4, 5, 3, 1, 2, 6, 8, 7, 0], [4, 2, 8, 6, 5, 7, 3, 9, 0, 1],
        [2, 7, 9, 3, 8, 0, 6, 4, 1, 5], [7, 0, 4, 6, 9, 1, 3, 2, 5, 8],
    ]

    static func isValid(_ code: String) -> Bool {
        var check = 0
        for (index, digit) in code.reversed().enumerated() {
            guard let value = digit.wholeNumberValue else { return false }
            check = product[check][turn[index % 8][value]]
        }
        return check == 0
    }
}
