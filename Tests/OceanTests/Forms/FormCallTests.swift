// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import JSON
import Testing

@testable import Ocean

@Suite("Creating forms in Ocean")
struct FormCallTests {
    private let keys = ProfileTests.keys

    private func request(known: Bool = false) -> FormRequest {
        var request = FormRequest()
        request.site = "4821"
        request.forms = ["intake", "phq2"]
        request.externalPatientRef = "CH-0042"
        if known {
            request.patientRef = "690"
            return request
        }
        var patient = Patient()
        var name = PersonName()
        name.family = "Testpatient"
        name.given = ["Zoé"]
        patient.names = [name]
        patient.birthDate = "1980-02-29"
        patient.active = true
        request.patient = patient
        return request
    }

    private func header(_ name: String, _ call: FormCall) -> String? { call.headers.first { $0.name == name }?.value }

    @Test("the patient goes encrypted under a fresh key, wrapped as Ocean wraps its own")
    func encrypted() throws {
        let written = try FormCallWriter().write(request(), keys: keys, id: "k-1")
        let call = written.call
        #expect(call.method == "POST" && call.path == "/svc/v1/patients" && call.contentType == "application/json")
        #expect(header("Idempotency-Key", call) == "k-1" && header("extPatientRef", call) == "CH-0042")
        let iv = try #require(header("iv", call))
        let wrapped = EncryptedBlock(data: try #require(header("oneTimeKey", call)), iv: iv)
        let key = try keys.unwrap(wrapped, at: "")
        let body = try JSONValue(parsing: call.body)
        #expect(body["formRefs"] == ["intake", "phq2"])
        #expect(body["reasonForVisit"] == nil)
        let sealed = try #require(body["encryptedPatient"]?.stringValue)
        let patient = try key.decryptJSON(EncryptedBlock(data: sealed, iv: iv), at: "")
        #expect(
            patient == [
                "siteNum": "4821", "externalPatientRef": "CH-0042",
                "demographics": ["firstName": "Zoé", "surname": "Testpatient", "birthDate": "1980-02-29"],
            ])
        #expect(written.leftOut == ["/patient/active"])
        #expect(!String(decoding: call.body, as: UTF8.self).contains("Testpatient"))
        let again = try FormCallWriter().write(request(), keys: keys, id: "k-1").call
        #expect(header("oneTimeKey", again) != header("oneTimeKey", call))
    }

    @Test("a patient of Ocean's goes by reference, without any key")
    func known() throws {
        let call = try FormCallWriter().write(request(known: true), keys: nil, id: "k-1").call
        #expect(call.path == "/svc/v1/patients/690/forms")
        #expect(header("oneTimeKey", call) == nil)
        #expect(try JSONValue(parsing: call.body) == ["formRefs": ["intake", "phq2"]])
    }

