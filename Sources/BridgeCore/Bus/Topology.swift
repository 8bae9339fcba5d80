// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

/// Exchanges, queues and bindings, as data: declared on the bus, compared by `topology plan`, exported.
package struct Topology: Sendable, Hashable {
    package struct Exchange: Sendable, Hashable {
        package enum Kind: String, Sendable, Hashable {
            case consistentHash = "x-consistent-hash"
            case topic
        }
        package let name: String
        package let kind: Kind

        package init(name: String, kind: Kind) {
            self.name = name
            self.kind = kind
        }
    }

    package struct Queue: Sendable, Hashable {
        package let name: String
        /// Only one of several consumers receives; the next takes over when it goes. For partitions.
        package let singleActiveConsumer: Bool

        package init(name: String, singleActiveConsumer: Bool = false) {
            self.name = name
            self.singleActiveConsumer = singleActiveConsumer
        }
    }

    package struct Binding: Sendable, Hashable {
        package let exchange: String
        package let queue: String
        /// For a consistent-hash exchange the weight, as RabbitMQ's plugin reads it; else a topic pattern.
        package let routingKey: String

        package init(exchange: String, queue: String, routingKey: String) {
            self.exchange = exchange
            self.queue = queue
            self.routingKey = routingKey
        }
    }

    package var exchanges: [Exchange]
    package var queues: [Queue]
    package var bindings: [Binding]

    package init(exchanges: [Exchange] = [], queues: [Queue] = [], bindings: [Binding] = []) {
        self.exchanges = exchanges
        self.queues = queues
        self.bindings = bindings
    }
}

/// The names on the bus and the topology behind them.
package enum BusNames {
    package static let inbound = "ocean.inbound"
    package static let updates = "ocean.updates"
    /// Documents to be fetched; published by the translator.
    package static let documents = "ocean.documents"
    /// Requests of hospital systems for eForms.
    package static let forms = "ocean.forms"
    package static let hospitalFHIR = "hospital.fhir"
    package static let hospitalOcean = "hospital.ocean"
    package static let hospitalCanonical = "hospital.canonical"
    package static let results = "ocean.results"
    package static let deadLetters = "ocean.dead-letters"
    package static let invalid = "ocean.invalid"
    package static let unrouted = "ocean.unrouted"

    /// Before the name of each kind of question: `ocean.requests.{name}`.
    package static let requests = "ocean.requests"

    /// The queue of the questions called `name`.
    package static func request(_ name: String) -> String { "\(requests).\(name)" }

    /// Whether a queue holds questions, which somebody waits for and nobody keeps.
    package static func isRequest(_ queue: String) -> Bool { queue.hasPrefix(requests + ".") }

    /// The exchanges whose messages keep their order per referral, one queue per partition behind each.
    package static let partitioned = [inbound, updates, documents, forms]

    /// `ocean.inbound.3`: partition `index` of a consistent-hash exchange.
    package static func partition(_ exchange: String, _ index: Int) -> String { "\(exchange).\(index)" }

    /// `ocean.updates.intake`: what was published to the exchange by somebody who does not know the partitions.
    package static func intake(of exchange: String) -> String { "\(exchange).intake" }

    /// `ocean.workers.inbound`: nothing is ever published to it; its consumers are the live workers of `ocean.inbound`.
    package static func workers(of exchange: String) -> String {
        "ocean.workers.\(exchange.split(separator: ".").last ?? "")"
    }
}

extension Topology {
    /// Everything that the bridge itself needs.
    ///
    /// - Parameters:
    ///   - partitions: queues behind each consistent-hash exchange, at least 1. Changing it moves referrals to other
    ///     partitions, so drain first.
    ///   - intake: the exchanges lead to one intake queue each, from which a router sorts into the partitions. For
    ///     RabbitMQ, whose consistent-hash exchange may place keys otherwise after a restart (measured on 3.10.8).
    package static func bridge(partitions: Int, intake: Bool = false) -> Topology {
        var topology = Topology()
        for exchange in BusNames.partitioned {
            topology.exchanges.append(Exchange(name: exchange, kind: .consistentHash))
            for index in 0..<max(1, partitions) {
                let queue = BusNames.partition(exchange, index)
                topology.queues.append(Queue(name: queue, singleActiveConsumer: true))
                if !intake { topology.bindings.append(Binding(exchange: exchange, queue: queue, routingKey: "1")) }
            }
            if intake {
                let queue = BusNames.intake(of: exchange)
                topology.queues.append(Queue(name: queue, singleActiveConsumer: true))
                topology.bindings.append(Binding(exchange: exchange, queue: queue, routingKey: "1"))
            }
            topology.queues.append(Queue(name: BusNames.workers(of: exchange)))
        }
        for exchange in [
            BusNames.hospitalFHIR, BusNames.hospitalOcean, BusNames.hospitalCanonical, BusNames.results,
        ] {
            topology.exchanges.append(Exchange(name: exchange, kind: .topic))
        }
        for queue in [BusNames.deadLetters, BusNames.invalid, BusNames.unrouted] {
            topology.queues.append(Queue(name: queue))
        }
        return topology
    }
}

/// The routing keys of the topic exchanges: `{site}.{service}.{event}` and `{site}.{service}.{outcome}`.
package enum RoutingKey {
    /// Joins the parts, each made safe: dots and spaces inside a part would change the key's shape.
    package static func make(site: String?, service: String?, last: String) -> String {
        [part(site), part(service), last].joined(separator: ".")
    }

    /// One word of a routing key; what is missing is `unknown`.
    package static func part(_ text: String?) -> String {
        guard let text, !text.isEmpty else { return "unknown" }
        var output: [UInt8] = []
        for byte in text.utf8.prefix(80) {
            let plain =
                (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
                || byte == 0x2D || byte == 0x5F
            output.append(plain ? byte : 0x5F)
        }
        return String(decoding: output, as: UTF8.self)
    }
}
