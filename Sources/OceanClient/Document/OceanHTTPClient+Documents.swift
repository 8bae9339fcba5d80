// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

package import BridgeCore
import Metrics
import NIOHTTP1
package import Ocean

extension OceanHTTPClient: DocumentSource {
    package func document(
        _ address: DocumentAddress, site: String, trace: TraceContext?, to receiver: any DocumentReceiver
    ) async throws(DocumentError) {
        guard let source = tokens[site] else {
            throw DocumentError(
                .notConfigured, "\(address.call): no credentials for this site; add it under sites in the settings")
        }
        let token = try await token(of: source)
        var transfer = try await transfer(address, token, trace, to: receiver)
        if transfer == .unauthorized {
            await source.invalidate(token)
            transfer = try await self.transfer(address, try await self.token(of: source), trace, to: receiver)
        }
        guard transfer == .complete else {
            throw DocumentError(
                .unauthorized,
                "\(address.call): HTTP 401; Ocean does not take the site's token, check the site's credentials",
                status: 401)
        }
    }

    private enum Transferred {
        case complete, unauthorized
    }

    private func token(of source: TokenSource) async throws(DocumentError) -> AccessToken {
        do throws(OceanServiceError) {
            return try await source.token()
        } catch {
            // Without a token no document can be in doubt.
            guard case .retry = error.disposition else { throw DocumentError(error) }
            throw DocumentError(
                error.code == .network ? .network : .unavailable, error.message, status: error.status,
                retryAfter: error.retryAfter)
        }
    }

    private func transfer(
        _ address: DocumentAddress, _ token: AccessToken, _ trace: TraceContext?, to receiver: any DocumentReceiver
    ) async throws(DocumentError) -> Transferred {
        var headers = [("Accept", "*/*"), ("Accept-Encoding", "identity")]
        if let trace { headers.append(("traceparent", trace.traceparent)) }
        headers.append(("Authorization", "Bearer " + token.value.value))
        let call = Transport.Call(
            name: address.call, method: .GET, path: address.path, headers: headers,
            timeout: configuration.timeouts.call, limit: Classification.keptBytes)
        let start = ContinuousClock.now
        func count(_ outcome: String) {
            Counter(label: "ocean_bridge_ocean_calls_total", dimensions: [("call", call.name), ("outcome", outcome)])
                .increment()
            let (seconds, attoseconds) = start.duration(to: .now).components
            Metrics.Timer(label: "ocean_bridge_ocean_call_seconds", dimensions: [("call", call.name)])
                .recordNanoseconds(seconds * 1_000_000_000 + attoseconds / 1_000_000_000)
        }
        do throws(DocumentError) {
            let refusal = try await transport.stream(
                call, until: start.advanced(by: configuration.timeouts.document), to: receiver)
            guard let refusal else {
                count("2xx")
                return .complete
            }
            count("\(refusal.status / 100)xx")
            if refusal.status == 401 { return .unauthorized }
            throw Self.error(refusal, call: call.name, now: clock.now())
        } catch {
            if error.status == nil { count(error.reason) }
            throw error
        }
    }

    private static func error(_ answer: Answer, call: String, now: Timestamp) -> DocumentError {
        switch answer.status {
        case 300...399:
            DocumentError(
                .redirected, "\(call): HTTP \(answer.status); redirects are not followed, no token went elsewhere",
                status: answer.status)
        case 404, 410:
            DocumentError(
                .notFound, "\(call): HTTP \(answer.status); Ocean has the document no longer", status: answer.status)
        case 200...299:
            DocumentError(
                .invalidAnswer, "\(call): HTTP \(answer.status) where 200 and a document belong",
                status: answer.status)
        default: DocumentError(Classification.error(answer, call: call, now: now))
        }
    }
}
