// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

package import BridgeCore
package import JSON

/// What a body that Ocean answered says: an OperationOutcome, or a message bundle that holds one, or something else.
///
/// Ocean's documents do not say what its answers look like; FHIR says both forms (HL7 FHIR R4, $process-message).
package struct AnswerReading: Sendable, Hashable {
    /// `MessageHeader.response.code` of an answer that is a message bundle.
    package enum Response: String, Sendable, Hashable {
        case okay = "ok"
        case transientError = "transient-error"
        case fatalError = "fatal-error"
    }

    private static let mostIssues = 20
    private static let longestDiagnostics = 2000
    private static let mostExpressions = 10
    private static let longestText = 4000

    /// Nil when the body is not JSON.
    package let json: JSONValue?
    /// At most 20, in Ocean's order.
    package let issues: [AnswerIssue]
    package let response: Response?
    /// The body when it is neither JSON nor a web page, at most 4,000 characters.
    package let text: String?

    package init(_ body: [UInt8]) {
        // Other bodies than JSON are expected: empty ones, text, pages.
        json = body.isEmpty ? nil : try? JSONValue(parsing: body)
        if let json {
            let outcomes = Self.outcomes(in: json)
            issues = Array(outcomes.flatMap { Self.issues(of: $0) }.prefix(Self.mostIssues))
            response =
                Self.entries(of: json).lazy
                .compactMap { $0["response"]?["code"]?.stringValue }.compactMap { Response(rawValue: $0) }.first
            text = nil
        } else {
            issues = []
            response = nil
            text = Self.plainText(body)
        }
    }

    /// Whether Ocean said that it did not do it, whatever the HTTP status.
    package var isFailure: Bool {
        response == .fatalError || response == .transientError || issues.contains(where: \.isError)
    }

    /// What of the answer goes into a result: JSON as it is, other text as a string.
    package var kept: JSONValue? { json ?? text.map { .string($0) } }

    /// The answer when it is an OperationOutcome: of a success nothing else is kept, lest a whole referral that Ocean
    /// repeats spread through results.
    package var keptOfSuccess: JSONValue? {
        json?["resourceType"]?.stringValue == "OperationOutcome" ? json : nil
    }

    private static func entries(of json: JSONValue) -> [JSONValue] {
        guard json["resourceType"]?.stringValue == "Bundle" else { return [] }
        return (json["entry"]?.arrayValue ?? []).prefix(100).compactMap { $0["resource"] }
    }

    private static func outcomes(in json: JSONValue) -> [JSONValue] {
        ([json] + entries(of: json)).filter { $0["resourceType"]?.stringValue == "OperationOutcome" }
    }

    private static func issues(of outcome: JSONValue) -> [AnswerIssue] {
        (outcome["issue"]?.arrayValue ?? []).prefix(mostIssues).compactMap { issue in
            guard issue.objectValue != nil else { return nil }
            let words =
                issue["diagnostics"]?.stringValue ?? issue["details"]?["text"]?.stringValue
                ?? issue["details"]?["coding"]?[0]?["display"]?.stringValue
            let places = issue["expression"]?.arrayValue ?? issue["location"]?.arrayValue ?? []
            return AnswerIssue(
                severity: issue["severity"]?.stringValue ?? "error", code: issue["code"]?.stringValue ?? "unknown",
                diagnostics: words.map { String($0.prefix(longestDiagnostics)) },
                expression: places.prefix(mostExpressions).compactMap { $0.stringValue })
        }
    }

    private static func plainText(_ body: [UInt8]) -> String? {
        guard let text = String(validating: body, as: UTF8.self) else { return nil }
        let trimmed = text.drop { $0.isWhitespace }
        // A page for people, or a JSON text that broke off.
        guard let first = trimmed.first, first != "<" else { return nil }
        return String(trimmed.prefix(longestText))
    }
}
