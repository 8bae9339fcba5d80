// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import Ocean
import Testing

@Suite("Addresses of documents")
struct DocumentAddressTests {
    private static let host = "https://ocean.example"
    private static let ref = "0b9f6a3e-1111-4222-8333-444455556666"

    private func read(_ url: String, host: String = host) -> Result<DocumentAddress, DocumentError> {
        Result { () throws(DocumentError) in try DocumentAddress(url, host: host, referral: Self.ref) }
    }

    private func code(_ url: String, host: String = host) -> DocumentError.Code? {
        if case .failure(let error) = read(url, host: host) { error.code } else { nil }
    }

    @Test("a letter and an attachment are read, and written anew")
    func read() throws {
        let letter = try read("\(Self.host)/svc/fhir/v1/ServiceRequest/\(Self.ref)/$letter").get()
        #expect(letter.path == "/svc/fhir/v1/ServiceRequest/\(Self.ref)/$letter")
        #expect(letter.call == "GET $letter")
        let binary = try read("\(Self.host)/svc/fhir/v1/DocumentReference/a-1.b/%24binary").get()
        #expect(binary.path == "/svc/fhir/v1/DocumentReference/a-1.b/$binary")
        let whole = try DocumentAddress(
            "\(Self.host)/svc/fhir/v1/ServiceRequest/\(Self.ref)/$letter?attachments=false&x=1", host: Self.host,
            referral: Self.ref, withAttachments: true)
        #expect(whole.path == "/svc/fhir/v1/ServiceRequest/\(Self.ref)/$letter?attachments=true")
    }

    @Test("spellings of the same host are the same host")
    func spellings() {
        let path = "/svc/fhir/v1/DocumentReference/a/$binary"
        #expect(code("HTTPS://Ocean.Example:443\(path)") == nil)
        #expect(code("https://ocean.example\(path)", host: "https://ocean.example:443/") == nil)
        #expect(code("http://[::1]:8080\(path)", host: "http://[::1]:8080") == nil)
    }

    @Test(
        "another host is refused, however it is dressed up",
        arguments: [
            "https://elsewhere.example", "http://ocean.example", "https://ocean.example:8443",
            "https://ocean.example.elsewhere.example", "https://ocean.example@elsewhere.example",
            "https://user:pass@ocean.example", "https://elsewhere.example#@ocean.example",
            "https://elsewhere.example\\@ocean.example", "https://ocean.example%2eelsewhere.example",
            "https://ocean.example%00.elsewhere.example", "https://ocean.example.", "//ocean.example",
            "//elsewhere.example", "https:/ocean.example", "https:ocean.example", "https:///ocean.example", "",
            "ftp://ocean.example", "https://ocеan.example", "https://ocean.example\t", " https://ocean.example",
            "https://ocean.example:", "https://ocean.example:0x1bb", "https://[::1]", "https://",
            "data:text/plain,", "javascript:https://ocean.example",
        ])
    func foreign(origin: String) {
        #expect(code(origin + "/svc/fhir/v1/DocumentReference/a/$binary") == .foreignHost)
    }

    @Test(
        "any other path of Ocean's is refused",
        arguments: [
            "", "/", "/svc/oauth2/token", "/svc/fhir/v1/DocumentReference/a",
            "/svc/fhir/v1/DocumentReference/../$binary",
            "/svc/fhir/v1/DocumentReference/./$binary", "/svc/fhir/v1/DocumentReference/%2e%2e/$binary",
            "/svc/fhir/v1/DocumentReference/a%2Fb/$binary", "/svc/fhir/v1/DocumentReference//$binary",
            "//svc/fhir/v1/DocumentReference/a/$binary", "/svc/fhir/v1/DocumentReference/a/$binary/",
            "/svc/fhir/v1/DocumentReference/a/$binary/..", "/svc/fhir/v1/DocumentReference/a/$binary#x",
            "/svc/fhir/v1/Patient/a/$binary", "/svc/fhir/v1/../v1/DocumentReference/a/$binary",
            "/svc/fhir/v1/DocumentReference/a;b/$binary", "?/svc/fhir/v1/DocumentReference/a/$binary",
        ])
    func unknown(path: String) {
        #expect(code(Self.host + path) == .unknownAddress)
    }

    @Test("an id of more than 64 characters is none")
    func longID() {
        let id = String(repeating: "a", count: 65)
        #expect(code("\(Self.host)/svc/fhir/v1/DocumentReference/\(id)/$binary") == .unknownAddress)
    }

    @Test("the letter of another referral is another patient's")
    func otherReferral() {
        #expect(code("\(Self.host)/svc/fhir/v1/ServiceRequest/other/$letter") == .otherReferral)
        #expect(code("\(Self.host)/svc/fhir/v1/ServiceRequest/\(Self.ref.uppercased())/$letter") == nil)
    }
}
