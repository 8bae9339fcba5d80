// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import HTTPTypes
import Launch
import Logging

/// The address to which Ocean sends a browser.
///
/// The launch is on the bus before the browser goes on. Nothing of the query is logged, or shown on a page.
struct LaunchLanding: Sendable {
    let applications: [String: LaunchApplication]
    let desk: LaunchDesk
    let publisher: IngressPublisher
    let metrics: LaunchMetrics
    let logger: Logger

    func handle(_ request: RouteRequest) async -> Answer {
        guard let application = request.parameters["application"].flatMap({ applications[$0] }) else {
            let page = LaunchPage(
                notice: "Unknown address",
                lines: ["No application is set up under this address. Please tell the clinic that sent you here."],
                application: nil)
            finish(request, LaunchMetrics.unknownApplication, "unknown-application", nil)
            return Self.answer(page, .notFound)
        }
        // Link checkers and browsers that look ahead are no launch.
        guard request.head.method == .get else { return Self.headers(Answer(.ok), application) }
        guard !Self.isLookingAhead(request.headers) else {
            finish(request, application.name, "prefetch", nil)
            return Self.answer(
                LaunchPage(notice: "Not yet", lines: ["Please open the address."], application: application),
                .serviceUnavailable)
        }
        do throws(LaunchRefusal) {
            let passage = try await desk.open(application, query: request.query, trace: request.trace)
            metrics.unusable(passage.unusable, application: application.name)
            switch await publisher.publish(
                passage.message, to: passage.destination, integration: "launch/\(application.name)", holding: nil)
            {
            case .durable: break
            case .failed(let error):
                finish(request, application.name, "bus-\(error.code.rawValue)", passage)
                return Self.notNow(application, Int.random(in: 5...30))
            case .late:
                finish(request, application.name, "bus-late", passage)
                return Self.notNow(application, Int.random(in: 5...30))
            }
            finish(request, application.name, passage.isCorrelated ? "launched" : "launched-unknown", passage)
            return Self.onward(passage, application)
        } catch {
            finish(request, application.name, error.word, nil)
            return Self.refusal(error, application)
        }
    }

    private static func isLookingAhead(_ headers: HTTPFields) -> Bool {
        ["Sec-Purpose", "Purpose", "X-Moz"].compactMap { HTTPField.Name($0) }.contains { name in
            headers[name]?.lowercased().hasPrefix("prefetch") == true
        }
    }

    private static func onward(_ passage: LaunchPassage, _ application: LaunchApplication) -> Answer {
        guard !application.embeds else {
            return answer(LaunchPage(framing: passage.url, of: application), .ok)
        }
        var answer = headers(Answer(.seeOther), application)
        answer.headers[.location] = passage.url
        return answer
    }

    private static func refusal(_ refusal: LaunchRefusal, _ application: LaunchApplication) -> Answer {
        switch refusal {
        case .queryTooLong:
            return answer(
                LaunchPage(
                    notice: "The address is too long",
                    lines: ["The application was not opened. The referral in Ocean is not affected."],
                    application: application), .uriTooLong)
        case .badProof:
            return answer(
                LaunchPage(
                    notice: "The address is not complete",
                    lines: [
                        "The application was not opened: state, code_challenge or code_challenge_method is missing or "
                            + "not in the form that OAuth gives them (S256 only).",
                        "The referral in Ocean is not affected.",
                    ], application: application), .badRequest)
        case .tooMany(let wait):
            var answer = notNow(application, wait)
            answer.status = .tooManyRequests
            return answer
        case .unavailable: return notNow(application, Int.random(in: 5...30))
        }
    }

    private static func notNow(_ application: LaunchApplication, _ seconds: Int) -> Answer {
        let page = LaunchPage(
            notice: "The application cannot be opened now",
            lines: [
                "Please wait \(seconds) seconds, then load this page again.", "The referral in Ocean is not affected.",
            ], application: application)
        var answer = answer(page, .serviceUnavailable)
        answer.headers[.retryAfter] = String(seconds)
        return answer
    }

    private static func answer(_ page: LaunchPage, _ status: HTTPResponse.Status) -> Answer {
        var answer = headers(Answer(status, body: Array(page.html.utf8)), nil)
        answer.headers[.contentType] = "text/html; charset=utf-8"
        answer.headers[.contentSecurityPolicy] = page.policy
        return answer
    }

    /// What every answer says to the browser: keep nothing, tell nobody where you came from.
    private static func headers(_ answer: Answer, _ application: LaunchApplication?) -> Answer {
        var answer = answer
        answer.headers[.cacheControl] = "no-store"
        answer.headers[.xContentTypeOptions] = "nosniff"
        answer.headers[.contentSecurityPolicy] = LaunchPage.policy(of: application, frames: nil)
        if let name = HTTPField.Name("Referrer-Policy") { answer.headers[name] = "no-referrer" }
        return answer
    }

    private func finish(
        _ request: RouteRequest, _ application: String, _ outcome: String, _ passage: LaunchPassage?
    ) {
        let duration = ContinuousClock.now - request.arrived
        metrics.request(application: application, outcome: outcome, duration: duration)
        var metadata: Logger.Metadata = [
            "application": "\(application)", "outcome": "\(outcome)",
            "milliseconds": "\(duration.nanoseconds / 1_000_000)",
        ]
        if let passage { metadata["message_id"] = "\(passage.message.id)" }
        logger.log(level: outcome.hasPrefix("launched") ? .info : .warning, "launch", metadata: metadata)
    }
}
