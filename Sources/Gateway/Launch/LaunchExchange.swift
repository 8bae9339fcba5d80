// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import HTTPTypes
import JSON
import Launch
import Logging

/// Where an application changes a handle for what it stands for: once, by POST, with the application's own credentials,
/// or with the verifier of the challenge with which it began.
///
/// What is wrong with a handle is told to the metrics only: for the caller unknown, used, expired and made up are one.
struct LaunchExchange: Sendable {
    private static let bodyBytes = 4 << 10
    private static let bodyTime = Duration.seconds(10)
    private static let unknownCaller = "-"

    let applications: [String: LaunchApplication]
    let integrations: [String: Integration]
    let desk: LaunchDesk
    let caller: CallerCheck
    let clock: any WallClock
    let metrics: LaunchMetrics
    let logger: Logger
    /// Of credentials, by peer and what it calls itself.
    private let wrongCredentials = FailureLimit()
    /// Of handles: a clinician who loads a page again is no attack, and handles cannot be guessed.
    private let wrongHandles = FailureLimit(maximum: 120)

    init(
        applications: [String: LaunchApplication], integrations: [String: Integration], desk: LaunchDesk,
        caller: CallerCheck, clock: any WallClock, metrics: LaunchMetrics, logger: Logger
    ) {
        self.applications = applications
        self.integrations = integrations
        self.desk = desk
        self.caller = caller
        self.clock = clock
        self.metrics = metrics
        self.logger = logger
    }

    func handle(_ request: RouteRequest) async throws -> Answer {
        var record = (application: Self.unknownCaller, outcome: "aborted")
        defer { finish(request, record.application, record.outcome) }
        var answer = try await answer(request, &record)
        answer.headers[.cacheControl] = "no-store"
        if let name = HTTPField.Name("Referrer-Policy") { answer.headers[name] = "no-referrer" }
        allowOrigin(request, &answer)
        return answer
    }

    private func answer(
        _ request: RouteRequest, _ record: inout (application: String, outcome: String)
    ) async throws -> Answer {
        let name = request.peer + "\u{0}" + Self.name(request.headers)
        if let wait = wrongCredentials.wait(name, now: clock.now()) {
            record.outcome = "too-many"
            return Self.wait(wait)
        }
        let known = known(request.headers)
        guard !known.isEmpty else {
            wrongCredentials.add(name, now: clock.now())
            record.outcome = "unauthenticated"
            return unauthorized
        }
        record.application = known.sorted().joined(separator: ",")
        let identity = request.peer + "\u{0}" + record.application
        if let wait = wrongHandles.wait(identity, now: clock.now()) {
            record.outcome = "too-many"
            return Self.wait(wait)
        }
        let verifier: String?
        switch try await request.body.read(upTo: Self.bodyBytes, until: request.arrived + Self.bodyTime) {
        case .complete(let bytes, _):
            do throws(UnreadableBody) {
                verifier = try Self.verifier(bytes, mediaType: request.mediaType)
            } catch {
                record.outcome = "bad-body"
                return .problem(error.status, error.detail)
            }
        case .tooLarge:
            record.outcome = "too-large"
            return .problem(.contentTooLarge, "the body is longer than \(Self.bodyBytes) bytes")
        case .late:
            record.outcome = "slow-body"
            return .problem(.requestTimeout, "the body did not come in time")
        case .truncated:
            record.outcome = "truncated-body"
            return .problem(.badRequest, "the body is shorter than its Content-Length")
        case .busy:
            record.outcome = "busy"
            return .retryLater("too many requests are being read at once")
        }
        do throws(ExchangeRefusal) {
            let launch = try await desk.exchange(
                request.parameters["handle"] ?? "", verifier: verifier, applications: applications, caller: known)
            record = (launch.application, "exchanged")
            return .json(launch.json)
        } catch {
            record.outcome = error.word
            if case .unavailable = error { return .retryLater("launches cannot be looked up now") }
            wrongHandles.add(identity, now: clock.now())
            return .problem(.notFound, "there is no open launch of this handle: let the browser begin again")
        }
    }

    /// The applications that the caller has shown to be. Without credentials: those that have none.
    private func known(_ headers: HTTPFields) -> Set<String> {
        var shown: Set<String> = []
        var open: Set<String> = []
        for (name, integration) in integrations {
            if case .none = integration.authentication {
                open.insert(name)
            } else if caller.accepts(headers, for: integration) {
                shown.insert(name)
            }
        }
        // Wrong credentials are wrong, also where none are needed.
        guard shown.isEmpty else { return shown }
        return isShowingSomething(headers) ? [] : open
    }

    private func isShowingSomething(_ headers: HTTPFields) -> Bool {
        if headers[.authorization] != nil { return true }
        return integrations.values.contains { integration in
            guard case .header(let name, _) = integration.authentication else { return false }
            return HTTPField.Name(name).map { headers[$0] != nil } ?? false
        }
    }

    /// What the caller calls itself, for counting its failures.
    private static func name(_ headers: HTTPFields) -> String {
        switch PresentedCredentials(headers) {
        case .basic(let user, _): String(user.prefix(64))
        case .bearer: "bearer"
        case .unreadable: "unreadable"
        case .none: ""
        }
    }

    private var unauthorized: Answer {
        var answer = Answer.problem(.unauthorized, "show the application's credentials")
        let challenges = Set(integrations.values.map { caller.challenge(for: $0) })
        answer.headers[.wwwAuthenticate] = challenges.sorted().joined(separator: ", ")
        return answer
    }

    private static func wait(_ seconds: Int) -> Answer {
        var answer = Answer.problem(.tooManyRequests, "too many failures, wait")
        answer.headers[.retryAfter] = String(seconds)
        return answer
    }

    private struct UnreadableBody: Error {
        let status: HTTPResponse.Status
        let detail: String
    }

    /// `code_verifier` of a form or of JSON.
    private static func verifier(_ body: [UInt8], mediaType: String?) throws(UnreadableBody) -> String? {
        guard !body.isEmpty else { return nil }
        switch mediaType {
        case "application/x-www-form-urlencoded":
            guard let form = String(validating: body, as: UTF8.self).flatMap({ FormText($0) })?.unique else {
                throw UnreadableBody(status: .badRequest, detail: "send a form with each parameter once")
            }
            return form["code_verifier"]
        case "application/json":
            guard let object = (try? JSONValue(parsing: body))?.objectValue else {
                throw UnreadableBody(status: .badRequest, detail: "the body is no JSON object")
            }
            return object["code_verifier"]?.stringValue
        default:
            throw UnreadableBody(
                status: .unsupportedMediaType, detail: "send a form or JSON with code_verifier, or no body")
        }
    }

    /// A page of an application without a secret may read the answer; no other page may.
    private func allowOrigin(_ request: RouteRequest, _ answer: inout Answer) {
        answer.headers[.vary] = "Origin"
        guard let origin = request.headers[.origin],
            applications.values.contains(where: { application in
                guard case .none? = integrations[application.name]?.authentication else { return false }
                return application.target.origin == origin
            })
        else { return }
        answer.headers[.accessControlAllowOrigin] = origin
    }

    private func finish(_ request: RouteRequest, _ application: String, _ outcome: String) {
        let duration = ContinuousClock.now - request.arrived
        metrics.exchange(application: application, outcome: outcome)
        // A handle that is shown again after its exchange may have been stolen.
        logger.log(
            level: outcome == "exchanged" ? .info : .warning, "launch exchange",
            metadata: [
                "application": "\(application)", "outcome": "\(outcome)",
                "milliseconds": "\(duration.nanoseconds / 1_000_000)",
            ])
    }
}
