// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore

/// The routing key of a message that was put straight into its partition queue travels in a header.
enum PartitionKey {
    static let header = "x-lane"

    /// The partition queue of `key`; nil when the exchange is none of ours to sort.
    static func queue(behind exchange: String, of key: String, _ partitions: [String: Int]) -> String? {
        guard let count = partitions[exchange], let index = ConsistentHash.bucket(of: key, buckets: count) else {
            return nil
        }
        return BusNames.partition(exchange, index)
    }

    /// Takes the header off and returns the key under which the message was published. Only a message that was put
    /// straight into the queue can have one of ours; what others send under that name stays what it is.
    static func take(
        from properties: inout CloudEventsBinary.Properties, queue: String, routingKey: String
    ) -> String {
        guard routingKey == queue, case .string(let key)? = properties.headers[header] else { return routingKey }
        properties.headers[header] = nil
        return key
    }
}
