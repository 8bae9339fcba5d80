// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import JSON
import Testing

@Suite("Records written as JSON")
struct RecordWritingTests {
    @Test("empty lists, unset flags and absent members are left out, never written as null")
    func emptyMembers() {
        var referral = Referral()
        referral.ref = "r"
        #expect(referral.json == ["ref": "r"])
        #expect(FormItem().json == ["linkId": ""])
        referral.test = true
        referral.services = ["x"]
        #expect(referral.json == ["ref": "r", "test": true, "services": ["x"]])
    }

    @Test("null counts as absent when a record is read")
    func nullMembers() throws {
        var unknown: [JSONPointer] = []
        let json: JSONValue = ["ref": "r", "patient": nil, "services": nil, "test": nil]
        let referral = try Referral(json: json, at: .root, unknown: &unknown)
        #expect(referral.json == ["ref": "r"])
        #expect(unknown.isEmpty)
    }
}
