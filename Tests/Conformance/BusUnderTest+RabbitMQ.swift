// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeTestKit
import RabbitMQ

extension BusUnderTest {
    static let brokers = [rabbitMQ]

    /// A fresh virtual host of one real broker for the whole run.
    static let rabbitMQ = BusUnderTest(name: "RabbitMQ") { body in
        try await RabbitMQBroker.shared().withVirtualHost { url in
            let configuration = try RabbitMQConfiguration(url: url)
            try await running(RabbitMQBus(configuration: configuration, logger: .quiet), body)
        }
    }
}
