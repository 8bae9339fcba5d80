// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

package import BridgeCore

/// How a scenario went. It ends with the first step that fails.
package struct ScenarioReport: JSONRecord {
    package var title: String?
    package var passed = false
    package var steps: [Step] = []

    package init() {}

    package static let fields: [Field<ScenarioReport>] = [
        .optional("title", \.title), .required("passed", \.passed), .list("steps", \.steps),
    ]

    /// One step that was played.
    package struct Step: JSONRecord {
        /// Counted from 1.
        package var number = 0
        package var action: ScenarioStep.Action = .wait
        /// The referrals or the patient that it made or touched.
        package var references: [String] = []
        /// Of a launch: where Ocean would send the browser.
        package var address: String?
        /// Why it failed; nil when it did not.
        package var failure: String?

        package init() {}

        package static let fields: [Field<Step>] = [
            .required("number", \.number), .required("do", \.action), .list("refs", \.references),
            .optional("url", \.address),
            .optional("failure", \.failure),
        ]

        /// One line for a terminal.
        package var line: String {
            let refs = references.isEmpty ? "" : " " + references.joined(separator: ", ")
            let url = address.map { " \($0)" } ?? ""
            return "\(failure == nil ? "ok    " : "FAILED") \(number) \(action.rawValue)\(refs)\(url)"
                + (failure.map { ": \($0)" } ?? "")
        }
    }
}
