// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import DataSource
import HTTPTypes
import JSON
import Logging

/// Answers `GET /data-sources/{name}`: a JSON document from memory, with a strong entity tag, for whom the source's
/// settings name.
struct DataSourceRoutes: Sendable {
    private static let path = "/data-sources/{source}"
    private static let longestParameter = 500
    /// The store's part of what somebody waits for.
    private static let auditTime = Duration.seconds(1)

    let endpoints: [String: DataSourceEndpoint]
    let caller: CallerCheck
    /// Told of each question with parameters, which may name a patient, before it is asked.
    let audit: (any AuditTrail)?
    let ids: UUIDv7Source
    let clock: any WallClock
    let metrics: DataSourceRequestMetrics
    let logger: Logger

    var routes: [Route] {
        [
            Route(.get, Self.path) { await finish($0, read) },
            Route(.options, Self.path) { await finish($0, preflight) },
        ]
    }

    /// What one request came to.
    private struct Outcome {
        var answer: Answer
        /// A stable word.
        let word: String

        init(_ answer: Answer, _ word: String) {
            self.answer = answer
            self.word = word
        }
    }

    private func finish(
        _ request: RouteRequest, _ handler: (RouteRequest, DataSourceEndpoint) async -> Outcome
    ) async -> Answer {
        let endpoint = request.parameters["source"].flatMap { endpoints[$0] }
        var outcome: Outcome
        if let endpoint {
            outcome = await handler(request, endpoint)
            share(&outcome.answer, request, endpoint)
        } else {
            outcome = Outcome(.problem(.notFound, "no data source of this name is in the settings"), "unknown-source")
        }
        let duration = ContinuousClock.now - request.arrived
        let name = endpoint?.name ?? DataSourceRequestMetrics.unknownSource
        let status = outcome.answer.status
        metrics.request(source: name, status: String(status.code), outcome: outcome.word, duration: duration)
        logger.log(
            level: status.code >= 500 ? .error : status.code >= 400 ? .warning : .debug, "data source",
            metadata: [
                "source": "\(name)", "status": "\(status.code)", "outcome": "\(outcome.word)",
                "milliseconds": "\(duration.nanoseconds / 1_000_000)",
            ])
        return outcome.answer
    }

    private func read(_ request: RouteRequest, _ endpoint: DataSourceEndpoint) async -> Outcome {
        if let origin = request.headers[.origin], !endpoint.allows(origin: origin) {
            return Outcome(
                .problem(
                    .forbidden, "pages of this origin may not read the data source; name it in cors.origins"),
                "foreign-origin")
        }
        guard caller.accepts(request.headers, endpoint.authentication) else {
            var answer = Answer.problem(.unauthorized)
            answer.headers[.wwwAuthenticate] = caller.challenge(for: endpoint.authentication)
            return Outcome(answer, "unauthenticated")
        }
        let parameters: [String: String]
        switch Self.parameters(request, endpoint) {
        case .failure(let refusal): return Outcome(refusal.answer, "parameters")
        case .success(let values): parameters = values
        }
        let id = ids.next()
        if !parameters.isEmpty, let refusal = await record(id, parameters, endpoint) {
            return Outcome(refusal, "not-audited")
        }
        do throws(DataSourceError) {
            let reading = try await endpoint.source.document(parameters, question: id)
            return Self.answer(reading, request, endpoint)
        } catch {
            logger.warning(
                "data source has nothing to give",
                metadata: ["source": "\(endpoint.name)", "reason": "\(error.description)"])
            return Outcome(Self.answer(error), error.code.rawValue)
        }
    }

    /// A source that takes no parameters does not look at the query at all: callers add what they like to addresses.
    private static func parameters(
        _ request: RouteRequest, _ endpoint: DataSourceEndpoint
    ) -> Result<[String: String], Refusal> {
        guard !endpoint.parameters.isEmpty, !request.query.isEmpty else { return .success([:]) }
        guard let values = FormText(request.query)?.unique else {
            return .failure(Refusal(answer: .problem(.badRequest, "send each parameter once, percent-encoded")))
        }
        guard values.keys.allSatisfy({ endpoint.parameters.contains($0) }) else {
            return .failure(
                Refusal(
                    answer: .problem(
                        .badRequest, "known parameters: \(endpoint.parameters.sorted().joined(separator: ", "))")))
        }
        guard values.values.allSatisfy({ $0.utf8.count <= longestParameter }) else {
            return .failure(
                Refusal(answer: .problem(.badRequest, "a parameter has at most \(longestParameter) bytes")))
        }
        return .success(values)
    }

