// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeTestKit
import JSON
import OceanBridge
import Testing

@Suite struct ValidationTests {
    private static let broken = Array("{\"resourceType\":\"Patient\",\n\"gender\":\"F\"}".utf8)

    @Test("the result is an OperationOutcome, or a line for each issue, without any value of the input")
    func formats() throws {
        let json = Validation(format: .json).validate(Self.broken)
        #expect(!json.isValid)
        let outcome = try JSONValue(parsing: json.output)
        #expect(outcome["resourceType"] == "OperationOutcome")
        #expect(outcome["issue"]?[0]?["expression"] == ["Patient.gender"])
        let text = Validation(format: .text).validate(Self.broken)
        #expect(
            String(decoding: text.output, as: UTF8.self)
                == "error 2:10 Patient.gender: not a code of the required value set administrative-gender"
                + " [code-invalid]\n")
    }

    @Test("a valid resource is said to be so in both formats")
    func valid() throws {
        let bytes = try Fixture.bytes("r4/Bundle.json")
        for format in Validation.Format.allCases {
            let result = Validation(format: format).validate(bytes)
            #expect(result.isValid)
            #expect(String(decoding: result.output, as: UTF8.self).contains("no issues found"))
        }
    }
}
