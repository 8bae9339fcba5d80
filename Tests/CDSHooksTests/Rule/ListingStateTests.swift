// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import Testing

@testable import CDSHooks

@Suite("Rule: state of the listing")
struct ListingStateTests {
    private func rule(_ text: String) throws -> ListingStateRule {
        try ListingStateRule(file: Array(text.utf8), name: "state.json", source: RuleSubjects.source)
    }

    private func cards(_ text: String) async throws -> [Card] {
        try await rule(text).cards(for: RuleSubjects.subject("A"), now: RuleSubjects.now)
    }

    @Test("a closed service stops, with the file's words and another way")
    func closed() async throws {
        let plain = try await cards(#"{"services": [{"service": "A", "closed": true}]}"#)
        #expect(plain.map(\.summary) == ["This service does not take referrals at present."])
        #expect(plain.map(\.indicator) == [.critical])
        let told = try await cards(
            #"""
            {"services": [{"service": "A", "closed": true, "text": "Moved.", "detail": "To **B**.",
             "indicator": "warning", "alternative": {"label": "B", "url": "https://hospital.example/b"}}]}
            """#)
        #expect(
            told == [
                Card(
                    summary: "Moved.", detail: "To **B**.", indicator: .warning, source: RuleSubjects.source,
                    links: [Card.Link(label: "B", url: "https://hospital.example/b")])
            ])
    }

    @Test(
        "a wait above the bound is told",
        arguments: [
            (#""wait": {"weeks": 26}, "longestWait": {"weeks": 26}"#, nil),
            (
                #""wait": {"days": 183}, "longestWait": {"weeks": 26}"#,
                "The wait for this service is about 183 days, above 26 weeks."
            ),
            (#""wait": {"weeks": 1}"#, nil),
            (#""wait": {"weeks": 60}"#, "The wait for this service is about 60 weeks, above 52 weeks."),
            (
                #""wait": {"days": 1}, "longestWait": {"days": 0}"#,
                "The wait for this service is about 1 day, above 0 days."
            ),
            (#""wait": {"weeks": 60}, "text": "Long wait.""#, "Long wait."), (#""closed": false"#, nil),
        ] as [(String, String?)])
    func wait(entry: String, summary: String?) async throws {
        let cards = try await cards(
            #"{"longestWait": {"weeks": 52}, "services": [{"service": "A", \#(entry)}]}"#)
        #expect(cards.map(\.summary) == [summary].compactMap(\.self))
        #expect(cards.allSatisfy { $0.indicator == .warning })
    }

    @Test("a service that is not in the table has no card; * stands for every service")
    func services() async throws {
        #expect(try await cards(#"{"services": [{"service": "B", "closed": true}]}"#) == [])
        #expect(try await cards(#"{"services": [{"service": "*", "closed": true}]}"#).count == 1)
        #expect(try await cards(#"{"services": [{"service": "B", "wait": {"weeks": 9}}]}"#) == [])
    }

    @Test(
        "a table that cannot be is refused with its place",
        arguments: [
            ("[]", "#"), ("{}", "#/services"), (#"{"services": [{"closed": true}]}"#, "#/services/0/service"),
            (#"{"services": [{"service": "A"}, {"service": "A"}]}"#, "#/services/1/service"),
            (#"{"services": [{"service": "A", "wait": {}}]}"#, "#/services/0/wait"),
            (#"{"services": [{"service": "A", "wait": {"days": 1, "weeks": 1}}]}"#, "#/services/0/wait"),
            (#"{"services": [{"service": "A", "wait": {"days": -1}}]}"#, "#/services/0/wait"),
            (#"{"services": [{"service": "A", "wait": {"days": 1.5}}]}"#, "#/services/0/wait/days"),
            (#"{"services": [{"service": "A", "wait": {"months": 1}}]}"#, "#/services/0/wait/months"),
            (#"{"services": [{"service": "A", "longestWait": {"days": 1}}]}"#, "#/services/0/longestWait"),
            (#"{"services": [{"service": "A", "close": true}]}"#, "#/services/0/close"),
            (
                #"{"services": [{"service": "A", "alternative": {"label": "x", "url": "http://b.example"}}]}"#,
                "#/services/0/alternative/url"
            ),
            (
                #"{"services": [{"service": "A", "alternative": {"label": "x", "url": "https://"}}]}"#,
                "#/services/0/alternative/url"
            ),
            (#"{"longestWait": {"weeks": 99999}, "services": []}"#, "#/longestWait"),
            ("{\"services\": [\n  {,", ":2:4"),
        ])
    func refused(text: String, place: String) throws {
        let error = try #require(throws: RuleFileError.self) { try rule(text) }
        #expect(error.place == "state.json" + place)
        #expect(!error.message.isEmpty)
    }

    @Test("a summary longer than a card takes is refused at the start")
    func long() throws {
        let text = String(repeating: "x", count: 140)
        let error = try #require(throws: RuleFileError.self) {
            try rule(#"{"services": [{"service": "A", "closed": true, "text": "\#(text)"}]}"#)
        }
        #expect(error.place == "state.json#/services/0/text")
    }
}
