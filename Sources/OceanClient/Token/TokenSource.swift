// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import Metrics
import Ocean

/// The token of one site: fetched once for all who ask at the same time, renewed before it ends.
///
/// While the old token is good, nobody waits for the new one, and a token endpoint that fails is left alone for a while.
actor TokenSource {
    typealias Fetch = @Sendable () async -> Result<AccessToken, OceanServiceError>

    /// After a renewal that failed while the old token is good.
    static let renewalPause: Duration = .seconds(10)

    private let fetch: Fetch
    private let now: @Sendable () -> ContinuousClock.Instant
    private var current: AccessToken?
    private var flight: Task<Result<AccessToken, OceanServiceError>, Never>?
    private var renewalNotBefore: ContinuousClock.Instant?

    init(now: @escaping @Sendable () -> ContinuousClock.Instant = { ContinuousClock.now }, fetch: @escaping Fetch) {
        self.now = now
        self.fetch = fetch
    }

    /// A token that can be used now.
    func token() async throws(OceanServiceError) -> AccessToken {
        if let current, now() < current.expiresAt {
            if now() >= current.refreshAt { renew() }
            return current
        }
        return try await joined().value.get()
    }

    /// Ocean refused this token. A newer one that another call fetched meanwhile stays.
    func invalidate(_ token: AccessToken) {
        if current == token { current = nil }
    }

    /// Begins a renewal unless one is under way or failed a moment ago.
    private func renew() {
        if let renewalNotBefore, now() < renewalNotBefore { return }
        _ = joined()
    }

    private func joined() -> Task<Result<AccessToken, OceanServiceError>, Never> {
        if let flight { return flight }
        let fetch = self.fetch
        // Unstructured: others wait for the same answer, so the first caller's cancellation must not end it. It is
        // bounded by the token deadline.
        let task = Task {
            let result = await fetch()
            landed(result)
            return result
        }
        flight = task
        return task
    }

    private func landed(_ result: Result<AccessToken, OceanServiceError>) {
        flight = nil
        switch result {
        case .success(let token):
            current = token
            renewalNotBefore = nil
            count("fetched")
        case .failure(let error):
            renewalNotBefore = now().advanced(by: max(Self.renewalPause, error.retryAfter ?? .zero))
            count(error.reason)
        }
    }

    private func count(_ outcome: String) {
        Counter(label: "ocean_bridge_ocean_tokens_total", dimensions: [("outcome", outcome)]).increment()
    }
}
