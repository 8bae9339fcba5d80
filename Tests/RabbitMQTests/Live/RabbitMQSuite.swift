// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import Testing

/// Tests against a real broker; one after the other, because some of them kill, freeze or alarm it.
@Suite("RabbitMQ adapter on a real broker", .serialized)
enum RabbitMQSuite {}
