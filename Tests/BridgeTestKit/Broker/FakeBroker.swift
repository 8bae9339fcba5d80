// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import Glibc
import Synchronization

/// A broker that behaves as a script says: raw sockets on 127.0.0.1, one thread for each connection.
package final class FakeBroker: Sendable {
    package typealias Script = @Sendable (FakePeer) throws -> Void

    private struct State {
        var peers: [Int32] = []
        var accepted = 0
        var isStopped = false
        var arrivals: [ContinuousClock.Instant] = []
    }

    package let port: Int
    private let listener: Int32
    private let script: Script
    private let state = Mutex(State())

    /// Listens at once.
    ///
    /// - Parameter script: runs for each connection; the connection is closed when it returns or throws.
    package init(_ script: @escaping Script) throws {
        self.script = script
        listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard listener >= 0 else { throw RabbitMQBroker.Failure("no socket (errno \(errno))") }
        var address = FreePorts.loopback(port: 0)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let (descriptor, size) = (listener, length)
        let status = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                bind(descriptor, generic, size) == 0 && listen(descriptor, 64) == 0
                    ? getsockname(descriptor, generic, &length) : -1
            }
        }
        guard status == 0 else { throw RabbitMQBroker.Failure("cannot listen (errno \(errno))") }
        port = Int(UInt16(bigEndian: address.sin_port))
        try BlockingWork.start { [self] in accept() }
    }

    package var address: String { "amqp://guest:guest@127.0.0.1:\(port)/%2F" }
    /// Connections so far.
    package var connections: Int { state.withLock { $0.accepted } }
    /// When each connection came.
    package var arrivals: [ContinuousClock.Instant] { state.withLock { $0.arrivals } }

    /// Ends every connection and takes no more.
    package func stop() {
        state.withLock { state in
            guard !state.isStopped else { return }
            state.isStopped = true
            shutdown(listener, Int32(SHUT_RDWR))
            for peer in state.peers { shutdown(peer, Int32(SHUT_RDWR)) }
        }
    }

    private func accept() {
        while true {
            let descriptor = Glibc.accept(listener, nil, nil)
            if descriptor < 0 {
                if errno == EINTR || errno == ECONNABORTED { continue }
                break
            }
            _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
            let number = state.withLock { state -> Int? in
                guard !state.isStopped else { return nil }
                state.peers.append(descriptor)
                state.accepted += 1
                state.arrivals.append(.now)
                return state.accepted
            }
            guard let number else {
                close(descriptor)
                break
            }
            do {
                try BlockingWork.start { [self] in
                    // Whatever ends the script ends the connection; the client's view of it is what is tested.
                    try? script(FakePeer(descriptor: descriptor, number: number))
                    state.withLock { $0.peers.removeAll { $0 == descriptor } }
                    close(descriptor)
                }
            } catch {
                close(descriptor)
            }
        }
        close(listener)
    }
}

