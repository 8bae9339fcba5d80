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
    let callDeadline: Duration
    /// When bytes last came in; a peer is silent from then on.
    private var lastHeard = MonotonicTime.now()
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
    /// A frame that cannot belong to this connection is a failure.
    func receive() -> Received {
        var frame = amqp_frame_t()
        var zero = timeval(tv_sec: 0, tv_usec: 0)
        let status = amqp_simple_wait_frame_noblock(state, &frame, &zero)
        if status == AMQP_STATUS_TIMEOUT.rawValue { return .nothing }
        guard status == AMQP_STATUS_OK.rawValue else { return .failed(broken(.status(status))) }
        if let fault = Self.fault(in: frame) { return .failed(broken(.hostile(fault))) }
        lastHeard = MonotonicTime.now()
        return .frame(frame)
    }

    /// Channel 0 carries the connection's methods and nothing else; no third channel was ever opened.
    private static func fault(in frame: amqp_frame_t) -> String? {
        let type = Int32(frame.frame_type)
        // The library gives a protocol header out as a frame of type 'A'.
        if type == Int32(UInt8(ascii: "A")) { return "the peer offers another version of the protocol" }
        switch frame.channel {
        case 0:
            guard type == AMQP_FRAME_METHOD else { return "content on channel 0" }
            return frame.payload.method.id >> 16 == 10 ? nil : "a channel's method on channel 0"
        case channel:
            if type == AMQP_FRAME_METHOD {
                return frame.payload.method.id >> 16 == 10 ? "a connection's method on a channel" : nil
            }
            // The library decodes the properties of every class; only those of `basic` have the shape that is read.
            if type == AMQP_FRAME_HEADER, frame.payload.properties.class_id != UInt16(AMQP_BASIC_CLASS) {
                return "a content header of another class"
            }
            return nil
        default: return "a frame for a channel that is not open"
        }
    }

    /// Notes that the connection cannot go on, and tells the watchdog's work from the network's.
    func broken(_ failure: BrokerFailure) -> BrokerFailure {
        isBroken = true
        return fuse.hasBlown ? .watchdog : failure
    }

    func releaseBuffers() {
        amqp_maybe_release_buffers(state)
    }

    /// Runs calls into the library under the watchdog.
    func guarded<Value>(
        until deadline: Int64, _ calls: () throws(BrokerFailure) -> Value
    ) throws(BrokerFailure) -> Value {
        // Later than the deadline that the calls keep by themselves when they can.
        let (late, overflow) = min(deadline, callEnd).addingReportingOverflow(100_000_000)
        fuse.arm(until: overflow ? MonotonicTime.never : late)
        defer { fuse.disarm() }
        return try calls()
    }

    /// Sleeps until the socket or `wakeup` has something, at most `limit` milliseconds, and never past the moment at
    /// which a silent peer has missed two heartbeats.
    func wait(_ limit: Int32, untilWritable: Bool = false, _ wakeup: Wakeup? = nil) {
        let now = MonotonicTime.now()
        let beat = heartbeat.nanoseconds
        var milliseconds = min(limit, max(1, Int32(clamping: beat / 4_000_000)))
        // The library starts counting a moment after the bytes came in.
        let due = lastHeard + 2 * beat + 5_000_000
        if due > now { milliseconds = MonotonicTime.pollTimeout(until: due, limit: milliseconds, now: now) }
        var entries = (
            pollfd(fd: descriptor, events: Int16(untilWritable ? POLLIN | POLLOUT : POLLIN), revents: 0),
            pollfd(fd: wakeup?.descriptor ?? -1, events: Int16(POLLIN), revents: 0)
        )
        withUnsafeMutablePointer(to: &entries) { pointer in
            pointer.withMemoryRebound(to: pollfd.self, capacity: 2) { _ = poll($0, 2, milliseconds) }
        }
        if Int32(entries.0.revents) & POLLIN != 0 { lastHeard = MonotonicTime.now() }
        if entries.1.revents != 0 { wakeup?.clear() }
    }

    /// Ends the connection. Impolitely means that the socket is shut down without an AMQP close: then the broker puts
    /// what the consumer held back in its old order, which it does not after a polite close.
    func close(politely: Bool) {
        guard !isClosed else { return }
        isClosed = true
        if politely, !isBroken { sayGoodbye() }
        fuse.blow()
        fuse.detach()
        amqp_destroy_connection(state)
    }
}
