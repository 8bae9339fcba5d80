// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import JSON

/// Form of the file of `required-answers`.
struct RequiredAnswersFile: RuleDocument {
    var services: [Service] = []

    init() {}

    static let fields: [Field<RequiredAnswersFile>] = [.required("services", \.services)]

    /// What one service requires of one form.
    struct Service: JSONRecord {
        var service = ""
        var form: String?
        var formRequired = false
        var questionnaire: String?
        var indicator: Card.Indicator = .warning
        var answers: [Answer] = []

        init() {}

        static var definitionName: String { "RequiredAnswersService" }

        static let fields: [Field<Service>] = [
            .required("service", \.service, "External Service ID or listing; * for every service"),
            .optional("form", \.form, "form reference, such as quickReferral; without it any form of the referral"),
            .flag("formRequired", \.formRequired),
            .optional(
                "questionnaire", \.questionnaire,
                "path of a FHIR Questionnaire (JSON), as seen from this file, whose required items count too"),
            .defaulted("indicator", \.indicator), .list("answers", \.answers),
        ]
    }

    /// An item by its linkId or its caption.
    struct Answer: JSONRecord {
        var linkID: String?
        var text: String?
        var label: String?
        var when: Condition?

        init() {}

        static var definitionName: String { "RequiredAnswer" }

        static let fields: [Field<Answer>] = [
            .optional("linkId", \.linkID), .optional("text", \.text, "the item's caption, where linkIds change"),
            .optional("label", \.label, "how the card calls it"),
            .optional("when", \.when, "required only if this is certainly so"),
        ]
    }

    func check() throws(RecordError) {
        for (place, service) in services.enumerated() {
            let pointer = JSONPointer.root.appending("services").appending(place)
            guard !service.service.isEmpty else {
                throw RecordError(at: pointer.appending("service"), message: "must not be empty")
            }
            guard !service.answers.isEmpty || service.questionnaire != nil || service.formRequired else {
                throw RecordError(at: pointer, message: "needs answers, questionnaire or formRequired")
            }
            for (number, answer) in service.answers.enumerated()
            where (answer.linkID ?? "").isEmpty == (answer.text ?? "").isEmpty {
                throw RecordError(
                    at: pointer.appending("answers").appending(number), message: "needs either linkId or text")
            }
        }
    }
}
