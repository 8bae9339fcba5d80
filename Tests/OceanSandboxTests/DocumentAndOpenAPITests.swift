// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import JSON
import NIOHTTP1
import Ocean
import OceanSandbox
import Testing

@Suite("Documents and the Open API", .timeLimit(.minutes(15)))
struct DocumentAndOpenAPITests {
    private let headers = [
        ("siteNum", "4500"), ("siteKey", "hospital-key"), ("siteCredential", "hospital-credential"),
    ]

    @Test("the letter is a PDF, longer with its attachments; another site may not have it")
    func letter() async throws {
        try await Bench.run { bench in
            let reference = try await bench.ocean.send(.attachments, to: "new-1")
            let path = "/svc/fhir/v1/ServiceRequest/\(reference)/$letter"
            let bearer = [("Authorization", "Bearer \(try await bench.token())")]
            let plain = try await bench.call(.GET, path, headers: bearer)
            #expect(plain.headers.first(name: "Content-Type") == "application/pdf")
            let text = String(decoding: plain.body, as: UTF8.self)
            #expect(text.hasPrefix("%PDF-"))
            #expect(text.hasSuffix("%%EOF\n"))
            let whole = try await bench.call(.GET, path + "?attachments=true", headers: bearer)
            #expect(String(decoding: whole.body, as: UTF8.self).contains("laboratory.pdf"))
            #expect(!text.contains("laboratory.pdf"))
            #expect(try await bench.call(.GET, path).status == 401)
            let other = [("Authorization", "Bearer \(try await bench.token(client: "other-client"))")]
            #expect(try await bench.call(.GET, path, headers: other).status == 403)
            let unknown = "/svc/fhir/v1/ServiceRequest/nothing/$letter"
            #expect(try await bench.call(.GET, unknown, headers: bearer).status == 404)
        }
    }

    @Test("the document links of a bundle can be fetched")
    func binaries() async throws {
        try await Bench.run { bench in
            try await bench.ocean.send(.attachments, to: "new-1")
            let call = try await bench.next()
            let documents = call.resources.filter { $0["resourceType"] == "DocumentReference" }
            #expect(documents.count == 3)
            let bearer = [("Authorization", "Bearer \(try await bench.token())")]
            for document in documents {
                let attachment = try #require(document["content"]?[0]?["attachment"])
                let url = try #require(attachment["url"]?.stringValue)
                #expect(url.hasPrefix(bench.address))
                let answer = try await bench.call(
                    .GET, String(url.dropFirst(bench.address.count)), headers: bearer)
                #expect(answer.status == 200)
                #expect(answer.headers.first(name: "Content-Type") == attachment["contentType"]?.stringValue)
                if let size = attachment["size"]?.intValue { #expect(answer.body.count == size) }
            }
        }
    }

    @Test(
        "a wrong or missing header of the Open API is answered 401",
        arguments: ["siteNum", "siteKey", "siteCredential"])
    func wrongHeaders(name: String) async throws {
        try await Bench.run { bench in
            let reference = try await bench.ocean.send(.backPain, to: "json-1")
            let path = "/svc/v1/referrals/\(reference)"
            let missing = headers.filter { $0.0 != name }
            #expect(try await bench.call(.GET, path, headers: missing).status == 401)
            #expect(try await bench.call(.GET, path, headers: missing + [(name, "4600")]).status == 401)
            #expect(try await bench.call(.GET, path, headers: headers).status == 200)
        }
    }

    @Test("a referral fetched by the Open API and its attachments decrypt with the Shared Encryption Key")
    func referral() async throws {
        try await Bench.run { bench in
            let reference = try await bench.ocean.send(.attachments, to: "json-1")
            let path = "/svc/v1/referrals/\(reference)"
            let referral = try await bench.call(.GET, path, headers: headers).json
            let key = try SharedEncryptionKey(text: Bench.key).unwrap(
                try block(referral["oneTimeKeyEncryptedWithSiteSEK"]), at: "key")
            let data = try key.decryptJSON(try block(referral["encryptedPtData"]), at: "data")
            #expect(data["demographics"]?["surname"]?.stringValue == "Examplewoman")
            let file = try #require(referral["attachments"]?[1])
            let fileKey = try #require(
                OneTimeKey(bytes: try key.decrypt(try block(file["encryptedEncryptionKey"]), at: "file key")))
            let fileRef = try #require(file["fileRef"]?.stringValue)
            let answer = try await bench.call(.GET, path + "/attachments/\(fileRef)", headers: headers).json
            #expect(answer["contentType"]?.stringValue == "text/plain")
            let bytes = try fileKey.decrypt(try block(answer["encryptedData"]), at: "file")
            #expect(String(decoding: bytes, as: UTF8.self) == "Invented history of an invented person.")
        }
    }

    @Test(
        "a completed form is announced and can be fetched, in both wire forms of the body", arguments: ["4500", "4600"])
    func form(site: String) async throws {
        try await Bench.run { bench in
            let reference = try await bench.ocean.completeForm(site: site)
            let event = try await bench.next().json
            #expect(event["type"]?.stringValue == "notify-patient-message-forms-completion")
            #expect(event["ref"]?.stringValue == reference)
            let session = try #require(event["customProperties"]?["oceanSessionId"]?.stringValue)
            let isFirst = site == "4500"
            let own =
                isFirst
                ? headers : [("siteNum", site), ("siteKey", "other-key"), ("siteCredential", "other-credential")]
            let sek = SharedEncryptionKey(text: isFirst ? Bench.key : "Other#2025aBcD!!")

            let patient = try await bench.call(.GET, "/svc/v1/patients/\(reference)", headers: own)
            let patientIV = try #require(patient.headers.first(name: "iv"))
            let wrapped = try #require(patient.headers.first(name: "oneTimeKey"))
            let key = try sek.unwrap(EncryptedBlock(data: wrapped, iv: patientIV), at: "key")
            let person = try key.decryptJSON(body: patient.body, iv: patientIV, at: "body")
            #expect(person["demographics"]?["surname"]?.stringValue == "Madeup")
            #expect((patient.body.first == 0x5B) == !isFirst)

            let path = "/svc/v1/patients/\(reference)/notes?oceanSessionId="
            let note = try await bench.call(.GET, path + session, headers: own)
            #expect(note.headers.first(name: "noteId") != nil)
            let noteKey = try sek.unwrap(
                EncryptedBlock(
                    data: try #require(note.headers.first(name: "oneTimeKey")),
                    iv: try #require(note.headers.first(name: "oneTimeKeyIv"))), at: "key")
            let iv = try #require(note.headers.first(name: "iv"))
            let content = try noteKey.decryptJSON(body: note.body, iv: iv, at: "body")
            #expect(content["completedForms"]?["quickReferral"]?["reason"]?.stringValue == "Assessment and advice")
            #expect(try await bench.call(.GET, path + "other", headers: own).status == 404)
        }
    }

    private func block(_ json: JSONValue?) throws -> EncryptedBlock {
        try #require(json.flatMap { EncryptedBlock(json: $0) })
    }
}
