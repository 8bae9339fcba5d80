// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

package import BridgeCore
package import Logging
import Synchronization

/// A document in a file that somebody else writes.
///
/// Requests are answered from memory. The file is looked at from time to time; what changed is read, checked, and takes
/// the old document's place only when it is good.
package final class FileSource: DocumentSource {
    private struct State {
        /// What was read last, good or broken.
        var seen: DataFile.Stamp?
        /// Broken once: perhaps it was being written.
        var suspect: DataFile.Stamp?
        var isMissing = false
        var isLooking = false
        var isHung = false
    }

    private let path: String
    private let limit: Int
    private let clock: any WallClock
    private let current: CurrentDocument
    private let state = Mutex(State())

    /// - Parameters:
    ///   - path: of the file; it need not be there yet.
    ///   - limit: largest document in bytes.
    package init(name: String, path: String, limit: Int, clock: any WallClock = SystemClock(), logger: Logger) {
        self.path = path
        self.limit = limit
        self.clock = clock
        current = CurrentDocument(name: name, logger: logger)
    }

    package func document(
        _ parameters: [String: String], question: String
    ) async throws(DataSourceError) -> DataReading {
        guard let document = current.value else {
            throw DataSourceError(.notYet, "the file \(path) gave no good document yet")
        }
        return DataReading(document)
    }

    /// Looks at the file and reads it when it has changed; nothing while an earlier look is still under way.
    package func look() async {
        let isFirst = state.withLock { state in
            defer { state.isLooking = true }
            return !state.isLooking
        }
        guard isFirst else { return }
        await lookNow()
        state.withLock { state in
            state.isLooking = false
            state.isHung = false
        }
    }

    /// The file system does not answer: told once, until it does.
    func noteHung() {
        let isNews = state.withLock { state in
            defer { state.isHung = true }
            return !state.isHung
        }
        if isNews { current.refuse(DataSourceError(.unreadable, "\(path): the file system does not answer")) }
    }

    private func lookNow() async {
        let stamp = await DataFile.work { [path] in DataFile.stamp(path) }
        switch stamp {
        case .failure(let error): gone(error)
        case .success(let stamp):
            let isKnown = state.withLock { state in
                state.isMissing = false
                return state.seen == stamp
            }
            if !isKnown { await load(stamp) }
        }
    }

    private func gone(_ error: DataSourceError) {
        let isNews = state.withLock { state in
            defer {
                state.isMissing = true
                state.seen = nil
            }
            return !state.isMissing
        }
        if isNews { current.refuse(error) }
    }

    private func load(_ stamp: DataFile.Stamp) async {
        let (read, after) = await DataFile.work { [path, limit] in
            (DataFile.read(path, upTo: limit), DataFile.stamp(path))
        }
        // Written meanwhile: the next look takes it.
        guard case .success(stamp) = after else { return }
        do throws(DataSourceError) {
            let document = try await DataDocument.checked(try read.get(), upTo: limit, loadedAt: clock.now())
            state.withLock { $0.seen = stamp }
            current.replace(document)
        } catch {
            let isFinal = state.withLock { state in
                // Without an old document there is nothing to go on serving while the writer finishes.
                guard state.suspect == stamp || current.value == nil else {
                    state.suspect = stamp
                    return false
                }
                state.seen = stamp
                state.suspect = nil
                return true
            }
            if isFinal { current.refuse(error) }
        }
    }
}

/// Looks at the files of all file sources every few seconds.
package struct FileWatch: Sendable {
    /// How long a change may go unseen; a stat(2) a file costs next to nothing.
    package static let period = Duration.seconds(2)

    /// A stop of the process waits no longer for a mount that hangs.
    private static let patience = Duration.seconds(2)

    private let sources: [FileSource]

    package init(_ sources: [FileSource]) {
        self.sources = sources
    }

    /// Until the task is cancelled. Each file by itself: one on a mount that hangs holds up no other.
    package func run() async {
        await withTaskGroup(of: Void.self) { group in
            for source in sources {
                group.addTask {
                    while !Task.isCancelled {
                        let isDone: Bool? = await Deadline.value(within: Self.patience, cancelling: false) {
                            await source.look()
                            return true
                        }
                        if isDone == nil { source.noteHung() }
                        do { try await Task.sleep(for: Self.period) } catch { return }
                    }
                }
            }
        }
    }
}
