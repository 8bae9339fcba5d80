// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import JSON
import Ocean
import Testing

@Suite("What Ocean's answers say")
struct AnswerReadingTests {
    private func reading(_ text: String) -> AnswerReading { AnswerReading(Array(text.utf8)) }

    @Test("an OperationOutcome gives severity, code, words and places")
    func outcome() {
        let answer = reading(
            """
            {"resourceType":"OperationOutcome","issue":[
              {"severity":"error","code":"forbidden","diagnostics":"no","expression":["Task.status"]},
              {"severity":"warning","code":"value","details":{"text":"odd"},"location":["/f:Task"]},
              {"code":17}, "nonsense"]}
            """)
        #expect(
            answer.issues == [
                AnswerIssue(severity: "error", code: "forbidden", diagnostics: "no", expression: ["Task.status"]),
                AnswerIssue(severity: "warning", code: "value", diagnostics: "odd", expression: ["/f:Task"]),
                AnswerIssue(severity: "error", code: "unknown"),
            ])
        #expect(answer.isFailure)
        #expect(answer.kept == answer.json)
        #expect(answer.keptOfSuccess != nil)
    }

    @Test("information and warnings are no failure")
    func success() {
        let answer = reading(
            #"{"resourceType":"OperationOutcome","issue":[{"severity":"information","code":"informational"}]}"#)
        #expect(!answer.isFailure)
        #expect(answer.issues.count == 1)
    }

    @Test(
        "a message bundle is judged by its header's response and the outcome inside",
        arguments: [("ok", false), ("transient-error", true), ("fatal-error", true)])
    func message(_ code: String, _ isFailure: Bool) {
        let answer = reading(
            """
            {"resourceType":"Bundle","type":"message","entry":[
              {"resource":{"resourceType":"MessageHeader","response":{"identifier":"h1","code":"\(code)"}}},
              {"resource":{"resourceType":"OperationOutcome","issue":[
                {"severity":"information","code":"processing","diagnostics":"inside"}]}}]}
            """)
        #expect(answer.response?.rawValue == code)
        #expect(answer.isFailure == isFailure)
        #expect(answer.issues.map(\.diagnostics) == ["inside"])
        #expect(answer.keptOfSuccess == nil, "a bundle may repeat the referral")
    }

    @Test("text is kept, pages, half JSON objects' bytes and nothing at all are no trouble")
    func others() {
        #expect(reading("Gateway says no").kept == .string("Gateway says no"))
        #expect(reading("  <html>Sign in</html>").kept == nil)
        #expect(reading("").kept == nil)
        #expect(AnswerReading([0xFF, 0xFE, 0x00]).kept == nil)
        #expect(!reading(#"{"resourceType":"OperationOutc"#).isFailure)
        #expect(reading(String(repeating: "x", count: 9000)).text?.count == 4000)
    }

    @Test("of an answer without end only a bounded part is read")
    func bounded() {
        let issue = #"{"severity":"error","code":"invalid","diagnostics":"\#(String(repeating: "d", count: 3000))"}"#
        let many = Array(repeating: issue, count: 50).joined(separator: ",")
        let answer = reading(#"{"resourceType":"OperationOutcome","issue":[\#(many)]}"#)
        #expect(answer.issues.count == 20)
        #expect(answer.issues.allSatisfy { $0.diagnostics?.count == 2000 })
    }

    @Test("the summary holds codes and plain paths, never Ocean's words or values")
    func summary() {
        let issue = AnswerIssue(
            severity: "error", code: "forbidden", diagnostics: "Zzyzx-Canary",
            expression: ["Bundle.entry[2].resource", "Patient.name.where(family='Zzyzx-Canary')"])
        #expect(issue.summary == "error forbidden Bundle.entry[2].resource")
        #expect(AnswerIssue(severity: "Zzyzx Canary", code: "née").summary == "unknown unknown")
    }
}
