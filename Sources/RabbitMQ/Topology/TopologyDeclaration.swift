// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import CRabbitMQ

/// Declares a topology over one connection: looks first, declares what is missing, never loops on a refusal.
struct TopologyDeclaration {
    let handle: Handle

    func declare(_ topology: Topology) throws(BusError) {
        for exchange in topology.exchanges { try declare(exchange) }
        for queue in topology.queues { try declare(queue) }
        for binding in topology.bindings { try bind(binding) }
    }

    /// As `declare`, but a binding of a queue that is not ours and is gone is left out: its owner makes it.
    func restore(_ topology: Topology) throws(BusError) {
        for exchange in topology.exchanges { try declare(exchange) }
        for queue in topology.queues { try declare(queue) }
        for binding in topology.bindings {
            do throws(BusError) {
                try bind(binding)
            } catch {
                let isOurs = topology.queues.contains { $0.name == binding.queue }
                guard error.code == .notFound, !isOurs, !handle.isBroken else { throw error }
            }
        }
    }

    private func declare(_ exchange: Topology.Exchange) throws(BusError) {
        let place = "exchange \(exchange.name)"
        let exists = try isThere(place) { () throws(BrokerFailure) in
            try handle.declareExchange(exchange, passive: true)
        }
        do throws(BrokerFailure) {
            try handle.declareExchange(exchange, passive: false)
        } catch {
            if exists, error.code == Int(AMQP_ACCESS_REFUSED) { return }
            if Self.isUnknownType(error, exchange.kind) {
                throw BusError(
                    .notFound,
                    "\(place): the broker does not know the type \(exchange.kind.rawValue). On every node run: "
                        + "rabbitmq-plugins enable rabbitmq_consistent_hash_exchange")
            }
            throw conflict(
                error, place,
                remedy: "Delete it when nothing publishes to it any more, or give the other exchange another name")
        }
    }

    func declare(_ queue: Topology.Queue) throws(BusError) {
        let place = "queue \(queue.name)"
        let exists = try isThere(place) { () throws(BrokerFailure) in _ = try handle.inspectQueue(queue.name) }
        do throws(BrokerFailure) {
            try handle.declareQueue(queue)
        } catch {
            if exists, error.code == Int(AMQP_ACCESS_REFUSED) { return }
            throw conflict(
                error, place,
                remedy: "Drain it, then: rabbitmqctl delete_queue \(queue.name), and start again")
        }
    }

    func bind(_ binding: Topology.Binding) throws(BusError) {
        do throws(BrokerFailure) {
            try handle.bind(binding)
        } catch {
            throw error.busError("binding of queue \(binding.queue) to exchange \(binding.exchange)")
        }
    }

    /// A user without the right to configure may still find everything in place.
    private func isThere(_ place: String, _ look: () throws(BrokerFailure) -> Void) throws(BusError) -> Bool {
        do throws(BrokerFailure) {
            try look()
            return true
        } catch {
            guard error.code == Int(AMQP_NOT_FOUND), error.channelOnly, !handle.isBroken else {
                throw error.busError(place)
            }
            return false
        }
    }

    private func conflict(_ failure: BrokerFailure, _ place: String, remedy: String) -> BusError {
        guard failure.code == Int(AMQP_PRECONDITION_FAILED) else { return failure.busError(place) }
        return BusError(
            .topologyConflict, "\(place) exists with other arguments (\(failure.text)). \(remedy)")
    }

    private static func isUnknownType(_ failure: BrokerFailure, _ kind: Topology.Exchange.Kind) -> Bool {
        guard kind == .consistentHash else { return false }
        return failure.code == Int(AMQP_COMMAND_INVALID)
            || (failure.code == Int(AMQP_PRECONDITION_FAILED) && failure.text.contains("exchange type"))
    }
}
