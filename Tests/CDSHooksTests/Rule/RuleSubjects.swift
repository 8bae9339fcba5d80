// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import BridgeTestKit
import CDSHooks
import Foundation
import JSON

/// Referrals of invented people for rules to look at.
enum RuleSubjects {
    static let source = Card.Source(label: "Invented hospital")
    static let now = Timestamp("2026-03-04T15:00:00Z") ?? Timestamp(milliseconds: 0)

    static func subject(
        _ service: String? = "ORTHOPAEDICS", form: JSONValue? = nil, _ adjust: (inout Referral) -> Void = { _ in }
    ) -> HookSubject {
        var referral = Referral()
        referral.ref = "own"
        adjust(&referral)
        return HookSubject(
            referral: referral, site: "1234", service: service, patientKey: nil, questionnaireResponse: form)
    }

    /// A QuestionnaireResponse as Ocean writes it: flat, text answers, unanswered items without `answer`.
    static func form(_ ref: String, _ answers: [(String, String?)]) -> JSONValue {
        var response: JSONValue = ["resourceType": "QuestionnaireResponse", "status": "completed"]
        response["identifier"] = ["value": .string(ref)]
        response["item"] = .array(
            answers.map { linkID, answer in
                var item: JSONValue = ["linkId": .string(linkID)]
                if let answer { item["answer"] = [["valueString": .string(answer)]] }
                return item
            })
        return response
    }

    static func form(_ answers: [(String, String?)]) -> JSONValue { form("quickReferral", answers) }

    static func example(_ name: String) throws -> [UInt8] {
        try Array(Data(contentsOf: URL(filePath: Fixture.path("../../deploy/cds/\(name)"))))
    }
}

extension CardRule {
    /// Summaries of the cards.
    func says(_ subject: HookSubject) async throws -> [String] {
        try await cards(for: subject, now: RuleSubjects.now).map(\.summary)
    }
}