/// The broker's end of one connection, used by the thread of its script.
package final class FakePeer {
    package struct Gone: Error {}

    package struct Frame {
        package let type: UInt8
        package let channel: UInt16
        package let payload: [UInt8]

        /// Class and method of a method frame.
        package var method: (UInt16, UInt16)? {
            guard type == 1, payload.count >= 4 else { return nil }
            return (UInt16(payload[0]) << 8 | UInt16(payload[1]), UInt16(payload[2]) << 8 | UInt16(payload[3]))
        }
    }

    /// What a connection is for: publishing or consuming.
    package enum Purpose: Sendable {
        case publishing, consuming, control
    }

    private let descriptor: Int32
    /// Connections are numbered from 1.
    package let number: Int
    private var published: UInt64 = 0
    private var bodyLeft: UInt64 = 0

    init(descriptor: Int32, number: Int) {
        self.descriptor = descriptor
        self.number = number
    }

    package func write(_ bytes: [UInt8]) throws {
        var rest = bytes[...]
        while !rest.isEmpty {
            let sent = rest.withUnsafeBytes { send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            guard sent > 0 else { throw Gone() }
            rest = rest.dropFirst(sent)
        }
    }

    package func read(_ count: Int) throws -> [UInt8] {
        var output: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: min(max(1, count), 65_536))
        while output.count < count {
            let got = recv(descriptor, &buffer, min(buffer.count, count - output.count), 0)
            guard got > 0 else { throw Gone() }
            output.append(contentsOf: buffer[..<got])
        }
        return output
    }

    package func readFrame() throws -> Frame {
        let head = try read(7)
        let length = head[3...6].reduce(0) { $0 << 8 | Int($1) }
        let payload = try read(length + 1)
        return Frame(type: head[0], channel: UInt16(head[1]) << 8 | UInt16(head[2]), payload: payload.dropLast())
    }

    /// Reads nothing and says nothing until the other end or the broker goes.
    package func fallSilent() {
        var entry = pollfd(fd: descriptor, events: Int16(bitPattern: UInt16(0x2000)), revents: 0)  // POLLRDHUP
        while poll(&entry, 1, 60_000) == 0 {}
    }

    /// Reads and says nothing.
    package func listenOnly() throws {
        while true { _ = try read(1) }
    }

    package func pause(milliseconds: Int32) {
        _ = poll(nil, 0, milliseconds)
    }

    // MARK: The script of a broker that behaves

    package func readHeader() throws {
        _ = try read(8)
    }

    package func start(serverProperties: [UInt8] = [0, 0, 0, 0], mechanisms: String = "PLAIN") throws {
        try write(
            AMQPBytes.method(
                0, 10, 10,
                AMQPBytes().u8(0).u8(9).raw(serverProperties).long(mechanisms).long("en_US")))
    }

    package func tune(frameMax: UInt32 = 131_072, heartbeat: UInt16 = 60) throws {
        try write(AMQPBytes.method(0, 10, 30, AMQPBytes().u16(2047).u32(frameMax).u16(heartbeat)))
    }

    /// Header, start, tune, open.
    package func handshake(frameMax: UInt32 = 131_072, heartbeat: UInt16 = 60) throws {
        try readHeader()
        try start()
        try expect(10, 11)
        try tune(frameMax: frameMax, heartbeat: heartbeat)
        try expect(10, 31)
        try expect(10, 40)
        try write(AMQPBytes.method(0, 10, 41, AMQPBytes().short("")))
    }

    package func expect(_ classID: UInt16, _ methodID: UInt16) throws {
        while true {
            let frame = try readFrame()
            guard let method = frame.method else { continue }
            guard method == (classID, methodID) else { throw Gone() }
            return
        }
    }

    /// Answers calls until the channel publishes with confirms or consumes.
    package func answerCalls() throws -> Purpose {
        while true {
            let frame = try readFrame()
            switch frame.method {
            case (20, 10)?: try write(AMQPBytes.method(1, 20, 11, AMQPBytes().long("")))
            case (85, 10)?:
                try write(AMQPBytes.method(1, 85, 11))
                return .publishing
            case (60, 10)?: try write(AMQPBytes.method(1, 60, 11))
            case (60, 20)?:
                try write(AMQPBytes.method(1, 60, 21, AMQPBytes().short("consumer")))
                return .consuming
            case (50, 10)?:
                try write(AMQPBytes.method(1, 50, 11, AMQPBytes().short("q").u32(0).u32(0)))
            case (10, 50)?:
                try write(AMQPBytes.method(0, 10, 51))
                return .control
            default: break
            }
        }
    }

    /// Handshake and calls, up to the first publish or delivery.
    package func becomeReady(heartbeat: UInt16 = 60, frameMax: UInt32 = 131_072) throws -> Purpose {
        try handshake(frameMax: frameMax, heartbeat: heartbeat)
        return try answerCalls()
    }

    /// Reads until one publish is complete.
    ///
    /// - Returns: its delivery tag.
    package func readPublish() throws -> UInt64 {
        while true {
            let frame = try readFrame()
            switch frame.type {
            case 1 where frame.method.map({ $0 == (10, 50) }) ?? false:
                try write(AMQPBytes.method(0, 10, 51))
                throw Gone()
            case 2:
                bodyLeft = frame.payload[4..<12].reduce(0) { $0 << 8 | UInt64($1) }
                if bodyLeft == 0 { return count() }
            case 3:
                bodyLeft -= min(bodyLeft, UInt64(frame.payload.count))
                if bodyLeft == 0 { return count() }
            default: break
            }
        }
    }

    private func count() -> UInt64 {
        published += 1
        return published
    }

    package func acknowledge(_ tag: UInt64, multiple: Bool = false) throws {
        try write(AMQPBytes.method(1, 60, 80, AMQPBytes().u64(tag).u8(multiple ? 1 : 0)))
    }

    /// Confirms everything until the client leaves.
    package func confirmAll() throws {
        while true { try acknowledge(try readPublish()) }
    }

    /// Behaves well to the end, as a broker with one queue that never has anything.
    package func behave() throws {
        switch try becomeReady() {
        case .publishing: try confirmAll()
        case .consuming, .control: try listenOnly()
        }
    }
}
