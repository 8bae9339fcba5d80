// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import Ocean
import OceanBridge
import Testing

@Suite("Settings of forms")
struct FormSettingsTests {
    private func settings(_ text: String) throws -> Settings {
        try Settings(SettingsValues(yaml: (text, "test.yaml"), environment: [:]))
    }

    private func problems(_ text: String) -> [String] {
        do {
            _ = try settings(text)
            return []
        } catch let error as SettingsError {
            return error.problems.map(\.message)
        } catch {
            return ["\(error)"]
        }
    }

    @Test("left out, all rules match and the template is the assumed one")
    func defaults() throws {
        let forms = try settings("").forms
        #expect(forms.matching == [.mrn, .healthNumber, .name])
        #expect(forms.template == .assumed)
    }

    @Test("rules keep their order, and off is none")
    func matching() throws {
        #expect(try settings("forms: { matching: [name, mrn] }").forms.matching == [.name, .mrn])
        #expect(try settings("forms: { matching: health-number }").forms.matching == [.healthNumber])
        #expect(try settings("forms: { matching: off }").forms.matching.isEmpty)
        #expect(problems("forms: { matching: [off, name] }").contains { $0.contains("either off or a list") })
        #expect(problems("forms: { matching: [birthday] }").contains { $0.contains("birthday") })
    }

    @Test("a template of the deployer's own is read")
    func template() throws {
        let text = """
            forms:
              create:
                method: PUT
                path: "/svc/v2/links?site={site}"
                body: '{"d":"{patient}"}'
                idempotencyHeader: none
                link: "header:Location"
                patientRef: "/patient/ref"
            """
        let template = try settings(text).forms.template
        #expect(template.method == "PUT" && template.path == "/svc/v2/links?site={site}")
        #expect(template.body == #"{"d":"{patient}"}"# && template.idempotencyHeader == nil)
        #expect(template.link == .header("location"))
    }

    @Test(
        "what cannot be is told by its setting",
        arguments: [
            ("path: svc", "forms.create.path"), ("body: '{\"a\":'", "forms.create.body"),
            ("body: '{\"a\":\"{nothing}\"}'", "forms.create.body"), ("link: link", "forms.create.link"),
            ("idempotencyHeader: 'a b'", "forms.create.idempotencyHeader"),
        ])
    func faults(line: String, name: String) {
        #expect(problems("forms: { create: { \(line) } }").contains { $0.hasPrefix(name) }, "\(line)")
    }
}
