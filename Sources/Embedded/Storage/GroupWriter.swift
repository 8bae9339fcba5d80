// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import Dispatch
import GRDB
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// The only writer of a database: collects what waits into one transaction, so that one flush of the disk serves many
/// callers, and answers each caller after COMMIT. Runs on the database's own dispatch queue.
final class GroupWriter<Failure: Error>: Sendable {
    enum Kind: Sendable, Hashable, CaseIterable {
        /// Touches memory only, outside the transaction; the disk cannot make it fail.
        case memory
        /// Frees or moves what is stored; always accepted, also with the disk full.
        case settlement
        /// Adds data; bounded by the inbox.
        case publish
        /// Tries the disk and must not take others down with it.
        case probe
    }

    struct Limits: Sendable {
        /// Bounds of what waits, beyond which a publishing is refused as blocked.
        var jobs = 10_000
        var bytes = 64 << 20
        /// Bounds of one transaction.
        var groupJobs = 256
        var groupBytes = 16 << 20
    }

    /// The words for what goes wrong, in the caller's own error type.
    struct Vocabulary: Sendable {
        let blocked: Failure
        let closed: Failure
        /// `committing` tells whether COMMIT itself failed.
        let translate: @Sendable (_ error: any Error, _ committing: Bool) -> Failure
    }

    private struct Job: Sendable {
        let kind: Kind
        let bytes: Int
        let run: @Sendable (Database) throws -> Void
        let finish: @Sendable (Failure?) -> Void
    }

    private struct Inbox {
        var jobs: [Job] = []
        var bytes = 0
        var isScheduled = false
        var isClosed = false
    }

    private let database: DatabaseQueue
    private let participant: (any GroupParticipant)?
    private let limits: Limits
    private let transaction: Database.TransactionKind
    private let vocabulary: Vocabulary
    private let inbox = Mutex(Inbox())
    private let commits = Atomic<Int>(0)

    /// - Parameter transaction: `immediate` where other processes write to the file too.
    init(
        database: DatabaseQueue, participant: (any GroupParticipant)? = nil, limits: Limits = Limits(),
        transaction: Database.TransactionKind = .deferred, vocabulary: Vocabulary
    ) {
        self.database = database
        self.transaction = transaction
        self.participant = participant
        self.limits = limits
        self.vocabulary = vocabulary
    }

    /// Transactions committed so far.
    var commitCount: Int { commits.load(ordering: .acquiring) }

    /// Whether the next publishing would be refused.
    var isBlocked: Bool { inbox.withLock { $0.jobs.count >= limits.jobs || $0.bytes >= limits.bytes } }

    /// Runs `body` inside the next transaction and returns after its COMMIT.
    ///
    /// `body` may throw `Failure` as long as it has written nothing: then it alone fails. It may run twice, after a
    /// rollback.
    func submit<Value: Sendable>(
        _ kind: Kind, bytes: Int = 0, _ body: @escaping @Sendable (Database) throws -> Value
    ) async throws(Failure) -> Value {
        try await submit(kind, bytes: bytes, closing: false, body)
    }

    /// Takes nothing more and returns when all that was accepted is answered.
    func close() async {
        // A job like others, hence the last to be answered; closing twice is refused, which is as good.
        _ = try? await submit(.settlement, bytes: 0, closing: true) { _ in }
    }

    /// Gives the participant its turn, with nothing to write of the caller's own.
    func poke() {
        _ = enqueue(Job(kind: .memory, bytes: 0, run: { _ in }, finish: { _ in }), closing: false)
    }

    private func submit<Value: Sendable>(
        _ kind: Kind, bytes: Int, closing: Bool, _ body: @escaping @Sendable (Database) throws -> Value
    ) async throws(Failure) -> Value {
        let result: Result<Value, Failure> = await withCheckedContinuation { continuation in
            let answer = Answer<Value>()
            let closed = vocabulary.closed
            let job = Job(
                kind: kind, bytes: bytes,
                run: { db in
                    let made = try body(db)
                    answer.value.withLock { value in value = made }
                },
                finish: { failure in
                    let made = answer.value.withLock { value in value }
                    if failure == nil, let made {
                        continuation.resume(returning: .success(made))
                    } else {
                        continuation.resume(returning: .failure(failure ?? closed))
                    }
                })
            if let refusal = enqueue(job, closing: closing) { continuation.resume(returning: .failure(refusal)) }
        }
        return try result.get()
    }

