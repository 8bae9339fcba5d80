// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import JSON

/// How a webhook answered the challenge.
package struct ChallengeResult: Sendable, Hashable {
    /// HTTP status of the answer.
    package let status: Int
    /// 200 with the same challenge in a JSON object.
    package let isPassed: Bool
}

extension WebhookSender {
    func challenge(_ name: String) async throws(WebhookFailure) -> ChallengeResult {
        let text = (0..<4).map { _ in String(UInt64.random(in: .min ... .max), radix: 36) }.joined()
        let body: JSONValue = ["challenge": .string(text)]
        let answer = try await call(name, body: body.bytes(), contentType: "application/json")
        let echoed = (try? JSONValue(parsing: answer.body))?["challenge"]?.stringValue
        return ChallengeResult(status: answer.status, isPassed: answer.status == 200 && echoed == text)
    }
}
