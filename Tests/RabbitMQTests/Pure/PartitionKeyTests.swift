// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import Testing

@testable import RabbitMQ

@Suite("The partition of a routing key")
struct PartitionKeyTests {
    @Test("a key has one partition, the same in every process and after every restart")
    func stable() throws {
        let partitions = ["ocean.inbound": 8]
        // Changing these moves the referrals of every running installation.
        #expect(
            PartitionKey.queue(behind: "ocean.inbound", of: "ref-1", partitions)
                == "ocean.inbound.\(try bucket("ref-1"))")
        #expect(try ["a", "b", "c", "ref-1", "ref-2"].map(bucket) == Self.known)
        #expect(PartitionKey.queue(behind: "hospital.fhir", of: "ref-1", partitions) == nil)
    }

    private static let known = [2, 3, 0, 0, 5]

    private func bucket(_ key: String) throws -> Int {
        try #require(ConsistentHash.bucket(of: key, buckets: 8))
    }

    @Test("the key comes back from the header of what was put straight into the queue, and only from that")
    func header() {
        func properties() -> CloudEventsBinary.Properties {
            var properties = CloudEventsBinary.Properties()
            properties.headers[PartitionKey.header] = .string("ref-1")
            return properties
        }
        var ours = properties()
        #expect(PartitionKey.take(from: &ours, queue: "ocean.updates.3", routingKey: "ocean.updates.3") == "ref-1")
        #expect(ours.headers[PartitionKey.header] == nil)
        var foreign = properties()
        #expect(PartitionKey.take(from: &foreign, queue: "ocean.updates.intake", routingKey: "ref-2") == "ref-2")
        #expect(foreign.headers[PartitionKey.header] == .string("ref-1"))
    }
}
