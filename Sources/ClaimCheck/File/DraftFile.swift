// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// A document on its way in: a file that nobody else sees.
final class DraftFile: ClaimCheckDraft {
    private enum State {
        case open(Int32)
        case closed
        /// It has another name now.
        case used
    }

    let path: String
    private let state: Mutex<State>

    /// Blocks.
    init(path: String) throws(ClaimCheckError) {
        self.path = path
        state = Mutex(.open(try POSIXFile.create(path)))
    }

    deinit {
        if case .open(let file) = state.withLock({ $0 }) { POSIXFile.close(file) }
    }

    func append(_ bytes: [UInt8]) async throws(ClaimCheckError) {
        try await FileWork.run { () throws(ClaimCheckError) in
            guard case .open(let file) = self.state.withLock({ $0 }) else { throw self.isOver }
            try POSIXFile.writeAll(bytes, to: file, self.path)
        }
    }

    func close() async throws(ClaimCheckError) {
        try await FileWork.run { () throws(ClaimCheckError) in
            guard case .open(let file) = self.state.withLock({ $0 }) else { return }
            // Now, and not when its first byte came: what is kept counts its age from here.
            futimens(file, nil)
            try POSIXFile.sync(file, self.path)
            self.closeFile()
        }
    }

    func discard() async {
        do throws(ClaimCheckError) {
            try await FileWork.run { () throws(ClaimCheckError) in
                self.closeFile()
                if case .used = self.state.withLock({ $0 }) { return }
                unlink(self.path)
                self.use()
            }
        } catch {
            // The process is ending; what is left over is removed when it is a day old.
            return
        }
    }

    /// The file was moved or is of no use any more.
    func use() { state.withLock { $0 = .used } }

    private func closeFile() {
        state.withLock { state in
            guard case .open(let file) = state else { return }
            POSIXFile.close(file)
            state = .closed
        }
    }

    private var isOver: ClaimCheckError { ClaimCheckError(.unavailable, "the draft is closed: \(path)") }
}

/// A document on its way out.
final class FileReading: ClaimCheckReading {
    private static let piece = 64 << 10

    private let path: String
    private let file: Int32
    /// A copy for this reading alone.
    private let isTemporary: Bool

    /// Blocks.
    init(path: String, isTemporary: Bool = false) throws(ClaimCheckError) {
        self.path = path
        self.isTemporary = isTemporary
        file = try POSIXFile.openForReading(path)
    }

    deinit {
        POSIXFile.close(file)
        if isTemporary { unlink(path) }
    }

    func next() async throws(ClaimCheckError) -> [UInt8]? {
        let bytes = try await FileWork.run { () throws(ClaimCheckError) in
            try POSIXFile.read(self.file, upTo: Self.piece, self.path)
        }
        return bytes.isEmpty ? nil : bytes
    }
}
