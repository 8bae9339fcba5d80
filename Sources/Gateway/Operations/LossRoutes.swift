// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

package import BridgeCore
import HTTPTypes
import JSON

/// The fields that partners send and the bridge cannot place.
package struct LossRoutes: Sendable {
    private static let most = 10_000

    private let book: any LossBook

    package init(book: any LossBook) {
        self.book = book
    }

    /// For the operations listener, behind its token.
    package var routes: [Route] {
        [Route(.get, "/api/v1/losses") { await list($0) }]
    }

    private func list(_ request: RouteRequest) async -> Answer {
        let query = FormText(request.query)?.unique ?? [:]
        let limit = query["max"].map { Int($0) ?? 0 } ?? 1000
        guard (1...Self.most).contains(limit) else {
            return .problem(.badRequest, "max is 1 to \(Self.most)")
        }
        do throws(StoreError) {
            let losses = try await book.losses(limit: limit)
            return .json([
                "losses": .array(
                    losses.map { loss -> JSONValue in
                        [
                            "partner": .string(loss.partner), "path": .string(loss.path),
                            "firstSeen": .string(loss.firstSeen.description),
                        ]
                    })
            ])
        } catch {
            return .retryLater("the store does not serve now: \(error.code.rawValue)")
        }
    }
}
