// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import Dispatch
import FoundationEssentials
import JSON
import Logging
import Synchronization

#if canImport(Glibc)
    import Glibc
#endif

/// The append-only file of the pretend Ocean: one JSON line per accepted change, on disk before the change is answered.
///
/// Lines that come while one flush runs share the next one.
final class Journal: Sendable {
    private struct State {
        var buffer: [UInt8] = []
        var last = 0
        var durable = 0
        var isWriting = false
        var failure: String?
        var waiting: [(sequence: Int, continuation: CheckedContinuation<Bool, Never>)] = []
    }

    private let state = Mutex(State())
    private let queue = DispatchQueue(label: "ocean-sandbox-journal")
    private let file: Int32
    private let path: String
    private let logger: Logger

    /// - Throws: `SandboxConfigurationError` when the file cannot be opened, or another process has it.
    init(path: String, logger: Logger) throws(SandboxConfigurationError) {
        self.path = path
        self.logger = logger
        file = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        guard file >= 0 else {
            throw SandboxConfigurationError("journalFile", "\(path) cannot be opened (errno \(errno))")
        }
        guard flock(file, LOCK_EX | LOCK_NB) == 0 else {
            close(file)
            throw SandboxConfigurationError("journalFile", "\(path) is in use by another process")
        }
    }

    deinit { close(file) }

    /// Appends a line; its sequence number is given here.
    func append(_ entry: JournalEntry) {
        let starts = state.withLock { state in
            guard state.failure == nil else { return false }
            var entry = entry
            state.last += 1
            entry.sequence = state.last
            state.buffer += entry.json.bytes()
            state.buffer.append(0x0A)
            defer { state.isWriting = true }
            return !state.isWriting
        }
        if starts { queue.async { self.drain() } }
    }

    /// Waits until everything appended so far is on disk.
    ///
    /// - Returns: false when the file cannot be written; then nothing may be answered as accepted.
    func settle() async -> Bool {
        await withCheckedContinuation { continuation in
            let known: Bool? = state.withLock { state in
                if state.failure != nil { return false }
                if state.durable >= state.last { return true }
                state.waiting.append((state.last, continuation))
                return nil
            }
            if let known { continuation.resume(returning: known) }
        }
    }

    /// Says that a line could not be made again.
    func skipped(_ entry: JournalEntry, _ reason: String) {
        logger.warning(
            "A change of the journal was left out", metadata: ["line": "\(entry.sequence)", "reason": "\(reason)"])
    }

    /// Writes what is left and lets another process have the file.
    func finish() async {
        _ = await settle()
        _ = await onQueue { flock(self.file, LOCK_UN) }
    }

    private func drain() {
        while true {
            let (bytes, last) = state.withLock { state in
                defer { state.buffer = [] }
                if state.buffer.isEmpty { state.isWriting = false }
                return (state.buffer, state.last)
            }
            if bytes.isEmpty { return }
            let failure = write(bytes)
            let released = state.withLock { state in
                if failure != nil {
                    state.failure = failure
                } else {
                    state.durable = last
                }
                let released = state.waiting.filter { failure != nil || $0.sequence <= last }
                state.waiting.removeAll { failure != nil || $0.sequence <= last }
                return released
            }
            for waiter in released { waiter.continuation.resume(returning: failure == nil) }
            if let failure {
                logger.error("The journal cannot be written; changes are refused", metadata: ["reason": "\(failure)"])
                return
            }
        }
    }

    private func write(_ bytes: [UInt8]) -> String? {
        var rest = bytes[...]
        while !rest.isEmpty {
            let written = rest.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
            if written > 0 {
                rest = rest.dropFirst(written)
            } else if errno != EINTR {
                return "write: errno \(errno)"
            }
        }
        return fdatasync(file) == 0 ? nil : "fdatasync: errno \(errno)"
    }

    // MARK: Reading

    /// Gives every entry of the file to `take`, oldest first, and makes the file ready to be appended to. A torn last
    /// line, as a crash leaves it, is cut off: its change was never answered.
    ///
    /// - Throws: `SandboxConfigurationError` naming the line that is no entry.
    func replay(_ take: @Sendable ([JournalEntry]) async -> Void) async throws(SandboxConfigurationError) {
        var reader = LineReader(file: file)
        var end = 0
        var number = 0
        var last = 0
        while true {
            let (lines, isLast) = await read(&reader)
            var entries: [JournalEntry] = []
            for (index, line) in lines.enumerated() {
                number += 1
                guard let entry = Self.entry(line.bytes), line.isWhole else {
                    guard isLast, index == lines.count - 1 else {
                        throw SandboxConfigurationError(
                            "journalFile", "line \(number) of \(path) is no entry of a journal; move the file away")
                    }
                    logger.warning("The journal's torn last line was cut off", metadata: ["line": "\(number)"])
                    break
                }
                end += line.bytes.count + 1
                last = max(last, entry.sequence)
                entries.append(entry)
            }
            await take(entries)
            if isLast { break }
        }
        let (wanted, sequence) = (off_t(end), last)
        let isCut = await onQueue { ftruncate(self.file, wanted) == 0 }
        guard isCut else { throw SandboxConfigurationError("journalFile", "\(path) cannot be cut (errno \(errno))") }
        state.withLock { state in
            state.last = sequence
            state.durable = sequence
        }
    }

    private static func entry(_ line: [UInt8]) -> JournalEntry? {
        guard let json = try? JSONValue(parsing: line) else { return nil }
        var unknown: [JSONPointer] = []
        return try? JournalEntry(json: json, at: .root, unknown: &unknown)
    }

    private func read(_ reader: inout LineReader) async -> ([LineReader.Line], Bool) {
        let start = reader
        let (next, lines) = await onQueue {
            var reader = start
            let lines = reader.next()
            return (reader, lines)
        }
        reader = next
        return (lines, next.isAtEnd)
    }

    /// Files block, so not on the cooperative pool.
    private func onQueue<Value: Sendable>(_ body: @escaping @Sendable () -> Value) async -> Value {
        await withCheckedContinuation { continuation in
            queue.async { continuation.resume(returning: body()) }
        }
    }
}

/// Reads a file in pieces and gives whole lines.
private struct LineReader: Sendable {
    struct Line: Sendable {
        let bytes: [UInt8]
        /// Ended by a line feed.
        let isWhole: Bool
    }

    let file: Int32
    private var offset: off_t = 0
    private var rest: [UInt8] = []
    private(set) var isAtEnd = false

    init(file: Int32) {
        self.file = file
    }

    /// The lines of the next megabyte or more; at the end of the file also what follows its last line feed.
    mutating func next() -> [Line] {
        var chunk = [UInt8](repeating: 0, count: 1 << 20)
        let count = chunk.withUnsafeMutableBytes { pread(file, $0.baseAddress, $0.count, offset) }
        guard count > 0 else {
            isAtEnd = true
            defer { rest = [] }
            return rest.isEmpty ? [] : [Line(bytes: rest, isWhole: false)]
        }
        offset += off_t(count)
        rest += chunk.prefix(count)
        var lines: [Line] = []
        var start = 0
        while let end = rest[start...].firstIndex(of: 0x0A) {
            lines.append(Line(bytes: Array(rest[start..<end]), isWhole: true))
            start = end + 1
        }
        rest.removeFirst(start)
        return lines
    }
}
