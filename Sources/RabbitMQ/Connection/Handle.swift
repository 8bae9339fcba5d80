// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import CRabbitMQ
import Glibc

/// Owns one librabbitmq connection with one channel. Used by one thread only; never leaves it.
final class Handle {
    enum Received {
        case frame(amqp_frame_t)
        case nothing
        case failed(BrokerFailure)
    }

    static let channel: amqp_channel_t = 1

    let state: amqp_connection_state_t
    let host: RabbitMQConfiguration.Host
    private let fuse: SocketFuse
    private let callDeadline: Duration
    private(set) var isBroken = false
    private var isClosed = false

    init(
        state: amqp_connection_state_t, host: RabbitMQConfiguration.Host, fuse: SocketFuse, callDeadline: Duration
    ) {
        self.state = state
        self.host = host
        self.fuse = fuse
        self.callDeadline = callDeadline
    }

    deinit {
        close(politely: false)
    }

    var descriptor: Int32 { amqp_get_sockfd(state) }
    var frameMax: Int { Int(amqp_get_frame_max(state)) }
    var heartbeat: Duration { .seconds(max(1, Int(amqp_get_heartbeat(state)))) }

    /// Frames that the library has read already and that poll(2) cannot see.
    var hasBufferedFrames: Bool { amqp_data_in_buffer(state) != 0 || amqp_frames_enqueued(state) != 0 }

    /// The next frame that is there, without waiting; also sends and checks heartbeats. Valid until `releaseBuffers`.
    func receive() -> Received {
        var frame = amqp_frame_t()
        var zero = timeval(tv_sec: 0, tv_usec: 0)
        let status = amqp_simple_wait_frame_noblock(state, &frame, &zero)
        if status == AMQP_STATUS_OK.rawValue { return .frame(frame) }
        if status == AMQP_STATUS_TIMEOUT.rawValue { return .nothing }
        isBroken = true
        return .failed(.status(status))
    }

    func releaseBuffers() {
        amqp_maybe_release_buffers(state)
    }

    /// Runs one call under the watchdog.
    func guarded<Value>(until deadline: Int64 = MonotonicTime.never, _ call: () -> Value) -> Value {
        fuse.arm(until: min(deadline, MonotonicTime.after(callDeadline)))
        defer { fuse.disarm() }
        return call()
    }

    /// The result of the last RPC; a closed channel is answered and opened again, so that the next RPC can go on.
    func checkReply() throws(BrokerFailure) {
        guard let failure = BrokerFailure.of(amqp_get_rpc_reply(state)) else { return }
        if failure.channelOnly {
            try reopenChannel()
        } else {
            isBroken = true
        }
        throw failure
    }

    func openChannel() throws(BrokerFailure) {
        _ = guarded { amqp_channel_open(state, Self.channel) }
        if let failure = BrokerFailure.of(amqp_get_rpc_reply(state)) {
            isBroken = true
            throw failure
        }
    }

    private func reopenChannel() throws(BrokerFailure) {
        var answer = amqp_channel_close_ok_t()
        let status = guarded { amqp_send_method(state, Self.channel, AMQP_CHANNEL_CLOSE_OK_METHOD, &answer) }
        guard status == AMQP_STATUS_OK.rawValue else {
            isBroken = true
            throw .status(status)
        }
        try openChannel()
    }

    /// Ends the connection. Impolitely means that the socket is shut down without an AMQP close: then the broker puts
    /// what the consumer held back in its old order, which it does not after a polite close.
    func close(politely: Bool) {
        guard !isClosed else { return }
        isClosed = true
        if politely, !isBroken {
            var limit = Duration.seconds(2).timeval
            amqp_set_rpc_timeout(state, &limit)
            _ = guarded { amqp_connection_close(state, AMQP_REPLY_SUCCESS) }
        }
        fuse.blow()
        fuse.detach()
        amqp_destroy_connection(state)
    }
}
