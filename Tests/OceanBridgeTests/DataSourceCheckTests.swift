// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeTestKit
import Foundation
import Testing

@testable import OceanBridge

@Suite("Check of data sources")
struct DataSourceCheckTests {
    @Test("a good file passes; one that is missing, broken or too long fails with its remedy")
    func files() async throws {
        try await withTemporaryDirectory { directory in
            let good = "[1.50]"
            for (name, text) in [
                ("good", good), ("broken", "[1"), ("long", "\"" + String(repeating: "x", count: 2000)),
            ] {
                try Data(text.utf8).write(to: URL(fileURLWithPath: "\(directory)/\(name).json"))
            }
            let lines = ["good", "broken", "long", "missing"].map { name in
                "  \(name): { file: \"\(directory)/\(name).json\", maximumBytes: 1024, auth: { none: true } }"
            }
            let yaml = "dataSources:\n" + lines.joined(separator: "\n")
            let settings = try Settings(SettingsValues(yaml: (yaml, "test.yaml"), environment: [:]))
            let findings = await DataSourceCheck(settings: settings).files()
            let byPart = Dictionary(uniqueKeysWithValues: findings.map { ($0.part, $0) })
            #expect(byPart["data source good"]?.isGood == true)
            #expect(byPart["data source good"]?.message.contains("6 bytes") == true)
            #expect(byPart["data source broken"]?.isGood == false)
            #expect(byPart["data source broken"]?.message.contains("mend the file") == true)
            #expect(byPart["data source long"]?.isGood == false)
            #expect(byPart["data source long"]?.message.contains("shorten the file") == true)
            #expect(byPart["data source missing"]?.isGood == false)
            #expect(byPart["data source missing"]?.message.contains("write the file") == true)
        }
    }
}
