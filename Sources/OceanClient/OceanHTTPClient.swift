// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

package import BridgeCore
import Metrics
import NIOHTTP1
import NIOSSL
package import Ocean

/// Ocean's API over HTTPS: one call is one attempt (and one more after a refused token).
///
/// Every request goes to the configured host, so that no token travels anywhere else.
package final class OceanHTTPClient: OceanService {
    let configuration: OceanClientConfiguration
    let transport: Transport
    let tokens: [String: TokenSource]
    let clock: any WallClock

    /// What a read of the Open API may take in: referrals carry no files, only references.
    static let readLimit = 16 << 20

    package convenience init(_ configuration: OceanClientConfiguration, clock: any WallClock = SystemClock()) {
        self.init(configuration, clock: clock, now: { ContinuousClock.now })
    }

    init(
        _ configuration: OceanClientConfiguration, clock: any WallClock,
        now: @escaping @Sendable () -> ContinuousClock.Instant, tls: TLSConfiguration = Transport.tls
    ) {
        self.configuration = configuration
        self.clock = clock
        let transport = Transport.make(configuration, tls: tls)
        self.transport = transport
        tokens = configuration.sites.filter { $0.value.hasOAuth }.mapValues { credentials in
            let request = TokenRequest(
                credentials: credentials, transport: transport, timeout: configuration.timeouts.token)
            return TokenSource(now: now) { await request.fetch(at: now(), wall: clock.now()) }
        }
    }

    /// Closes all connections; calls in flight end with `network`.
    package func shutdown() async {
        await transport.shutdown()
    }

    package func process(
        _ bundle: [UInt8], site: String, trace: TraceContext?
    ) async throws(OceanServiceError) -> OceanAnswer {
        let answer = try await authorized(
            Transport.Call(
                name: "POST $process-messages", method: .POST, path: "/svc/fhir/v1/$process-messages",
                headers: [("Content-Type", "application/fhir+json"), ("Accept", "application/fhir+json")]
                    + Self.headers(trace),
                body: bundle, timeout: configuration.timeouts.call, limit: Classification.keptBytes),
            site: site)
        // A body that breaks off changes nothing: Ocean has taken the bundle when the status line says so.
        let reading = AnswerReading(answer.body)
        guard !reading.isFailure else {
            throw Classification.failure(inside: answer, reading, call: "POST $process-messages", now: clock.now())
        }
        return OceanAnswer(status: answer.status, body: answer.body)
    }

    package func referral(
        _ reference: String, site: String, trace: TraceContext?
    ) async throws(OceanServiceError) -> [UInt8] {
        let path = try "/svc/v1/referrals/" + Self.segment(reference)
        return try await read("GET referral", path: path, site: site, trace: trace).body
    }

    package func patient(
        _ reference: String, site: String, trace: TraceContext?
    ) async throws(OceanServiceError) -> EncryptedContent {
        let path = try "/svc/v1/patients/" + Self.segment(reference)
        let answer = try await read("GET patient", path: path, site: site, trace: trace)
        return try Self.encrypted(answer, call: "GET patient")
    }

    package func note(
        patient reference: String, session: String?, site: String, trace: TraceContext?
    ) async throws(OceanServiceError) -> EncryptedContent? {
        var path = try "/svc/v1/patients/" + Self.segment(reference) + "/notes"
        if let session { path += "?" + FormEncoding.encode([("oceanSessionId", session)]) }
        do {
            return try Self.encrypted(
                await read("GET note", path: path, site: site, trace: trace), call: "GET note")
        } catch  where error.code == .notFound {
            return nil
        }
    }

    package func check(site: String) async throws(OceanServiceError) {
        if tokens[site] == nil, configuration.sites[site]?.openAPI != nil { return try await checkOpenAPI(site: site) }
        _ = try await authorized(
            Transport.Call(
                name: "GET NamingSystem/id-site-number", method: .GET, path: "/svc/fhir/v1/NamingSystem/id-site-number",
                headers: [("Accept", "application/fhir+json")], timeout: configuration.timeouts.call,
                limit: Classification.keptBytes),
            site: site)
    }
}

extension OceanHTTPClient {
    /// With the site's bearer token, and once more with a fresh one after a 401.
    private func authorized(_ call: Transport.Call, site: String) async throws(OceanServiceError) -> Answer {
        guard let source = tokens[site] else {
            throw OceanServiceError(
                .notConfigured, "\(call.name): no credentials for this site; add it under sites in the settings")
        }
        let token = try await source.token()
        var answer = try await send(call, adding: [("Authorization", "Bearer " + token.value.value)])
        if answer.status == 401 {
            await source.invalidate(token)
            let fresh = try await source.token()
            answer = try await send(call, adding: [("Authorization", "Bearer " + fresh.value.value)])
        }
        return try accepted(answer, call)
    }

