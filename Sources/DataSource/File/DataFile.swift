// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import Dispatch

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Files of the machine, read and written off the cooperative pool.
package enum DataFile {
    /// What tells one state of a file from another.
    struct Stamp: Sendable, Hashable {
        let device: UInt64
        let inode: UInt64
        let size: Int64
        let seconds: Int
        let nanoseconds: Int
    }

    private static let queue = DispatchQueue(label: "data-source-files", attributes: .concurrent)

    /// Runs blocking calls on a thread of their own.
    static func work<Value: Sendable>(_ body: @escaping @Sendable () -> Value) async -> Value {
        await withCheckedContinuation { continuation in queue.async { continuation.resume(returning: body()) } }
    }

    /// Blocks.
    static func stamp(_ path: String) -> Result<Stamp, DataSourceError> {
        var status = stat()
        guard stat(path, &status) == 0 else { return .failure(failure(path, errno)) }
        guard status.st_mode & S_IFMT == S_IFREG else {
            return .failure(DataSourceError(.unreadable, "\(path) is no plain file"))
        }
        #if canImport(Darwin)
            let time = status.st_mtimespec
        #else
            let time = status.st_mtim
        #endif
        return .success(
            Stamp(
                device: UInt64(truncatingIfNeeded: status.st_dev), inode: UInt64(status.st_ino),
                size: Int64(status.st_size), seconds: Int(time.tv_sec), nanoseconds: Int(time.tv_nsec)))
    }

    /// Reads a document once.
    ///
    /// - Throws: `missing`, `unreadable`, `notJSON`, `tooLarge`.
    package static func document(_ path: String, upTo limit: Int) async throws(DataSourceError) -> DataDocument {
        let bytes = await work { read(path, upTo: limit) }
        return try await DataDocument.checked(try bytes.get(), upTo: limit, loadedAt: SystemClock().now())
    }

    /// Blocks. At most `limit` bytes, and one more to show that there are too many.
    static func read(_ path: String, upTo limit: Int) -> Result<[UInt8], DataSourceError> {
        let file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard file >= 0 else { return .failure(failure(path, errno)) }
        defer { close(file) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        while bytes.count <= limit {
            let count = buffer.withUnsafeMutableBytes { readSome(file, $0) }
            if count < 0 {
                if errno == EINTR { continue }
                return .failure(failure(path, errno))
            }
            if count == 0 { break }
            bytes.append(contentsOf: buffer.prefix(min(count, limit + 1 - bytes.count)))
        }
        return .success(bytes)
    }

    /// Blocks. The new file stands there whole or not at all, also after a power cut; readable by its owner only.
    static func replace(_ path: String, with bytes: [UInt8]) -> DataSourceError? {
        let draft = "\(path).\(getpid()).new"
        let file = open(draft, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard file >= 0 else { return failure(draft, errno) }
        var error: DataSourceError?
        var offset = 0
        while offset < bytes.count, error == nil {
            let count = bytes[offset...].withUnsafeBytes { writeSome(file, $0) }
            if count < 0, errno != EINTR { error = failure(draft, errno) }
            offset += max(0, count)
        }
        if error == nil, fsync(file) != 0 { error = failure(draft, errno) }
        close(file)
        if error == nil, rename(draft, path) != 0 { error = failure(path, errno) }
        if error == nil { error = syncDirectory(of: path) } else { unlink(draft) }
        return error
    }

    /// Blocks. Mode 0700; one that is there stays as it is.
    static func makeDirectory(_ path: String) -> DataSourceError? {
        if mkdir(path, 0o700) == 0 || errno == EEXIST { return nil }
        return failure(path, errno)
    }

    private static func syncDirectory(of path: String) -> DataSourceError? {
        let parent = path.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
        let directory = open(parent.isEmpty ? "/" : parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard directory >= 0 else { return failure(parent, errno) }
        defer { close(directory) }
        return fsync(directory) == 0 ? nil : failure(parent, errno)
    }

    private static func failure(_ path: String, _ code: Int32) -> DataSourceError {
        let text = strerror(code).map { String(cString: $0) } ?? "errno \(code)"
        return DataSourceError(code == ENOENT ? .missing : .unreadable, "\(path): \(text)")
    }
}

/// The name is taken inside the type.
private func readSome(_ file: Int32, _ buffer: UnsafeMutableRawBufferPointer) -> Int {
    read(file, buffer.baseAddress, buffer.count)
}

private func writeSome(_ file: Int32, _ buffer: UnsafeRawBufferPointer) -> Int {
    write(file, buffer.baseAddress, buffer.count)
}
