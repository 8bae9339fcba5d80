// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import AsyncHTTPClient
import NIOCore
import NIOHTTP1

/// How many webhooks the running bridge has answered, by its own metrics: tells whether a call came to this very one.
struct IngressCount: Sendable {
    struct Counts: Sendable, Hashable {
        /// Answered 200: challenges.
        var challenges = 0
        /// Answered 202.
        var taken = 0
    }

    private let settings: Settings
    private let client: HTTPClient

    init(_ settings: Settings, _ client: HTTPClient) {
        self.settings = settings
        self.client = client
    }

    /// Nil when no operations listener answers.
    func answered(_ integration: String) async -> Counts? {
        var request = HTTPClientRequest(url: "http://\(settings.operationsListener.address)/metrics")
        if let token = settings.operationsListener.token {
            request.headers.add(name: "Authorization", value: "Bearer \(token)")
        }
        do {
            let response = try await client.execute(request, timeout: .seconds(5))
            guard response.status.code == 200 else { return nil }
            let text = String(buffer: try await response.body.collect(upTo: 16 << 20))
            return Self.counts(in: text, of: integration)
        } catch {
            // Nobody there.
            return nil
        }
    }

    /// Reads Prometheus' text format as the bridge writes it.
    static func counts(in text: String, of integration: String) -> Counts {
        var counts = Counts()
        for line in text.split(separator: "\n") where line.hasPrefix("ocean_bridge_ingress_requests_total{") {
            guard line.contains("integration=\"\(integration)\""), let value = line.split(separator: " ").last,
                let count = Double(value)
            else { continue }
            if line.contains("status=\"200\"") { counts.challenges += Int(count) }
            if line.contains("status=\"202\"") { counts.taken += Int(count) }
        }
        return counts
    }
}
