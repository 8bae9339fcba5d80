// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import Dispatch
import GRDB
import Logging
import Synchronization

/// Moves committed pages from the write-ahead log into the database on a connection and queue of its own, so that no
/// publisher waits for it. Only PASSIVE: it never holds the writer up.
final class Checkpointer: Sendable {
    private let database: DatabaseQueue
    private let queue: DispatchQueue
    private let interval: Double
    private let logger: Logger
    private let isWanted: @Sendable () -> Bool
    private let isClosed = Atomic<Bool>(false)

    /// - Parameter isWanted: whether anything was written since the last call.
    init(
        path: String, label: String, every interval: Double, logger: Logger,
        isWanted: @escaping @Sendable () -> Bool
    ) throws(StorageFault) {
        self.logger = logger
        self.interval = interval
        self.isWanted = isWanted
        queue = DispatchQueue(label: label)
        do {
            database = try DatabaseQueue(path: path, configuration: DatabaseFile.configuration(label: label))
        } catch {
            throw StorageFault(kind: .unavailable, message: "cannot open \(path) a second time for checkpoints")
        }
        schedule()
    }

    private func schedule() {
        queue.asyncAfter(deadline: .now() + interval) { [weak self] in
            guard let self, !isClosed.load(ordering: .acquiring) else { return }
            checkpoint()
            schedule()
        }
    }

    private func checkpoint() {
        guard isWanted() else { return }
        do {
            _ = try database.writeWithoutTransaction { db in try db.checkpoint(.passive) }
        } catch {
            // The writer reports what hinders it; a missed checkpoint only lets the log grow to its mark.
            logger.debug("checkpoint put off", metadata: ["error": "\(type(of: error))"])
        }
    }

    /// Ends the timer and closes the connection, after a running checkpoint.
    func close() async {
        isClosed.store(true, ordering: .releasing)
        await withCheckedContinuation { continuation in
            queue.async { [database, logger] in
                do {
                    try database.close()
                } catch {
                    logger.debug("checkpoint connection left open", metadata: ["error": "\(type(of: error))"])
                }
                continuation.resume()
            }
        }
    }
}
