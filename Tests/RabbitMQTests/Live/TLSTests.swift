// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import BridgeTestKit
import RabbitMQ
import Testing

extension RabbitMQSuite {
    @Suite("TLS to the broker", .serialized, .timeLimit(.minutes(3)))
    struct TLSTests {
        @Test("messages travel over a verified connection; an unknown authority or name is refused")
        func verified() async throws {
            let broker = try await RabbitMQBroker.start(tls: true)
            let url = "amqps://guest:guest@localhost:\(broker.tlsPort)/%2F?cacertfile=\(broker.authorityFile)"
            try await BusFixture.withBus(url) { bus in
                try await bus.declare(BusFixture.queue("secret"))
                let subscription = try await bus.subscribe(to: "secret", prefetch: 50)
                let body = [UInt8](repeating: 0x20, count: 300_000)
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for number in 0..<50 {
                        group.addTask {
                            try await bus.publish(BusFixture.message(number, body: body), to: .queue("secret"))
                        }
                    }
                    try await group.waitForAll()
                }
                let deliveries = await BusFixture.take(50, from: subscription)
                #expect(deliveries.count == 50)
                #expect(deliveries.allSatisfy { $0.message.body == body })
                for delivery in deliveries { try await delivery.ack() }
                await subscription.cancel()
                #expect(try await bus.depth(of: "secret")?.ready == 0)
            }
            for wrong in [
                "amqps://guest:guest@localhost:\(broker.tlsPort)/%2F",
                "amqps://guest:guest@127.0.0.1:\(broker.tlsPort)/%2F?cacertfile=\(broker.authorityFile)",
            ] {
                try await BusFixture.withBus(wrong, adjust: { $0.publishTimeout = .seconds(3) }) { bus in
                    let code = await BusFixture.code { () async throws(BusError) in
                        try await bus.declare(BusFixture.queue("other"))
                    }
                    #expect(code != nil)
                }
            }
            try await broker.kill()
        }
    }
}