    private func enqueue(_ job: Job, closing: Bool) -> Failure? {
        let (refusal, starts) = inbox.withLock { inbox -> (Failure?, Bool) in
            if inbox.isClosed { return (vocabulary.closed, false) }
            if job.kind == .publish,
                inbox.jobs.count >= limits.jobs || (inbox.bytes > 0 && inbox.bytes + job.bytes > limits.bytes)
            {
                return (vocabulary.blocked, false)
            }
            inbox.isClosed = closing
            inbox.jobs.append(job)
            inbox.bytes += job.bytes
            defer { inbox.isScheduled = true }
            return (nil, !inbox.isScheduled)
        }
        if starts { database.asyncWriteWithoutTransaction { db in self.drain(db) } }
        return refusal
    }

    private func drain(_ db: Database) {
        var latest = 0
        while true {
            gather(upTo: latest)
            let group = nextGroup()
            if group.isEmpty { return }
            process(group, db)
            latest = group.count
        }
    }

    /// After a group the callers just answered are on their way with their next: while more keep arriving, waits for
    /// them, at most a millisecond, rather than flush for the first alone. A lone caller never waits.
    private func gather(upTo wanted: Int) {
        guard wanted > 1 else { return }
        var seen = 0
        for _ in 0..<10 {
            let waiting = inbox.withLock { $0.jobs.count }
            if waiting >= wanted || (waiting == seen && seen > 0) { return }
            seen = waiting
            usleep(100)
        }
    }

    private func nextGroup() -> [Job] {
        inbox.withLock { inbox in
            var count = 0
            var bytes = 0
            while count < min(inbox.jobs.count, limits.groupJobs) {
                bytes += inbox.jobs[count].bytes
                if count > 0, bytes > limits.groupBytes { break }
                count += 1
            }
            let group = Array(inbox.jobs.prefix(count))
            inbox.jobs.removeFirst(count)
            inbox.bytes -= group.reduce(0) { $0 + $1.bytes }
            inbox.isScheduled = !group.isEmpty
            return group
        }
    }

    private func process(_ group: [Job], _ db: Database) {
        var writes: [Job] = []
        for job in group {
            guard job.kind == .memory else {
                writes.append(job)
                continue
            }
            do {
                try job.run(db)
                job.finish(nil)
            } catch let failure as Failure {
                job.finish(failure)
            } catch {
                job.finish(vocabulary.translate(error, false))
            }
        }
        if !writes.isEmpty || participant?.hasWork == true { transact(writes, db) }
    }

    /// One transaction; when it fails for want of space, each kind of job gets one of its own, so that settlements
    /// still go through and free space.
    private func transact(_ jobs: [Job], _ db: Database) {
        var refusals: [Failure?] = []
        var committing = false
        participant?.begin()
        do {
            try db.beginTransaction(transaction)
            for job in jobs {
                do {
                    try job.run(db)
                    refusals.append(nil)
                } catch let failure as Failure {
                    refusals.append(failure)
                }
            }
            try participant?.prepare(db)
            committing = true
            Failpoint.storeBefore.hit()
            try db.commit()
            Failpoint.storeAfter.hit()
        } catch {
            rollBack(db)
            participant?.rolledBack(error)
            tryAgainLater()
            let kinds = Set(jobs.map(\.kind))
            if kinds.count > 1, (error as? DatabaseError)?.resultCode == .SQLITE_FULL {
                for kind in Kind.allCases where kinds.contains(kind) {
                    transact(jobs.filter { $0.kind == kind }, db)
                }
            } else {
                let failure = vocabulary.translate(error, committing)
                for job in jobs { job.finish(failure) }
            }
            return
        }
        commits.add(1, ordering: .acquiringAndReleasing)
        participant?.committed()
        for (job, refusal) in zip(jobs, refusals) { job.finish(refusal) }
    }

    /// What the participant still has to write does not wait for the next caller.
    private func tryAgainLater() {
        guard participant?.hasWork == true else { return }
        DispatchQueue.global().asyncAfter(deadline: .now() + 1) { [weak self] in self?.poke() }
    }

    private func rollBack(_ db: Database) {
        guard db.isInsideTransaction else { return }
        do {
            try db.rollback()
        } catch {
            // SQLite leaves the transaction open only when ROLLBACK itself was malformed; the next BEGIN reports it.
            return
        }
    }
}

/// Carries a job's value from the transaction to its answer.
private final class Answer<Value: Sendable>: Sendable {
    let value = Mutex<Value?>(nil)
}
