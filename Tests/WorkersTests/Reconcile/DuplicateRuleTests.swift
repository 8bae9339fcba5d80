// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import Testing

@testable import Workers

@Suite("The duplicate rule")
struct DuplicateRuleTests {
    private static let start = Timestamp(milliseconds: 1_767_261_600_000)

    private static func content(
        _ bundle: String?, _ header: String?, _ digest: String, at minutes: Int = 0, happened: Int? = nil
    ) -> DeliveredContent {
        DeliveredContent(
            stream: "s", bundleID: bundle, headerID: header, digest: digest,
            sourceTime: start.advanced(by: .seconds(60 * (happened ?? minutes))),
            deliveredAt: start.advanced(by: .seconds(60 * minutes)))
    }

    private static func verdict(_ incoming: DeliveredContent, _ recent: [DeliveredContent]) -> DuplicateRule.Verdict {
        DuplicateRule.verdict(on: incoming, among: recent, window: .seconds(3600))
    }

    /// One row of the table in docs/messages.md.
    struct Row: Sendable, CustomTestStringConvertible {
        let bundle: String
        let header: String
        let digest: String
        let minutes: Int
        let cell: DuplicateRule.Cell
        let isDuplicate: Bool
        var testDescription: String { "\(bundle) \(header) \(digest) after \(minutes) min" }
    }

    @Test(
        "the four cells, with the same content and with another, within the hour and after",
        arguments: [
            Row(bundle: "b2", header: "h2", digest: "other", minutes: 5, cell: .neither, isDuplicate: false),
            Row(bundle: "b2", header: "h2", digest: "d1", minutes: 59, cell: .neither, isDuplicate: true),
            Row(bundle: "b2", header: "h2", digest: "d1", minutes: 60, cell: .neither, isDuplicate: false),
            Row(bundle: "b1", header: "h1", digest: "d1", minutes: 5, cell: .both, isDuplicate: true),
            Row(bundle: "b1", header: "h1", digest: "d1", minutes: 50_000, cell: .both, isDuplicate: true),
            Row(bundle: "b1", header: "h1", digest: "other", minutes: 5, cell: .both, isDuplicate: false),
            Row(bundle: "b2", header: "h1", digest: "d1", minutes: 5, cell: .header, isDuplicate: true),
            Row(bundle: "b2", header: "h1", digest: "d1", minutes: 60, cell: .header, isDuplicate: false),
            Row(bundle: "b2", header: "h1", digest: "other", minutes: 5, cell: .header, isDuplicate: false),
            Row(bundle: "b1", header: "h2", digest: "d1", minutes: 5, cell: .bundle, isDuplicate: true),
            Row(bundle: "b1", header: "h2", digest: "d1", minutes: 60, cell: .bundle, isDuplicate: false),
            Row(bundle: "b1", header: "h2", digest: "other", minutes: 5, cell: .bundle, isDuplicate: false),
        ])
    func cells(_ row: Row) {
        let known = Self.content("b1", "h1", "d1")
        let found = Self.verdict(Self.content(row.bundle, row.header, row.digest, at: row.minutes), [known])
        #expect(found.cell == row.cell)
        #expect(found.isDuplicate == row.isDuplicate)
    }

    @Test("a state that returns is delivered, however soon: something came between")
    func returned() {
        let recent = [Self.content("b2", "h2", "declined", at: 1), Self.content("b1", "h1", "accepted")]
        #expect(!Self.verdict(Self.content("b3", "h3", "accepted", at: 2), recent).isDuplicate)
    }

    @Test("a known message in a new envelope, with something between, happened when it was sent first")
    func resent() {
        let recent = [Self.content("b2", "h2", "declined", at: 1), Self.content("b1", "h1", "accepted")]
        let found = Self.verdict(Self.content("b3", "h1", "accepted", at: 2), recent)
        #expect(!found.isDuplicate)
        #expect(found.cell == .header)
        #expect(found.sourceTime == Self.start)
    }

    @Test("a state that returns is delivered although a late message of the same content came last")
    func returnedBehindLate() {
        let recent = [
            Self.content("b3", "h1", "accepted", at: 2, happened: 0), Self.content("b2", "h2", "declined", at: 1),
            Self.content("b1", "h1", "accepted"),
        ]
        #expect(!Self.verdict(Self.content("b4", "h4", "accepted", at: 3), recent).isDuplicate)
        #expect(Self.verdict(Self.content("b5", "h5", "declined", at: 3), recent).isDuplicate)
    }

    @Test("an older message with the content of the last one is late, no repetition")
    func older() {
        let recent = [Self.content("b2", "h2", "accepted", at: 10)]
        #expect(!Self.verdict(Self.content("b1", "h1", "accepted", at: 11, happened: 5), recent).isDuplicate)
    }

    @Test("ids that are missing match nothing")
    func missing() {
        let recent = [Self.content(nil, nil, "d1"), Self.content("", "", "d1")]
        for (bundle, header) in [(nil, nil), ("", "")] as [(String?, String?)] {
            let found = Self.verdict(Self.content(bundle, header, "d1", at: 90), recent)
            #expect(found.cell == .neither)
            #expect(!found.isDuplicate)
        }
    }
}