    @Test("a patient without a key is an error that names the setting")
    func noKey() {
        let error = #expect(throws: TranslationError.self) {
            try FormCallWriter().write(request(), keys: nil, id: "k-1")
        }
        #expect(error?.code == .noKey && error?.place == "sites.4821.openApi.sharedEncryptionKey")
    }

    @Test("a template of the deployer's own is filled in, quotes and slashes in values do no harm")
    func template() throws {
        var template = FormTemplate.assumed
        template.method = "PUT"
        template.path = "/svc/v2/sites/{site}/links?form={form}"
        template.body =
            #"{"p":{"k":"{oneTimeKey}","v":"{iv}","d":"{patient}"},"note":"for {externalPatientRef}","n":[1]}"#
        template.idempotencyHeader = nil
        #expect(template.faults().isEmpty)
        var request = request()
        request.forms = ["a/b&c"]
        request.externalPatientRef = #"x"},{"#
        let call = try FormCallWriter(template: template).write(request, keys: keys, id: "k-1").call
        #expect(call.method == "PUT" && call.path == "/svc/v2/sites/4821/links?form=a%2Fb%26c")
        let body = try JSONValue(parsing: call.body)
        #expect(body["note"] == #"for x"},{"# && body["n"] == [1])
        #expect(body["p"]?["k"]?.stringValue == header("oneTimeKey", call))
        template.body = "{patient}"
        let plain = try FormCallWriter(template: template).write(request, keys: keys, id: "k-1").call
        #expect(plain.contentType == "text/plain" && plain.body.first != 0x7B)
    }

    @Test("a template that cannot be is told by its part")
    func faults() {
        func parts(_ change: (inout FormTemplate) -> Void) -> [String] {
            var template = FormTemplate.assumed
            change(&template)
            return template.faults().map(\.part)
        }
        #expect(parts { $0.path = "svc/v1" } == ["path"])
        #expect(parts { $0.knownPatientPath = "/p/{patientRef}" } == ["knownPatientPath"])
        #expect(parts { $0.body = #"{"a":"{secret}"}"# } == ["body"])
        #expect(parts { $0.body = #"{"a":"# } == ["body"])
        #expect(parts { $0.body = "{iv}" } == [])
    }

    @Test("the link is found where the template says")
    func answers() throws {
        let answer = FormAnswer(
            status: 201, headers: ["location": "https://ocean.example/f/1"],
            body: Array(#"{"ref":701,"data":{"url":"https://ocean.example/f/2"}}"#.utf8))
        var template = FormTemplate.assumed
        template.link = try #require(FormTemplate.Place("/data/url"))
        #expect(try FormAnswerReading(answer, template: template).link == "https://ocean.example/f/2")
        #expect(try FormAnswerReading(answer, template: template).patientRef == "701")
        template.link = try #require(FormTemplate.Place("header:Location"))
        #expect(try FormAnswerReading(answer, template: template).link == "https://ocean.example/f/1")
        template.link = .body
        let text = FormAnswer(status: 200, body: Array("https://ocean.example/f/3\n".utf8))
        #expect(try FormAnswerReading(text, template: template).link == "https://ocean.example/f/3")
        #expect(FormTemplate.Place("link") == nil && FormTemplate.Place("header:") == nil)
    }

    @Test(
        "an answer without a link is an error, whatever it holds",
        arguments: [
            "", "{", "[]", #"{"link":null}"#, #"{"link":""}"#, #"{"link":"javascript:alert(1)"}"#,
            #"{"link":"https://"}"#, #"{"link":"https://a b"}"#, #"{"link":"https://x/\"><script>"}"#,
            "<html><body>Sign in</body></html>",
        ])
    func brokenAnswers(body: String) {
        let answer = FormAnswer(status: 200, body: Array(body.utf8))
        let error = #expect(throws: TranslationError.self) { try FormAnswerReading(answer, template: .assumed) }
        #expect(error?.code == .invalid)
    }

    @Test("a request validates as its schema says, and is refused with its place otherwise")
    func requests() throws {
        #expect(try FormRequestReader.read(request().json.bytes()) == request())
        #expect(try FormRequestReader.read(request(known: true).json.bytes()) == request(known: true))
        let schema = try #require(SchemaCheck(schema: Schemas.formRequest()))
        #expect(schema.faults(in: request().json) == [])
        let cases: [(String, String)] = [
            (#"{"forms":["a"],"patientRef":"1"}"#, "/site"), (#"{"site":"1","patientRef":"1"}"#, "/forms"),
            (#"{"site":"1","forms":[],"patientRef":"1"}"#, "/forms"),
            (#"{"site":"1","forms":[""],"patientRef":"1"}"#, "/forms/0"),
            (#"{"site":"1","forms":["a"]}"#, "/patient"), (#"{"site":"1","forms":["a"],"patient":{}}"#, "/patient"),
            (#"{"site":"1","forms":["a"],"patientRef":"a/../b"}"#, "/patientRef"),
            (#"{"site":"1 2","forms":["a"],"patientRef":"1"}"#, "/site"),
            (#"{"site":"1","forms":["a"],"patientRef":"1","form":"b"}"#, "/form"),
        ]
        for (text, place) in cases {
            let error = #expect(throws: TranslationError.self) { try FormRequestReader.read(Array(text.utf8)) }
            #expect(error?.place == place, "\(text)")
        }
        #expect(throws: TranslationError.self) { try FormRequestReader.read(Array("no JSON".utf8)) }
        #expect(try FormRequestReader.read(Array(#"{"forms":["a"],"patientRef":"1"}"#.utf8), site: "9").site == "9")
    }
}
