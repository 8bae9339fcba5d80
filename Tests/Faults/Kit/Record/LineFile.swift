// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeTestKit
import Glibc
import Synchronization

/// A log of the tool itself, to look into when a figure is wrong.
final class LineFile: Sendable {
    private let file: Int32
    private let lock = Mutex(())

    init(_ path: String) throws {
        file = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw FaultFailure("cannot write \(path) (errno \(errno))") }
    }

    deinit { close(file) }

    func write(_ line: String) {
        let bytes = Array((line + "\n").utf8)
        lock.withLock { _ in
            _ = bytes.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
        }
    }

    /// The rest of a file from an offset on, on a thread of its own.
    static func read(_ path: String, from offset: Int = 0) async throws -> [UInt8] {
        try await BlockingWork.run {
            let file = open(path, O_RDONLY | O_CLOEXEC)
            guard file >= 0 else { throw FaultFailure("cannot read \(path) (errno \(errno))") }
            defer { close(file) }
            guard lseek(file, offset, SEEK_SET) >= 0 else { throw FaultFailure("cannot read \(path)") }
            var output: [UInt8] = []
            var chunk = [UInt8](repeating: 0, count: 1 << 20)
            while true {
                let count = chunk.withUnsafeMutableBytes { Glibc.read(file, $0.baseAddress, $0.count) }
                guard count > 0 else { return output }
                output += chunk.prefix(count)
            }
        }
    }

    /// The text of all files of a directory.
    static func readAll(in directory: String) async throws -> String {
        let names = try await BlockingWork.run {
            guard let stream = opendir(directory) else { throw FaultFailure("cannot read \(directory)") }
            defer { closedir(stream) }
            var names: [String] = []
            while let entry = readdir(stream) {
                let name = withUnsafePointer(to: entry.pointee.d_name) { pointer in
                    pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
                }
                if name.hasSuffix(".log") { names.append(name) }
            }
            return names
        }
        var output = ""
        for name in names { output += String(decoding: try await read("\(directory)/\(name)"), as: UTF8.self) }
        return output
    }

    static func save(_ text: String, to path: String) async throws {
        try await BlockingWork.run {
            let file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
            guard file >= 0 else { throw FaultFailure("cannot write \(path) (errno \(errno))") }
            defer { close(file) }
            let bytes = Array(text.utf8)
            let written = bytes.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
            guard written == bytes.count else { throw FaultFailure("cannot write \(path)") }
        }
    }
}

/// Why the tool itself could not go on.
package struct FaultFailure: Error, CustomStringConvertible {
    package let description: String

    init(_ description: String) {
        self.description = description
    }
}
