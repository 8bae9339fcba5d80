// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import CRabbitMQ
import Glibc

extension Handle {
    /// Whether the socket takes bytes now. The library itself would wait for ever.
    var canWrite: Bool {
        var entry = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        return poll(&entry, 1, 0) > 0
    }

    /// Writes one message; call it under the watchdog.
    ///
    /// - Parameter isPersistent: false for what nobody wants after a restart.
    /// - Returns: the library's status.
    func publish(_ content: PendingPublish.Content, _ arena: FieldArena, isPersistent: Bool = true) -> Int32 {
        arena.reset()
        var properties = content.properties.encoded(in: arena)
        if !isPersistent { properties.delivery_mode = UInt8(AMQP_DELIVERY_NONPERSISTENT.rawValue) }
        let exchange = arena.text(content.exchange)
        let routingKey = arena.text(content.routingKey)
        let status = content.body.withUnsafeBytes { body in
            amqp_basic_publish(
                state, Handle.channel, exchange, routingKey, content.isMandatory ? 1 : 0, 0, &properties,
                amqp_bytes_t(len: body.count, bytes: UnsafeMutableRawPointer(mutating: body.baseAddress)))
        }
        if content.body.count % max(1, frameMax - 8) == 0 {
            // The library marks the last frame of an exact multiple as "more to come", and the kernel keeps it back for
            // 200 ms; setting the option again pushes it out.
            var on: Int32 = 1
            setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
        }
        return status
    }
}