    private func record(_ id: String, _ parameters: [String: String], _ endpoint: DataSourceEndpoint) async -> Answer? {
        guard let audit else { return nil }
        let event = AuditEvent(
            at: clock.now(), actor: Self.actor(endpoint), action: "data-source.read", referral: nil, messageID: id,
            reason: "\(endpoint.name) with \(parameters.keys.sorted().joined(separator: ", "))")
        let result = await Deadline.value(within: Self.auditTime, cancelling: false) { () -> Result<Void, StoreError> in
            do throws(StoreError) {
                return .success(try await audit.record(event))
            } catch {
                return .failure(error)
            }
        }
        switch result {
        case .success?: return nil
        case .failure(let error)?:
            return .retryLater("the reading cannot be written to the audit now: \(error.code.rawValue)")
        case nil: return .retryLater("the audit does not answer in time")
        }
    }

    /// Names of the settings, never what a caller says of itself.
    private static func actor(_ endpoint: DataSourceEndpoint) -> String {
        switch endpoint.authentication {
        case .none, .mutualTLS: "anonymous"
        case .basic(let user, _): user
        case .oauth2(let clientID, _): clientID
        case .bearer, .header: "holder of the secret"
        }
    }

    private static func answer(
        _ reading: DataReading, _ request: RouteRequest, _ endpoint: DataSourceEndpoint
    ) -> Outcome {
        let document = reading.document
        let isKnown = EntityTags.match(request.headers, document.entityTag)
        var answer = Answer(isKnown ? .notModified : .ok, body: isKnown ? [] : document.body)
        answer.headers[.eTag] = document.entityTag
        answer.headers[.cacheControl] = cacheControl(endpoint)
        if let age = reading.age { answer.headers[.age] = String(max(0, age.components.seconds)) }
        if !isKnown {
            answer.headers[.contentType] = "application/json"
            answer.headers[.xContentTypeOptions] = "nosniff"
        }
        let isStale = reading.age.map { $0 > endpoint.cache } ?? false
        return Outcome(answer, isStale ? "stale" : isKnown ? "not-modified" : "served")
    }

    private static func cacheControl(_ endpoint: DataSourceEndpoint) -> String {
        // What a parameter asked for may be about a patient.
        guard endpoint.parameters.isEmpty else { return "no-store" }
        guard endpoint.cache >= .seconds(1) else { return "no-cache" }
        let seconds = endpoint.cache.components.seconds
        if case .none = endpoint.authentication { return "public, max-age=\(seconds)" }
        return "private, max-age=\(seconds)"
    }

    private static func answer(_ error: DataSourceError) -> Answer {
        switch error.code {
        case .notYet, .missing, .unreadable:
            return .retryLater("the data source has no document yet")
        case .unavailable: return .retryLater("the question cannot be asked now")
        case .noResponder: return .retryLater("no hospital service answers this data source now")
        case .noAnswer: return .problem(.gatewayTimeout, "the hospital's service did not answer in time")
        case .notJSON: return .problem(.badGateway, "the hospital's service answered with something that is not JSON")
        case .tooLarge: return .problem(.badGateway, "the hospital's service answered with more than the source takes")
        }
    }

    // MARK: Cross-origin requests (Fetch standard)

    private func preflight(_ request: RouteRequest, _ endpoint: DataSourceEndpoint) async -> Outcome {
        var answer = Answer(.noContent)
        answer.headers[.allow] = "GET, HEAD, OPTIONS"
        guard let origin = request.headers[.origin] else { return Outcome(answer, "options") }
        guard endpoint.allows(origin: origin) else {
            return Outcome(
                .problem(
                    .forbidden, "pages of this origin may not read the data source; name it in cors.origins"),
                "foreign-origin")
        }
        answer.headers[.accessControlAllowMethods] = "GET, HEAD"
        var allowed = ["authorization", "if-none-match"]
        if case .header(let name, _) = endpoint.authentication { allowed.append(name.lowercased()) }
        answer.headers[.accessControlAllowHeaders] = allowed.joined(separator: ", ")
        answer.headers[.accessControlMaxAge] = "600"
        return Outcome(answer, "preflight")
    }

    /// Also on refusals, so that a page's own script may read why.
    private func share(_ answer: inout Answer, _ request: RouteRequest, _ endpoint: DataSourceEndpoint) {
        guard !endpoint.origins.isEmpty else { return }
        let isForAll = endpoint.origins.contains("*")
        // Caches must not hand one origin's answer to another.
        if !isForAll { answer.headers[.vary] = "Origin" }
        guard let origin = request.headers[.origin], endpoint.allows(origin: origin) else { return }
        answer.headers[.accessControlAllowOrigin] = isForAll ? "*" : origin
        answer.headers[.accessControlExposeHeaders] = "ETag, Age"
    }
}
