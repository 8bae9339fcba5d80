// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import HTTPTypes
import JSON
import ServiceLifecycle

/// The hospital side of the bus over HTTP: receive with a lease, settle, bind, look.
struct QueueRoutes: Sendable {
    private static let bodyBytes = 1 << 20
    private static let bodyTime = Duration.seconds(10)
    private static let longestWait = 30
    private static let longestLease = 600
    /// Queues that the bridge's own workers consume: a second consumer would break the order of referrals.
    private static let internalQueues = BusNames.partitioned.map { $0 + "." } + ["ocean.workers"]
    private static let bindable = [BusNames.hospitalFHIR, BusNames.hospitalOcean, BusNames.hospitalCanonical]

    let bus: any MessageBus
    let desk: LeaseDesk

    var routes: [Route] {
        [
            Route(.post, "/api/v1/queues/{queue}/receive") { try await receive($0) },
            Route(.post, "/api/v1/queues/{queue}/ack") { try await settle($0, isAck: true) },
            Route(.post, "/api/v1/queues/{queue}/nack") { try await settle($0, isAck: false) },
            Route(.put, "/api/v1/queues/{queue}/bindings") { try await bind($0) },
            Route(.get, "/api/v1/queues/{queue}") { await depth($0) },
        ]
    }

    private func receive(_ request: RouteRequest) async throws -> Answer {
        guard let queue = Self.queue(request) else { return Self.badName }
        guard !Self.internalQueues.contains(where: { queue.hasPrefix($0) }) else {
            return .problem(.forbidden, "this queue belongs to the bridge's own workers")
        }
        let query = FormText(request.query)?.unique ?? [:]
        guard let maximum = Self.number(query["max"], default: 10, in: 1...desk.limits.prefetch),
            let wait = Self.number(query["wait"], default: 0, in: 0...Self.longestWait),
            let lease = Self.number(query["lease"], default: 60, in: 1...Self.longestLease)
        else {
            return .problem(
                .badRequest,
                "max is 1 to \(desk.limits.prefetch), wait 0 to \(Self.longestWait), lease 1 to \(Self.longestLease)")
        }
        let loans: [LeaseDesk.Loan]
        do throws(BusError) {
            loans = try await received(queue, maximum, wait, lease)
        } catch {
            return Self.answer(error)
        }
        return .json([
            "messages": .array(
                loans.map { loan in
                    [
                        "receipt": .string(loan.receipt), "redelivered": .bool(loan.redelivered),
                        "message": loan.message.structured(),
                    ]
                })
        ])
    }

    private func received(
        _ queue: String, _ maximum: Int, _ wait: Int, _ lease: Int
    ) async throws(BusError) -> [LeaseDesk.Loan] {
        let result = await withGracefulShutdownHandler {
            do throws(BusError) {
                return Result<[LeaseDesk.Loan], BusError>.success(
                    try await desk.receive(
                        from: queue, maximum: maximum, wait: .seconds(wait), lease: .seconds(lease)))
            } catch {
                return .failure(error)
            }
        } onGracefulShutdown: {
            // Unstructured: the handler cannot wait, and the desk outlives the request.
            Task { await desk.stopWaiting() }
        }
        return try result.get()
    }

    private func settle(_ request: RouteRequest, isAck: Bool) async throws -> Answer {
        guard let queue = Self.queue(request) else { return Self.badName }
        let object: JSONObject
        switch try await JSONBody.object(request, upTo: Self.bodyBytes, within: Self.bodyTime) {
        case .success(let value): object = value
        case .failure(let refusal): return refusal.answer
        }
        guard let list = object["receipts"]?.arrayValue else {
            return .problem(.unprocessableContent, "receipts must be an array", members: ["pointer": "/receipts"])
        }
        var receipts: [String] = []
        for (index, value) in list.enumerated() {
            guard let receipt = value.stringValue else {
                return .problem(
                    .unprocessableContent, "a receipt is a string",
                    members: ["pointer": .string("/receipts/\(index)")])
            }
            if !receipts.contains(receipt) { receipts.append(receipt) }
        }
        guard receipts.count <= 1000 else {
            return .problem(.unprocessableContent, "at most 1000 receipts", members: ["pointer": "/receipts"])
        }
        let requeue = object["requeue"] ?? .bool(true)
        guard let requeue = requeue.boolValue else {
            return .problem(.unprocessableContent, "requeue is true or false", members: ["pointer": "/requeue"])
        }
        let results =
            isAck
            ? await desk.ack(receipts, in: queue)
            : await desk.nack(receipts, requeue: requeue, in: queue)
        return .json([
            "results": .array(
                results.map { ["receipt": .string($0.receipt), "result": .string($0.result.rawValue)] })
        ])
    }

