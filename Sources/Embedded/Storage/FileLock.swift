// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// An advisory lock beside a database file: two processes on one bus would each hand out the same messages. A shared
/// one keeps out only those who want the file for themselves.
///
/// The kernel drops the lock with the process, however it ends, so a left-over lock file blocks nobody.
final class FileLock: Sendable {
    private let descriptor: Mutex<Int32?>

    /// - Throws: `StorageFault.unavailable` naming the process that holds the lock.
    init(path: String, shared: Bool = false) throws(StorageFault) {
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw StorageFault(
                kind: .unavailable, message: "cannot open the lock file \(path) (errno \(errno)): check owner and mode")
        }
        guard flock(descriptor, (shared ? LOCK_SH : LOCK_EX) | LOCK_NB) == 0 else {
            let holder = Self.readProcess(descriptor)
            close(descriptor)
            throw StorageFault(
                kind: .unavailable,
                message: "process \(holder) uses the database of \(path): stop it, or give this one another path")
        }
        let text = Array(shared ? "(several)\n".utf8 : "\(getpid())\n".utf8)
        // The number is for the reader of an error only, so a failed write costs nothing.
        if ftruncate(descriptor, 0) == 0 { _ = pwrite(descriptor, text, text.count, 0) }
        self.descriptor = Mutex(descriptor)
    }

    /// Waits its turn, at most `seconds`: for steps that are short and that one process at a time may take.
    static func waiting(path: String, seconds: Double) throws(StorageFault) -> FileLock {
        var left = Int(seconds * 50)
        while true {
            do throws(StorageFault) {
                return try FileLock(path: path)
            } catch {
                guard left > 0 else { throw error }
                left -= 1
                usleep(20_000)
            }
        }
    }

    deinit {
        release()
    }

    /// Lets others in; the file stays, since removing it could unlock a third process's lock.
    func release() {
        let open = descriptor.withLock { descriptor in
            defer { descriptor = nil }
            return descriptor
        }
        if let open { close(open) }
    }

    private static func readProcess(_ descriptor: Int32) -> String {
        var bytes = [UInt8](repeating: 0, count: 32)
        let count = pread(descriptor, &bytes, bytes.count, 0)
        let digits = bytes.prefix(max(0, count)).prefix { (0x30...0x39).contains($0) }
        return digits.isEmpty ? "of unknown number" : String(decoding: digits, as: UTF8.self)
    }
}
