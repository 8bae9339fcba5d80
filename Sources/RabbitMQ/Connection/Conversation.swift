// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import CRabbitMQ

/// Question and answer on a connection. Not the library's own calls: those put every other frame that arrives
/// meanwhile aside without a bound.
extension Handle {
    /// Sends a method and waits for its answer, whose memory lives until `releaseBuffers`. A closed channel is
    /// answered and opened again, so that the next call can go on.
    ///
    /// - Parameter deadline: monotonic nanoseconds; the call's own deadline when that is earlier.
    @discardableResult
    func ask<Arguments: BitwiseCopyable>(
        _ method: UInt32, _ arguments: Arguments, expecting answer: UInt32, on channel: amqp_channel_t = channel,
        until deadline: Int64 = MonotonicTime.never
    ) throws(BrokerFailure) -> UnsafeMutableRawPointer? {
        let end = min(deadline, callEnd)
        do throws(BrokerFailure) {
            return try guarded(until: end) { () throws(BrokerFailure) in
                try send(method, arguments, on: channel)
                return try expect(answer, until: end)
            }
        } catch {
            guard error.channelOnly, !isBroken else { throw broken(error) }
            try reopenChannel()
            throw error
        }
    }

    func openChannel() throws(BrokerFailure) {
        let end = callEnd
        do throws(BrokerFailure) {
            try guarded(until: end) { () throws(BrokerFailure) in
                try send(AMQP_CHANNEL_OPEN_METHOD, amqp_channel_open_t(), on: Self.channel)
                try expect(AMQP_CHANNEL_OPEN_OK_METHOD, until: end)
            }
        } catch {
            throw broken(error)
        }
        releaseBuffers()
    }

    func send<Arguments: BitwiseCopyable>(
        _ method: UInt32, _ arguments: Arguments, on channel: amqp_channel_t
    ) throws(BrokerFailure) {
        var arguments = arguments
        let status = withUnsafeMutablePointer(to: &arguments) { amqp_send_method(state, channel, method, $0) }
        guard status == AMQP_STATUS_OK.rawValue else { throw broken(.status(status)) }
    }

    /// Waits for one method. Anything else but the broker's notices is a fault.
    @discardableResult
    func expect(_ answer: UInt32, until deadline: Int64) throws(BrokerFailure) -> UnsafeMutableRawPointer? {
        while true {
            switch receive() {
            case .failed(let failure): throw failure
            case .frame(let frame):
                guard Int32(frame.frame_type) == AMQP_FRAME_METHOD else { throw broken(.outOfOrder) }
                let method = frame.payload.method
                switch method.id {
                case answer: return method.decoded
                case AMQP_CHANNEL_CLOSE_METHOD: throw .channelClose(method.decoded)
                case AMQP_CONNECTION_CLOSE_METHOD: throw broken(.connectionClose(method.decoded))
                case AMQP_CONNECTION_BLOCKED_METHOD, AMQP_CONNECTION_UNBLOCKED_METHOD: continue
                default: throw broken(.hostile("an answer that was not asked for"))
                }
            case .nothing:
                let now = MonotonicTime.now()
                guard now < deadline else { throw broken(.timeout("answer of the broker")) }
                if !hasBufferedFrames {
                    wait(MonotonicTime.pollTimeout(until: deadline, limit: 60_000, now: now))
                }
            }
        }
    }

    private func reopenChannel() throws(BrokerFailure) {
        releaseBuffers()
        try guarded(until: callEnd) { () throws(BrokerFailure) in
            try send(AMQP_CHANNEL_CLOSE_OK_METHOD, amqp_channel_close_ok_t(), on: Self.channel)
        }
        try openChannel()
    }

    /// AMQP's close, for at most two seconds; what still comes in is read past.
    func sayGoodbye() {
        let end = MonotonicTime.after(.seconds(2))
        do throws(BrokerFailure) {
            try guarded(until: end) { () throws(BrokerFailure) in
                let close = amqp_connection_close_t(
                    reply_code: UInt16(AMQP_REPLY_SUCCESS), reply_text: amqp_empty_bytes, class_id: 0, method_id: 0)
                try send(AMQP_CONNECTION_CLOSE_METHOD, close, on: 0)
                while MonotonicTime.now() < end {
                    switch receive() {
                    case .failed(let failure): throw failure
                    case .frame(let frame):
                        let isMethod = Int32(frame.frame_type) == AMQP_FRAME_METHOD
                        if isMethod, frame.payload.method.id == AMQP_CONNECTION_CLOSE_OK_METHOD { return }
                        releaseBuffers()
                    case .nothing: if !hasBufferedFrames { wait(500) }
                    }
                }
            }
        } catch {
            // The connection ends either way; the broker notices the closed socket.
            return
        }
    }
}
