// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import BridgeTestKit
import JSON
import Ocean
import Testing

@testable import Workers

@Suite("Refusals in words", .timeLimit(.minutes(15)))
struct KnownRefusalTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let status: Int
        let code: String
        let words: String
        var record: ReferralStatus?
        var recordSite = "1234"
        let expected: KnownRefusal

        var testDescription: String { "\(status) \(code): \(words)" }
    }

    /// The pretend Ocean's own words first.
    static let cases: [Case] = [
        Case(
            status: 403, code: "forbidden", words: "Only the current receiver may update this referral.",
            expected: .notCurrentReceiver),
        Case(
            status: 403, code: "forbidden", words: "Only the current receiver may update this referral.",
            record: .forwarded, expected: .forwarded),
        Case(
            status: 403, code: "forbidden", words: "Only the current receiver may update this referral.",
            record: .received, recordSite: "5678", expected: .wrongSite),
        Case(
            status: 404, code: "not-found", words: "There is no referral of that reference.", expected: .unknownReferral
        ),
        Case(
            status: 404, code: "not-found", words: "There is no listing of that reference.", expected: .unknownListing),
        Case(
            status: 404, code: "not-found",
            words: "There is no such appointment; repeat the id of the one to be removed.",
            expected: .unknownAppointment),
        Case(
            status: 409, code: "business-rule",
            words: "The sender has cancelled this referral; reopen it first.", expected: .referralCancelled),
        Case(
            status: 409, code: "business-rule",
            words: "A finished referral cannot be forwarded; reopen it first.", expected: .notInThisState),
        Case(
            status: 409, code: "business-rule",
            words: "The referral is cancelled or forwarded already.", expected: .notInThisState),
        Case(
            status: 409, code: "conflict", words: "No.", record: .cancelled, expected: .referralCancelled),
        Case(
            status: 400, code: "not-supported",
            words: "Only the sender can cancel, in Ocean; decline the referral instead.", expected: .notSupported),
        Case(
            status: 400, code: "invalid", words: "A dated appointment needs an id and a start.",
            expected: .contentRefused),
        Case(status: 401, code: "login", words: "A valid bearer token is missing.", expected: .credentialsRefused),
        Case(
            status: 403, code: "forbidden", words: "The client lacks the required scope.",
            expected: .credentialsLackRole),
        Case(
            status: 400, code: "business-rule", words: "The listing is not linked to an integration.",
            expected: .listingNotLinked),
        Case(status: 413, code: "too-long", words: "The body is longer than 10 MiB.", expected: .tooLarge),
        Case(status: 200, code: "exception", words: "It failed.", expected: .errorInAnswer),
        Case(status: 418, code: "processing", words: "I am a teapot.", expected: .other),
    ]

    private static func error(_ one: Case) -> OceanServiceError {
        let body: JSONValue = [
            "resourceType": "OperationOutcome",
            "issue": [
                [
                    "severity": "error", "code": .string(one.code), "diagnostics": .string(one.words),
                    "expression": ["Task.status"],
                ]
            ],
        ]
        let isRight = one.status == 401 || one.status == 403
        return OceanServiceError(
            isRight ? .unauthorized : .refused, "HTTP \(one.status)", status: one.status, body: body.bytes())
    }

    @Test("each refusal that is known has a word, words and a remedy", arguments: cases)
    func known(_ one: Case) async throws {
        let bench = PublisherBench.answering { _, _ in Self.error(one) }
        if let status = one.record {
            bench.store.put(
                ReferralRecord(
                    reference: "ref-1", site: one.recordSite, status: status.rawValue,
                    sourceTime: Timestamp(milliseconds: 5)))
        }
        #expect(await bench.handle(Update.message("u1")) == .done)
        let result = try #require(try bench.results().first)
        #expect(result.outcome == .refused)
        #expect(result.reason == one.expected.rawValue)
        #expect(result.explanation?.hasSuffix(one.expected.explanation) == true)
        #expect(result.remedy == one.expected.remedy)
        #expect(result.status == one.status)
        #expect(
            result.issues == [
                AnswerIssue(
                    severity: "error", code: one.code, diagnostics: one.words, expression: ["Task.status"])
            ])
        let letter = try #require(bench.bus.published(to: "ocean.dead-letters").first)
        #expect(letter.headers["x-refusal"] == .string(one.expected.rawValue))
        #expect(letter.headers["x-issues"] == .string("error \(one.code) Task.status"))
    }

    @Test("every refusal says something, has something to do about it, and none names a patient or a payload")
    func words() {
        for refusal in KnownRefusal.allCases {
            #expect(refusal.explanation.count > 30)
            #expect(refusal.remedy.count > 20)
            #expect(refusal.explanation.hasSuffix("."))
            #expect(refusal.remedy.hasSuffix("."))
        }
    }

    @Test("a site that the settings do not know is refused with the administrator's part")
    func notConfigured() async throws {
        let bench = PublisherBench.answering { _, _ in OceanServiceError(.notConfigured, "no credentials") }
        await bench.handle(Update.message("u1"))
        let result = try #require(try bench.results().first)
        #expect(result.reason == "site-not-configured")
        #expect(result.remedy?.contains("administrator") == true)
    }

    @Test("Ocean's words stay in the result's body: no header, routing key, log or event has them")
    func privacy() async throws {
        let body =
            #"{"resourceType":"OperationOutcome","issue":[{"severity":"error","code":"\#(canary)","diagnostics":"\#(canary)","expression":["Patient.name.where(family='\#(canary)')"]}]}"#
        let log = LogLines()
        let bench = PublisherBench(logger: log.logger) { _, _ in
            OceanServiceError(.refused, "HTTP 400", status: 400, body: Array(body.utf8))
        }
        await bench.handle(Update.message("u1"))
        #expect(try bench.results().first?.issues.first?.diagnostics == canary)
        var shown = bench.recorder.events.map { "\($0)" } + log.lines
        for entry in bench.bus.published {
            var envelope = entry.message
            envelope.body = []
            shown.append("\(envelope) \(entry.destination)")
        }
        #expect(!log.lines.isEmpty)
        #expect(shown.allSatisfy { !$0.contains(canary) })
    }

    @Test("an answer that is no JSON is kept as text, a page is not")
    func text() async throws {
        for (body, kept) in [("Bad gateway", JSONValue.string("Bad gateway")), ("<html>x</html>", nil)] {
            let bench = PublisherBench.answering { _, _ in
                OceanServiceError(.refused, "HTTP 400", status: 400, body: Array(body.utf8))
            }
            await bench.handle(Update.message("u1"))
            #expect(try bench.results().first?.answer == kept)
        }
    }

    @Test("what Ocean says to an update that it takes is kept too, if it is an OperationOutcome")
    func warnings() async throws {
        let warning =
            #"{"resourceType":"OperationOutcome","issue":[{"severity":"warning","code":"value","diagnostics":"late"}]}"#
        for (body, count) in [(warning, 1), (#"{"resourceType":"Bundle","entry":[]}"#, 0)] {
            let bench = PublisherBench(answer: Array(body.utf8)) { _, _ in nil }
            await bench.handle(Update.message("u1"))
            let result = try #require(try bench.results().first)
            #expect(result.outcome == .delivered)
            #expect(result.issues.count == count)
            #expect((result.answer != nil) == (count == 1))
        }
    }
}
