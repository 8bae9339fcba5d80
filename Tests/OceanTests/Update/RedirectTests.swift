// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import JSON
import Ocean
import Testing

@Suite("The third-party redirect on the accepting Task")
struct RedirectTests {
    private func resources(_ update: ReferralUpdate, _ dialect: Dialect) throws -> [JSONValue] {
        let bundle = try OceanUpdateWriter().bundle(for: update, in: UpdateSamples.context(dialect))
        return (try JSONValue(parsing: bundle.body)["entry"]?.arrayValue ?? []).compactMap { $0["resource"] }
    }

    @Test(
        "one extension with the address as valueUri, on a Task that accepts",
        arguments: [
            (Dialect.fhir0111, "notify-update-process-request", "order", "process-request"),
            (.fhir0100, "notify-update-status", "plan", "approve"),
        ])
    func task(dialect: Dialect, event: String, intent: String, code: String) throws {
        let all = try resources(UpdateSamples.update(.redirect), dialect)
        #expect(all.first?["eventCoding"]?["code"]?.stringValue == event)
        let tasks = all.filter { $0["resourceType"] == "Task" }
        let task = try #require(tasks.first)
        #expect(tasks.count == 1)
        #expect(task["status"] == "accepted")
        #expect(task["intent"]?.stringValue == intent)
        #expect(task["code"]?["coding"]?[0]?["code"]?.stringValue == code)
        #expect(
            task["extension"] == [
                [
                    "url": "https://ocean.cognisantmd.com/ext-ocean-third-party-redirect-url",
                    "valueUri": "https://booking.example.org/start?ref=7d3c",
                ]
            ])
        #expect(task["basedOn"]?[0]?["identifier"]?["value"]?.stringValue == UpdateSamples.referral)
        #expect(all.first?["focus"]?[0]?["reference"]?.stringValue?.hasSuffix(task["id"]?.stringValue ?? "-") == true)
    }

    @Test("the words of the update go with it")
    func words() throws {
        var update = UpdateSamples.update(.redirect)
        update.text = "Please book online."
        let task = try #require(try resources(update, .fhir0111).first { $0["resourceType"] == "Task" })
        #expect(task["description"] == "Please book online.")
    }

    @Test(
        "an address that a browser might take elsewhere is refused",
        arguments: [
            "http://booking.example.org/", "javascript:alert(1)", "data:text/html,x", "//booking.example.org", "/start",
            "https://", "https:///start", "https://?x", "https://#x", "https://ocean.example@evil.example/",
            "https://ocean.example\\@evil.example/", "https://a b/", "https://a/\r\nSet-Cookie: x", "https://a/\u{7F}",
            " https://a/",
        ], [Dialect.fhir0111, .fhir0100])
    func refused(url: String, dialect: Dialect) {
        var update = UpdateSamples.update(.redirect)
        update.redirectURL = url
        do throws(TranslationError) {
            _ = try OceanUpdateWriter().bundle(for: update, in: UpdateSamples.context(dialect))
            Issue.record("was written")
        } catch {
            #expect(error.place == "/redirectUrl")
            #expect(error.disposition == .reject)
        }
    }
}
