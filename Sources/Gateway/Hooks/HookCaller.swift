// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import CDSHooks
import HTTPTypes
import Logging

/// Whether a request's credentials open a service.
struct HookCaller: Sendable {
    enum Verdict: Sendable {
        /// Who it is, for the audit.
        case known(String)
        case refused
        /// It cannot be told now.
        case unsure
    }

    let caller: CallerCheck
    let tokens: ClientTokenCheck?
    /// How clients reach the listener, without a trailing slash.
    let publicURL: String?
    let metrics: HookMetrics
    let logger: Logger

    /// - Parameter suffix: behind the service's path, as in `/feedback`.
    func check(_ headers: HTTPFields, for endpoint: HookEndpoint, suffix: String = "") async -> Verdict {
        switch endpoint.authentication {
        case .credentials(let wanted): caller.accepts(headers, wanted) ? .known(Self.name(of: wanted)) : .refused
        case .token(let clients): await token(headers, endpoint.service, clients, suffix)
        }
    }

    func challenge(for endpoint: HookEndpoint) -> String {
        switch endpoint.authentication {
        case .credentials(let wanted): caller.challenge(for: wanted)
        case .token: #"Bearer realm="ocean-bridge""#
        }
    }

    private func token(
        _ headers: HTTPFields, _ service: HookService, _ clients: Set<String>, _ suffix: String
    ) async -> Verdict {
        guard case .bearer(let text) = PresentedCredentials(headers) else { return .refused }
        guard let tokens, let publicURL else { return .unsure }
        let address = "\(publicURL)/cds-services/\(service.id)"
        // For feedback the specification does not say which of the two is meant.
        let audiences: Set<String> = [address, address + suffix]
        // Keys may have to be fetched: a clinician does not wait for them, the fetch goes on for the next call.
        let outcome = await Deadline.value(within: service.budget, cancelling: false) {
            () -> Result<HookClient, ClientTokenError> in
            do throws(ClientTokenError) {
                return .success(try await tokens.check(text, audiences: audiences, among: clients))
            } catch {
                return .failure(error)
            }
        }
        switch outcome {
        case .success(let client): return .known(client.name)
        case .failure(let error):
            metrics.refusedToken(service: service.id, reason: error.reason)
            logger.warning(
                "a CDS client's token was refused",
                metadata: [
                    "service": "\(service.id)", "reason": "\(error.reason)", "detail": "\(error.message)",
                ])
            return error.disposition == .reject ? .refused : .unsure
        case nil:
            metrics.refusedToken(service: service.id, reason: "late")
            return .unsure
        }
    }

    private static func name(of wanted: Integration.Authentication) -> String {
        switch wanted {
        case .none: "anybody"
        case .basic: "basic"
        case .bearer: "bearer"
        case .header: "header"
        case .oauth2: "oauth2"
        case .mutualTLS: "mtls"
        }
    }
}
