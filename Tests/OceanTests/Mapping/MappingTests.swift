// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import BridgeTestKit
import JSON
import Testing

@testable import Ocean

@Suite struct MappingTests {
    @Test("docs/mapping.md is up to date")
    func document() throws {
        let text = Array(try MappingDocument.shared.get().text.utf8)
        #expect(try GoldenFile.content("docs/mapping.md", replacedBy: text) == text)
    }

    @Test("every field of the canonical model has a row, and a place in normalised FHIR")
    func complete() throws {
        let document = try MappingDocument.shared.get()
        let rows = document.text.split(separator: "\n").filter { $0.hasPrefix("| `") }
        let count = MappingDocument.records.map { MappingDocument.fields(of: $0).count }.reduce(0, +)
        #expect(rows.count == count)
        // Fields that are records have rows of their own; Ocean's bytes are left out on purpose.
        let left: Set<String> = ["Original.body", "Original.base64"]
        for type in MappingDocument.records {
            for (field, record) in MappingDocument.members(of: type) where record == nil {
                let key = "\(type.definitionName).\(field)"
                #expect(left.contains(key) == document.normalised(key).isEmpty, "\(key)")
            }
        }
    }
}
