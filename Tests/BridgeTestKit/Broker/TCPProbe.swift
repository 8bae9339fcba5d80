// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import Glibc

/// Small blocking TCP clients for the broker's start and its management API.
enum TCPProbe {
    /// A connected socket on 127.0.0.1 with a timeout on reads and writes, or nil.
    static func connect(port: Int, seconds: Int) -> Int32? {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return nil }
        var limit = timeval(tv_sec: seconds, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        var address = FreePorts.loopback(port: port)
        let status = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard status == 0 else {
            close(descriptor)
            return nil
        }
        return descriptor
    }

    static func answersAMQP(port: Int) -> Bool {
        guard let descriptor = connect(port: port, seconds: 2) else { return false }
        defer { close(descriptor) }
        let hello: [UInt8] = [0x41, 0x4D, 0x51, 0x50, 0, 0, 9, 1]
        guard send(descriptor, hello, hello.count, Int32(MSG_NOSIGNAL)) == hello.count else { return false }
        var answer: UInt8 = 0
        return recv(descriptor, &answer, 1, 0) == 1
    }

    /// One HTTP/1.0 exchange.
    static func http(port: Int, _ request: [UInt8]) throws -> (status: Int, body: String) {
        guard let descriptor = connect(port: port, seconds: 20) else {
            throw RabbitMQBroker.Failure("the management API does not answer on port \(port)")
        }
        defer { close(descriptor) }
        var rest = request[...]
        while !rest.isEmpty {
            let sent = rest.withUnsafeBytes { send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            guard sent > 0 else { throw RabbitMQBroker.Failure("the management API closed the connection") }
            rest = rest.dropFirst(sent)
        }
        var answer: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 16384)
        while true {
            let count = recv(descriptor, &buffer, buffer.count, 0)
            guard count > 0 else { break }
            answer.append(contentsOf: buffer[..<count])
        }
        let line = answer.prefix { $0 != 13 }.split(separator: 32)
        guard line.count >= 2, let status = Int(String(decoding: line[1], as: UTF8.self)) else {
            throw RabbitMQBroker.Failure("the management API gave no HTTP answer")
        }
        var end = 0
        while end + 4 <= answer.count, !answer[end...].starts(with: [13, 10, 13, 10]) { end += 1 }
        return (status, String(decoding: answer.dropFirst(end + 4), as: UTF8.self))
    }
}

package enum FreePorts {
    /// Ports of 127.0.0.1 that are free now.
    package static func find(_ count: Int) throws -> [Int] {
        var descriptors: [Int32] = []
        defer { for descriptor in descriptors { close(descriptor) } }
        var ports: [Int] = []
        for _ in 0..<count {
            let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
            guard descriptor >= 0 else { throw RabbitMQBroker.Failure("no socket (errno \(errno))") }
            descriptors.append(descriptor)
            var address = loopback(port: 0)
            var length = socklen_t(MemoryLayout<sockaddr_in>.size)
            let status = withUnsafeMutablePointer(to: &address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                    bind(descriptor, generic, length) == 0 ? getsockname(descriptor, generic, &length) : -1
                }
            }
            guard status == 0 else { throw RabbitMQBroker.Failure("no free port (errno \(errno))") }
            ports.append(Int(UInt16(bigEndian: address.sin_port)))
        }
        return ports
    }

    static func loopback(port: Int) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(UInt16(truncatingIfNeeded: port)).bigEndian
        address.sin_addr = in_addr(s_addr: UInt32(0x7F00_0001).bigEndian)
        return address
    }
}
