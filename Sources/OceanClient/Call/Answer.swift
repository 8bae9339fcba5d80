// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import Ocean

/// An HTTP answer as far as the bridge keeps it.
struct Answer: Sendable {
    let status: Int
    /// By lower-case name; the first value of each.
    let headers: [String: String]
    let body: [UInt8]
    /// False when the body was longer than asked for, or broke off.
    let isComplete: Bool

    func header(_ name: String) -> String? { headers[name.lowercased()] }

    /// A page for people where a machine's answer belongs: a proxy's login, a maintenance page.
    var isWebPage: Bool {
        guard header("content-type")?.lowercased().contains("html") == true else { return false }
        return body.first { ![0x20, 0x09, 0x0A, 0x0D].contains($0) } == 0x3C
    }
}

/// What a status means.
enum Classification {
    /// How much of Ocean's answer is kept with an error.
    static let keptBytes = 64 << 10

    /// The error behind a status that is not 2xx; 401 is the caller's to try again first.
    static func error(_ answer: Answer, call: String, now: Timestamp) -> OceanServiceError {
        let body = Array(answer.body.prefix(keptBytes))
        let retryAfter = answer.header("retry-after").flatMap { RetryAfter.parse($0, now: now) }
        func make(_ code: OceanServiceError.Code, _ text: String) -> OceanServiceError {
            OceanServiceError(
                code, "\(call): HTTP \(answer.status); \(text)", status: answer.status, retryAfter: retryAfter,
                body: body)
        }
        switch answer.status {
        case 408, 425, 429, 500...599: return make(.unavailable, "Ocean cannot take it now")
        case 401: return make(.unauthorized, "Ocean does not take the site's token; check the site's credentials")
        case 403: return make(.unauthorized, "the site may not do this; it may no longer be the current receiver")
        case 400...499: return make(.refused, "Ocean refused it")
        case 300...399: return make(.invalidAnswer, "redirects are not followed; set ocean.host to the final address")
        default: return make(.invalidAnswer, "not a final HTTP status")
        }
    }

    /// The error behind a 2xx whose body says that Ocean did not do it: told as done, the change would be lost unseen.
    static func failure(
        inside answer: Answer, _ reading: AnswerReading, call: String, now: Timestamp
    ) -> OceanServiceError {
        let isTransient = reading.response == .transientError
        return OceanServiceError(
            isTransient ? .unavailable : .refused,
            "\(call): HTTP \(answer.status), but the answer says "
                + (isTransient ? "that it could not be processed now" : "that it was not processed"),
            status: answer.status,
            retryAfter: answer.header("retry-after").flatMap { RetryAfter.parse($0, now: now) },
            body: Array(answer.body.prefix(keptBytes)))
    }
}
