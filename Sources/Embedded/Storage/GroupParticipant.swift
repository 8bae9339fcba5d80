// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import GRDB

/// Takes part in every transaction of a `GroupWriter`; called on the writer's queue only.
protocol GroupParticipant: Sendable {
    /// Something waits to be written by `prepare`, even without a job.
    var hasWork: Bool { get }
    /// Before the first job of a transaction: remember what `rolledBack` must restore.
    func begin()
    /// After the last job, inside the transaction.
    func prepare(_ db: Database) throws
    func committed()
    func rolledBack(_ error: any Error)
}