    /// A read of the Open API that must come whole.
    func read(
        _ name: String, path: String, site: String, trace: TraceContext?
    ) async throws(OceanServiceError) -> Answer {
        let answer = try await openAPI(OpenCall(name, path), site: site, trace: trace)
        guard answer.isComplete else {
            throw OceanServiceError(
                .invalidAnswer, "\(name): the answer broke off or is larger than \(Self.readLimit) bytes",
                status: answer.status)
        }
        return answer
    }

    /// A call of the Open API.
    struct OpenCall {
        let name: String
        let path: String
        var method = HTTPMethod.GET
        var headers: [(String, String)] = []
        var body: [UInt8]?
        /// Nil for the timeout of any call.
        var timeout: Duration?
        var limit = OceanHTTPClient.readLimit

        init(_ name: String, _ path: String) {
            self.name = name
            self.path = path
        }
    }

    /// With the site's Open API key.
    func openAPI(_ open: OpenCall, site: String, trace: TraceContext?) async throws(OceanServiceError) -> Answer {
        let name = open.name
        guard let openAPI = configuration.sites[site]?.openAPI else {
            throw OceanServiceError(
                .notConfigured,
                "\(name): no Open API key for this site; set openApi.siteKey and openApi.siteCredential")
        }
        let call = Transport.Call(
            name: name, method: open.method, path: open.path,
            headers: [("siteNum", site), ("Content-Type", "application/json"), ("Accept", "application/json")]
                + open.headers + Self.headers(trace),
            body: open.body, timeout: open.timeout ?? configuration.timeouts.call, limit: open.limit)
        let answer = try await send(
            call,
            adding: [("siteKey", openAPI.siteKey.value), ("siteCredential", openAPI.siteCredential.value)])
        switch answer.status {
        case 404, 410:
            throw OceanServiceError(
                .notFound, "\(name): HTTP \(answer.status); Ocean has it no longer", status: answer.status,
                body: Array(answer.body.prefix(Classification.keptBytes)))
        case 401:
            throw OceanServiceError(
                .unauthorized,
                "\(name): HTTP 401; Ocean does not take the site's openApi.siteKey and openApi.siteCredential",
                status: 401)
        default: return try accepted(answer, call)
        }
    }

    func accepted(_ answer: Answer, _ call: Transport.Call) throws(OceanServiceError) -> Answer {
        guard (200...299).contains(answer.status) else {
            throw Classification.error(answer, call: call.name, now: clock.now())
        }
        guard !answer.isWebPage else {
            throw OceanServiceError(
                .invalidAnswer,
                "\(call.name): a web page instead of an answer; a proxy's login or maintenance page stands between",
                status: answer.status)
        }
        return answer
    }

    func send(_ call: Transport.Call, adding headers: [(String, String)]) async throws(OceanServiceError)
        -> Answer
    {
        var call = call
        call.headers += headers
        let start = ContinuousClock.now
        func count(_ outcome: String) {
            Counter(label: "ocean_bridge_ocean_calls_total", dimensions: [("call", call.name), ("outcome", outcome)])
                .increment()
            let (seconds, attoseconds) = start.duration(to: .now).components
            Metrics.Timer(label: "ocean_bridge_ocean_call_seconds", dimensions: [("call", call.name)])
                .recordNanoseconds(seconds * 1_000_000_000 + attoseconds / 1_000_000_000)
        }
        do {
            let answer = try await transport.send(call)
            count("\(answer.status / 100)xx")
            return answer
        } catch {
            count(error.reason)
            throw error
        }
    }

    static func headers(_ trace: TraceContext?) -> [(String, String)] {
        guard let trace else { return [] }
        var headers = [("traceparent", trace.traceparent)]
        if let state = trace.state, state.utf8.allSatisfy({ (0x20...0x7E).contains($0) }) {
            headers.append(("tracestate", state))
        }
        return headers
    }

    /// A reference as one path segment; `.` and `..` would climb to another path.
    static func segment(_ reference: String) throws(OceanServiceError) -> String {
        guard reference.contains(where: { $0 != "." }) else {
            throw OceanServiceError(.refused, "the reference is empty or no reference at all")
        }
        return FormEncoding.pathSegment(reference)
    }

    private static func encrypted(_ answer: Answer, call: String) throws(OceanServiceError) -> EncryptedContent {
        guard let key = answer.header("oneTimeKey"), let iv = answer.header("iv") else {
            throw OceanServiceError(
                .invalidAnswer, "\(call): the headers oneTimeKey and iv are missing", status: answer.status)
        }
        return EncryptedContent(
            oneTimeKey: key, oneTimeKeyIV: answer.header("oneTimeKeyIv") ?? iv, iv: iv, body: answer.body,
            noteID: answer.header("noteId"),
            externalPatientRef: answer.header("extPatientRef") ?? answer.header("externalPtRef"))
    }
}
