// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import Ocean

/// The token of one site: fetched once for all who ask at the same time, renewed before it ends.
actor TokenSource {
    typealias Fetch = @Sendable () async -> Result<AccessToken, OceanServiceError>

    private let fetch: Fetch
    private let now: @Sendable () -> ContinuousClock.Instant
    private var current: AccessToken?
    private var flight: Task<Result<AccessToken, OceanServiceError>, Never>?

    init(now: @escaping @Sendable () -> ContinuousClock.Instant = { ContinuousClock.now }, fetch: @escaping Fetch) {
        self.now = now
        self.fetch = fetch
    }

    /// A token that can be used now.
    func token() async throws(OceanServiceError) -> AccessToken {
        if let current, now() < current.refreshAt { return current }
        let fallback = current
        switch await joinedFetch() {
        case .success(let token): return token
        case .failure(let error):
            // The old one is good until it expires; a token endpoint that is down for a moment is no reason to stop.
            if let fallback, fallback == current, now() < fallback.expiresAt { return fallback }
            throw error
        }
    }

    /// Ocean refused this token. A newer one that another call fetched meanwhile stays.
    func invalidate(_ token: AccessToken) {
        if current == token { current = nil }
    }

    private func joinedFetch() async -> Result<AccessToken, OceanServiceError> {
        if let flight { return await flight.value }
        let fetch = self.fetch
        // Unstructured: others wait for the same answer, so the first caller's cancellation must not end it. It is
        // bounded by the token deadline.
        let task = Task { await fetch() }
        flight = task
        let result = await task.value
        flight = nil
        if case .success(let token) = result { current = token }
        return result
    }
}
