// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore

/// An exchange with its bindings, ready for routing.
struct ExchangeState: Sendable {
    struct Binding: Sendable {
        let queue: Int64
        let queueName: String
        let routingKey: String
        let pattern: TopicPattern
    }

    let kind: Topology.Exchange.Kind
    private(set) var bindings: [Binding] = []
    /// Queues of a consistent-hash exchange, each as often as its weight.
    private var buckets: [Int64] = []

    /// RabbitMQ's plugin makes as many buckets per unit; more than this is surely a mistaken routing key.
    static let maximumWeight = 1000

    init(kind: Topology.Exchange.Kind) {
        self.kind = kind
    }

    static func weight(_ routingKey: String) -> Int? {
        Int(routingKey).flatMap { (1...maximumWeight).contains($0) ? $0 : nil }
    }

    func has(queue: Int64, routingKey: String) -> Bool {
        bindings.contains { $0.queue == queue && $0.routingKey == routingKey }
    }

    mutating func bind(queue: Int64, name: String, routingKey: String) {
        bindings.append(
            Binding(queue: queue, queueName: name, routingKey: routingKey, pattern: TopicPattern(routingKey)))
        guard kind == .consistentHash else { return }
        // By length first, so that partition 10 comes after partition 9 and new partitions join at the end.
        let sorted = bindings.sorted {
            ($0.queueName.utf8.count, $0.queueName, $0.routingKey) < (
                $1.queueName.utf8.count, $1.queueName, $1.routingKey
            )
        }
        buckets = sorted.flatMap { Array(repeating: $0.queue, count: Self.weight($0.routingKey) ?? 0) }
    }

    /// Each queue at most once, in the order of its first matching binding.
    func route(_ routingKey: String) -> [Int64] {
        switch kind {
        case .consistentHash:
            return ConsistentHash.bucket(of: routingKey, buckets: buckets.count).map { [buckets[$0]] } ?? []
        case .topic:
            let words = TopicPattern.words(of: routingKey)
            var queues: [Int64] = []
            for binding in bindings where !queues.contains(binding.queue) && binding.pattern.matches(words: words) {
                queues.append(binding.queue)
            }
            return queues
        }
    }
}