    private func bind(_ request: RouteRequest) async throws -> Answer {
        guard let queue = Self.queue(request) else { return Self.badName }
        guard !queue.hasPrefix("ocean.") else {
            return .problem(.forbidden, "names that begin with ocean. belong to the bridge")
        }
        let object: JSONObject
        switch try await JSONBody.object(request, upTo: Self.bodyBytes, within: Self.bodyTime) {
        case .success(let value): object = value
        case .failure(let refusal): return refusal.answer
        }
        guard let list = object["bindings"]?.arrayValue, !list.isEmpty else {
            return .problem(
                .unprocessableContent, "bindings must be an array with at least one member",
                members: ["pointer": "/bindings"])
        }
        var bindings: [(exchange: String, routingKey: String)] = []
        for (index, value) in list.enumerated() {
            let pointer = "/bindings/\(index)"
            guard let exchange = value["exchange"]?.stringValue,
                Self.bindable.contains(exchange) || exchange == BusNames.results
            else {
                return .problem(
                    .unprocessableContent,
                    "exchange is one of \((Self.bindable + [BusNames.results]).joined(separator: ", "))",
                    members: ["pointer": .string(pointer + "/exchange")])
            }
            guard let key = value["routingKey"]?.stringValue, (1...255).contains(key.utf8.count) else {
                return .problem(
                    .unprocessableContent, "routingKey is a topic pattern of 1 to 255 bytes, such as #",
                    members: ["pointer": .string(pointer + "/routingKey")])
            }
            bindings.append((exchange, key))
        }
        do throws(BusError) {
            for binding in bindings {
                try await bus.bind(queue: queue, to: binding.exchange, routingKey: binding.routingKey)
            }
        } catch {
            return Self.answer(error)
        }
        return Answer(.noContent)
    }

    private func depth(_ request: RouteRequest) async -> Answer {
        guard let queue = Self.queue(request) else { return Self.badName }
        let found: QueueDepth?
        do throws(BusError) {
            found = try await bus.depth(of: queue)
        } catch {
            return Self.answer(error)
        }
        guard let found else { return .problem(.notFound, "there is no such queue") }
        let held = await desk.held(in: queue)
        var object = JSONObject()
        object["queue"] = .string(queue)
        object["ready"] = .number(JSONNumber(found.ready))
        object["unsettled"] = .number(JSONNumber(found.unsettled))
        object["consumers"] = .number(JSONNumber(found.consumers))
        object.append("oldest", found.oldest.map { .string($0.description) })
        object["leased"] = .number(JSONNumber(held.lent))
        return .json(.object(object))
    }

    /// Letters, digits, dot, hyphen, underscore: what every broker tool shows as it is.
    private static func queue(_ request: RouteRequest) -> String? {
        guard let name = request.parameters["queue"], (1...128).contains(name.utf8.count),
            name.utf8.allSatisfy({
                (0x61...0x7A).contains($0) || (0x41...0x5A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2D
                    || $0 == 0x2E || $0 == 0x5F
            })
        else { return nil }
        return name
    }

    private static let badName = Answer.problem(
        .badRequest, "a queue's name has 1 to 128 letters, digits, dots, hyphens or underscores")

    private static func number(_ text: String?, default standard: Int, in range: ClosedRange<Int>) -> Int? {
        guard let text else { return standard }
        return Int(text).flatMap { range.contains($0) ? $0 : nil }
    }

    /// What the bus's failures mean to a caller.
    static func answer(_ error: BusError) -> Answer {
        switch error.code {
        case .notFound: .problem(.notFound, "there is no such queue; bind it first")
        case .topologyConflict: .problem(.conflict, "a queue of this name exists with other arguments")
        case .tooLarge: .problem(.contentTooLarge, "the message is larger than the bus takes")
        case .unavailable, .blocked, .unknownOutcome, .unroutable, .refused, .stale, .accessRefused, .closed:
            .retryLater("the bus does not serve now: \(error.code.rawValue)")
        }
    }
}
