// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import OceanSandbox
import Testing

@testable import OceanBridge

@Suite("Scenario files")
struct SandboxScenarioTests {
    private static let folder =
        #filePath.split(separator: "/").dropLast(3).map { "/" + $0 }.joined() + "/deploy/scenarios"

    @Test("every scenario that is shipped can be read")
    func shipped() throws {
        let files = try FileManager.default.contentsOfDirectory(atPath: Self.folder).filter { $0.hasSuffix(".yaml") }
        #expect(files.count >= 4)
        for file in files {
            let scenario = try SandboxScenario(file: "\(Self.folder)/\(file)").scenario
            #expect(scenario.title != nil)
            #expect(!scenario.steps.isEmpty)
        }
    }

    @Test(
        "a file that cannot be played is refused with its place",
        arguments: [
            ("steps: [", "not readable as YAML"), ("steps: []", "must have steps"),
            ("steps: [{ do: dance }]", "/steps/0/do"),
            ("steps: [{ do: wait, seconds: 1, speed: 2 }]", "/steps/0/speed"),
            ("steps: &a [{ do: wait, seconds: *b }]", "YAML"),
            ("steps: [{ do: wait, seconds: \"1\" }]", "/steps/0/seconds"),
        ])
    func refused(yaml: String, problem: String) {
        let error = #expect(throws: StartError.self) { try SandboxScenario(yaml: yaml, file: "story.yaml") }
        #expect(error?.message.hasPrefix("story.yaml") == true)
        #expect(error?.message.contains(problem) == true, "\(String(describing: error))")
    }
}
