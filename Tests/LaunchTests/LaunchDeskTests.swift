// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import BridgeTestKit
import JSON
import Launch
import Synchronization
import Testing

@Suite("Opening a launch and exchanging its handle")
struct LaunchDeskTests {
    private let verifier = String(repeating: "v", count: 43)

    @Test("a known referral gives the message its place; the address carries the handle and nothing else")
    func known() async throws {
        let bench = LaunchBench()
        let application = try LaunchBench.application()
        let passage = try await bench.desk.open(application, query: "referralRef=ref-1&lang=fr&patient=Canary")
        #expect(passage.isCorrelated)
        #expect(passage.url == "https://booking.hospital.example/start?handle=\(handle(of: passage.url))")
        #expect(
            passage.destination == .exchange("hospital.canonical", routingKey: "1234.CARDIOLOGY.launch-requested"))
        let message = passage.message
        #expect(message.type == .launchRequested)
        #expect(message.subject == "ref-1")
        #expect(message.source == "/launch/booking")
        #expect(message.attributes.site == "1234")
        #expect(message.attributes.listing == "listing-1")
        #expect(message.attributes.service == "CARDIOLOGY")
        #expect(message.attributes.event == "launch-requested")
        #expect(message.dataSchema == "https://ocean-bridge.ca/schemas/launch-requested.schema.json")
        let data = try JSONValue(parsing: message.body)
        #expect(data["parameters"] == ["lang": "fr"])
        #expect(data["referral"] == "ref-1")
        #expect(data["id"]?.stringValue == message.id)
        let schema = try #require(SchemaCheck(schema: Schemas.launchRequested()))
        #expect(schema.faults(in: data) == [])
        let exchanged = try await bench.exchange(passage, application)
        #expect(exchanged.json == data)
    }

    @Test("a handle is good once, and not after its end")
    func once() async throws {
        let bench = LaunchBench()
        let application = try LaunchBench.application()
        let first = try await bench.desk.open(application, query: "ref=ref-1")
        _ = try await bench.exchange(first, application)
        await #expect(throws: ExchangeRefusal.used) { try await bench.exchange(first, application) }
        let second = try await bench.desk.open(application, query: "ref=ref-1")
        bench.clock.advance(by: .seconds(59))
        let third = try await bench.desk.open(application, query: "ref=ref-1")
        bench.clock.advance(by: .seconds(1))
        await #expect(throws: ExchangeRefusal.expired) { try await bench.exchange(second, application) }
        _ = try await bench.exchange(third, application)
    }

    @Test("of many exchanges at once one succeeds")
    func race() async throws {
        let bench = LaunchBench()
        let application = try LaunchBench.application()
        let passage = try await bench.desk.open(application, query: "")
        let granted = await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<50 {
                group.addTask { (try? await bench.exchange(passage, application)) != nil }
            }
            return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(granted == 1)
    }

    @Test("a handle that is made up, of another installation or of another application gives nothing")
    func foreign() async throws {
        let bench = LaunchBench()
        let application = try LaunchBench.application()
        let other = try LaunchBench.application("other")
        await #expect(throws: ExchangeRefusal.forged) { try await bench.exchange("made-up", application) }
        let elsewhere = LaunchBench(secret: "fedcba9876543210")
        let strange = try await elsewhere.desk.open(application, query: "")
        await #expect(throws: ExchangeRefusal.forged) { try await bench.exchange(strange, application) }
        let passage = try await bench.desk.open(application, query: "")
        await #expect(throws: ExchangeRefusal.foreign) {
            try await bench.desk.exchange(
                handle(of: passage.url), verifier: nil, applications: ["booking": application, "other": other],
                caller: ["other"])
        }
        // That did not spend it.
        _ = try await bench.exchange(passage, application)
        // Signed, and not in the book: a store that was restored or replaced.
        let forgotten = LaunchBench()
        let later = try await bench.desk.open(application, query: "")
        await #expect(throws: ExchangeRefusal.unknown) { try await forgotten.exchange(later, application) }
    }

    @Test("a challenge asks for its verifier, and a wrong one spends the handle")
    func proof() async throws {
        let bench = LaunchBench()
        let application = try LaunchBench.application()
        let query =
            "code_challenge=\(CodeChallenge(verifier: verifier).text)&code_challenge_method=S256&state=a%2Bb%20c"
        let good = try await bench.desk.open(application, query: query)
        #expect(item("state", of: good.url) == "a%2Bb%20c")
        _ = try await bench.exchange(good, application, verifier: verifier)
        for wrong in [nil, "", String(repeating: "w", count: 43)] {
            let passage = try await bench.desk.open(application, query: query)
            await #expect(throws: ExchangeRefusal.wrongVerifier) {
                try await bench.exchange(passage, application, verifier: wrong)
            }
            await #expect(throws: ExchangeRefusal.used) {
                try await bench.exchange(passage, application, verifier: verifier)
            }
        }
    }

    @Test(
        "a proof that is not OAuth's is refused, not left out",
        arguments: [
            "code_challenge=short&code_challenge_method=S256", "code_challenge=CHALLENGE",
            "code_challenge=CHALLENGE&code_challenge_method=plain", "code_challenge_method=S256",
            "code_challenge=CHALLENGE&code_challenge=x&code_challenge_method=S256", "state=a&state=b", "state=%0d%0a",
            "state=%C3%A9", "state=%zz",
            "code_challenge=CHALLENGE&code_challenge_method=S256&code_challenge_method=plain",
        ])
    func badProof(query: String) async throws {
        let bench = LaunchBench()
        let application = try LaunchBench.application()
        let text = query.split(separator: "CHALLENGE", omittingEmptySubsequences: false)
            .joined(separator: CodeChallenge(verifier: verifier).text)
        await #expect(throws: LaunchRefusal.badProof) { try await bench.desk.open(application, query: text) }
        #expect(bench.book.tickets.isEmpty)
    }

    @Test("an application without a secret needs a challenge")
    func requiredProof() async throws {
        let bench = LaunchBench()
        var application = try LaunchBench.application()
        application.requiresChallenge = true
        let prepared = application
        await #expect(throws: LaunchRefusal.badProof) { try await bench.desk.open(prepared, query: "ref=ref-1") }
    }

    @Test("what the address says of an unknown referral is believed only where the settings say so")
    func unknown() async throws {
        let bench = LaunchBench()
        var application = try LaunchBench.application()
        let query = "ref=nobody&siteNum=5678&externalServiceId=IMAGING"
        func key(_ query: String) async throws -> Destination {
            try await bench.desk.open(application, query: query).destination
        }
        func expected(_ key: String) -> Destination { .exchange("hospital.canonical", routingKey: key) }
        #expect(try await key("") == expected("unknown.unknown.launch-requested"))
        #expect(try await key(query) == expected("5678.unknown.launch-requested"))
        #expect(try await key("siteNum=9999") == expected("unknown.unknown.launch-requested"))
        application.services = ["IMAGING"]
        #expect(try await key(query) == expected("5678.IMAGING.launch-requested"))
        application.site = "1234"
        #expect(try await key(query) == expected("1234.IMAGING.launch-requested"))
        #expect(try await bench.desk.open(application, query: query).message.subject == nil)
    }

    @Test("two known referrals, or one of another site, are no referral")
    func ambiguous() async throws {
        var second = ReferralRecord(
            reference: "ref-2", site: "5678", status: "new", sourceTime: Timestamp(milliseconds: 0))
        second.listing = "listing-2"
        let bench = LaunchBench(records: [LaunchBench.record, second])
        var application = try LaunchBench.application()
        #expect(try await !bench.desk.open(application, query: "referralRef=ref-1&ref=ref-2").isCorrelated)
        #expect(try await bench.desk.open(application, query: "referralRef=ref-1&ref=ref-1").isCorrelated)
        #expect(try await bench.desk.open(application, query: "referralRef=made-up&ref=ref-1").isCorrelated)
        let other = try await bench.desk.open(application, query: "ref=ref-2")
        #expect(other.destination == .exchange("hospital.canonical", routingKey: "5678.listing-2.launch-requested"))
        application.site = "1234"
        let passage = try await bench.desk.open(application, query: "ref=ref-2&siteNum=5678")
        #expect(!passage.isCorrelated)
        let exchanged = try await bench.exchange(passage, application)
        #expect(exchanged.referral == nil)
        #expect(exchanged.site == "1234")
        #expect(exchanged.listing == nil)
    }

    @Test("a referral that came after the browser is known at the exchange")
    func late() async throws {
        let known = Mutex(false)
        let clock = ManualClock()
        let book = MemoryLaunchBook()
        let desk = LaunchDesk(
            signer: HandleSigner(secret: Array("0123456789abcdef".utf8)), book: book, audit: book, sites: [],
            clock: clock
        ) { reference throws(StoreError) in
            known.withLock { $0 } && reference == "ref-1" ? LaunchBench.record : nil
        }
        let application = try LaunchBench.application()
        let passage = try await desk.open(application, query: "ref=ref-1")
        #expect(!passage.isCorrelated)
        known.withLock { $0 = true }
        let launch = try await desk.exchange(
            handle(of: passage.url), verifier: nil, applications: ["booking": application], caller: ["booking"])
        #expect(launch.referral == "ref-1")
        #expect(launch.service == "CARDIOLOGY")
        #expect(book.events.map(\.referral) == [nil, "ref-1"])
    }

    @Test("launches a minute are counted apart with and without a known referral")
    func pace() async throws {
        let bench = LaunchBench()
        var application = try LaunchBench.application()
        application.launchesPerMinute = 2
        let limited = application
        for _ in 0..<2 { _ = try await bench.desk.open(limited, query: "ref=made-up") }
        await #expect(throws: LaunchRefusal.tooMany(wait: 61)) { try await bench.desk.open(limited, query: "") }
        for _ in 0..<2 { _ = try await bench.desk.open(limited, query: "ref=ref-1") }
        await #expect(throws: LaunchRefusal.tooMany(wait: 61)) {
            try await bench.desk.open(limited, query: "ref=ref-1")
        }
        bench.clock.advance(by: .seconds(60))
        _ = try await bench.desk.open(limited, query: "")
    }

    @Test("without the store nothing is let through, and nothing is given out")
    func store() async throws {
        let bench = LaunchBench()
        let application = try LaunchBench.application()
        let passage = try await bench.desk.open(application, query: "")
        let away = StoreError(.unavailable, "scripted")
        bench.book.fail(away)
        await #expect(throws: LaunchRefusal.unavailable(away)) { try await bench.desk.open(application, query: "") }
        await #expect(throws: ExchangeRefusal.unavailable(away)) {
            try await bench.exchange(passage, application)
        }
        bench.book.fail(nil)
        _ = try await bench.exchange(passage, application)
    }

    @Test("each step is in the audit, with references only")
    func audit() async throws {
        let bench = LaunchBench()
        let application = try LaunchBench.application()
        let passage = try await bench.desk.open(application, query: "ref=ref-1&lang=Canary&state=Canary")
        _ = try await bench.exchange(passage, application)
        #expect(bench.book.events.map(\.action) == ["launch.request", "launch.exchange"])
        for event in bench.book.events {
            #expect(event.actor == "launch/booking")
            #expect(event.referral == "ref-1")
            #expect(event.messageID == passage.message.id)
            #expect(!"\(event)".contains("Canary"))
            #expect(!"\(event)".contains(handle(of: passage.url)))
        }
    }

    @Test("a query of 8193 bytes is refused")
    func longQuery() async throws {
        let bench = LaunchBench()
        let application = try LaunchBench.application()
        await #expect(throws: LaunchRefusal.queryTooLong) {
            try await bench.desk.open(application, query: String(repeating: "x", count: 8193))
        }
    }
}
