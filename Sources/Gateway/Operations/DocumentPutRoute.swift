// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

package import BridgeCore
import HTTPTypes
import JSON

/// Answers `PUT /api/v1/data-sources/{name}`: a new document for a source that listens to a queue, for sites without a
/// broker of their own.
package struct DocumentPutRoute: Sendable {
    private let bus: any MessageBus
    private let queues: [String: (queue: String, limit: Int)]
    private let ids: UUIDv7Source
    private let clock: any WallClock

    /// - Parameter queues: queue and largest document in bytes of each source that listens to one, by name.
    package init(
        bus: any MessageBus, queues: [String: (queue: String, limit: Int)], ids: UUIDv7Source = UUIDv7Source(),
        clock: any WallClock = SystemClock()
    ) {
        self.bus = bus
        self.queues = queues
        self.ids = ids
        self.clock = clock
    }

    /// For the operations listener, behind its token.
    package var routes: [Route] { [Route(.put, "/api/v1/data-sources/{source}") { try await put($0) }] }

    private func put(_ request: RouteRequest) async throws -> Answer {
        guard let name = request.parameters["source"], let (queue, limit) = queues[name] else {
            return .problem(.notFound, "no data source of this name listens to a queue")
        }
        switch try await JSONBody.bytes(request, upTo: limit, within: .seconds(30)) {
        case .failure(let refusal): return refusal.answer
        case .success(let body):
            if case .failure(let refusal) = JSONBody.value(body.bytes) { return refusal.answer }
            let message = Message(
                id: ids.next(), source: "/hospital", type: .documentReplaced, subject: nil,
                time: clock.now(), trace: request.trace?.child() ?? .root(), body: body.bytes)
            do throws(BusError) {
                // The bus answers within its publish timeout.
                try await bus.publish(message, to: .queue(queue))
                return .json(["status": "accepted", "id": .string(message.id)], status: .accepted)
            } catch {
                return QueueRoutes.answer(error)
            }
        }
    }
}
