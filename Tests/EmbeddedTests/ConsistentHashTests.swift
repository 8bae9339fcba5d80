// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import Testing

@testable import Embedded

@Suite("Consistent hash")
struct ConsistentHashTests {
    @Test("FNV-1a gives the published test vectors")
    func vectors() {
        #expect(ConsistentHash.fnv1a("") == 0xCBF2_9CE4_8422_2325)
        #expect(ConsistentHash.fnv1a("a") == 0xAF63_DC4C_8601_EC8C)
        #expect(ConsistentHash.fnv1a("foobar") == 0x8594_4171_F739_67E8)
    }

    @Test("referrals spread evenly over the partitions", arguments: [2, 4, 8, 16])
    func spread(_ buckets: Int) throws {
        var counts = [Int](repeating: 0, count: buckets)
        for number in 0..<10_000 {
            counts[try #require(ConsistentHash.bucket(of: "ref-\(number)", buckets: buckets))] += 1
        }
        let fair = 10_000 / buckets
        #expect(counts.allSatisfy { abs($0 - fair) < fair / 4 }, "\(counts)")
    }

    @Test("one more partition moves keys to the new one only, and about its share")
    func growth() {
        var moved = 0
        for number in 0..<10_000 {
            let before = ConsistentHash.bucket(of: "ref-\(number)", buckets: 9)
            let after = ConsistentHash.bucket(of: "ref-\(number)", buckets: 10)
            if before != after {
                #expect(after == 9)
                moved += 1
            }
        }
        #expect((700...1300).contains(moved))
    }

    @Test("no bucket for no binding")
    func none() {
        #expect(ConsistentHash.bucket(of: "a", buckets: 0) == nil)
    }

    @Test("a queue gets as much as its weight, whatever the order of binding")
    func weight() {
        var exchange = ExchangeState(kind: .consistentHash)
        exchange.bind(queue: 1, name: "q.1", routingKey: "3")
        exchange.bind(queue: 2, name: "q.2", routingKey: "1")
        var reversed = ExchangeState(kind: .consistentHash)
        reversed.bind(queue: 2, name: "q.2", routingKey: "1")
        reversed.bind(queue: 1, name: "q.1", routingKey: "3")
        var first = 0
        for number in 0..<10_000 {
            let queues = exchange.route("ref-\(number)")
            #expect(queues == reversed.route("ref-\(number)"))
            if queues == [1] { first += 1 }
        }
        #expect((7000...8000).contains(first))
    }
}
