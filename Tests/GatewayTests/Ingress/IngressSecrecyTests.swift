// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import FoundationEssentials
import Gateway
import JSON
import Telemetry
import Testing

@Suite("What the ingress tells", .timeLimit(.minutes(15)))
struct IngressSecrecyTests {
    @Test("no secret, no token, no patient and no query reaches a log line, a metric or an error")
    func secrecy() async throws {
        var limits = ListenerLimits()
        limits.bodyBytes = 4096
        let bench = PublicBench([.succeed, .fail(.unroutable), .hang], limits: limits)
        let patient = #"{"ref":"r-1","event":"Canary Patientname","patient":"Canary Patientname","hcn":"9876543217"}"#
        let basic = "Basic " + Data("ocean:basic-canary-secret".utf8).base64EncodedString()
        let answers = try await bench.run { (caller: Caller) async throws in
            var texts: [String] = []
            for (path, headers) in [
                ("/ocean/open?patient=Canary", []), ("/ocean/open", []), ("/ocean/open", []),
                ("/ocean/basic", [("Authorization", basic)]), ("/ocean/basic", [("Authorization", basic + "x")]),
                ("/ocean/header", [("X-Ocean-Key", "wrong-canary")]), ("/ocean/canary-unknown", []),
            ] {
                texts.append(try await caller.post(path, patient, headers: headers).text)
            }
            texts.append(try await caller.post("/ocean/open", patient + "Canary").text)
            texts.append(try await caller.post("/ocean/open", patient + String(repeating: " ", count: 5000)).text)
            texts.append(try await caller.post("/ocean/open", #"{"patient":"Canary"}"#).text)
            let form = "grant_type=client_credentials&client_id=ocean-client&client_secret="
            let type = "application/x-www-form-urlencoded"
            texts.append(try await caller.post("/oauth2/token", form + "wrong-canary", type: type).text)
            let granted = try await caller.post("/oauth2/token", form + "oauth-canary-secret", type: type)
            #expect(granted.status == 200)
            await bench.bus.release()
            return texts
        }
        let metrics = await bench.metrics.text()
        #expect(bench.log.lines.count { $0.contains("webhook") } == 10)
        for text in answers + [bench.log.text, metrics] {
            #expect(!text.lowercased().contains("canary"))
            #expect(!text.contains("9876543217"))
        }
    }

    @Test("a webhook's log line has id, integration, status, event and size")
    func accessLine() async throws {
        let bench = PublicBench()
        let id = try await bench.run { (caller: Caller) async throws in
            try await caller.post("/ocean/open", #"{"ref":"r-1","event":"add-service-request"}"#)
                .json["id"]?.stringValue
        }
        let line = try #require(bench.log.lines.first { $0.contains(" webhook ") })
        #expect(line.contains("message_id=\(try #require(id))"))
        #expect(line.contains("integration=open"))
        #expect(line.contains("status=202"))
        #expect(line.contains("event=add-service-request"))
        #expect(line.contains("bytes=43"))
    }
}
