// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import Synchronization

/// What the demo has seen of each referral; tells when everything has arrived.
actor DemoBoard {
    struct Row: Sendable {
        let reference: String
        let dialect: String
        let service: String
        /// Answers that must be delivered to Ocean.
        let answers: [UpdateAction]
        /// Documents that hospital systems must hear of.
        var wantedDocuments = 0
        /// Ids of those that they heard of.
        var documents: Set<String> = []
        var sent = false
        /// Status of the accepted webhook.
        var webhook: Int?
        /// Hospital exchanges on which it arrived.
        var exchanges: Set<String> = []
        var delivered: [UpdateAction] = []
        var refused: [UpdateAction] = []
        /// Updates of Ocean's that were known as echoes of our own.
        var echoes = 0

        var hasArrived: Bool { webhook == 202 && exchanges.count == 3 }
        var isComplete: Bool {
            hasArrived && delivered == answers && refused.isEmpty && echoes >= answers.count
                && documents.count >= wantedDocuments
        }
    }

    private(set) var rows: [Row] = []
    private var expected: Int
    private var waiting: CheckedContinuation<Bool, Never>?
    private var isOver = false

    /// - Parameter expected: how many rows there will be.
    init(expected: Int) {
        self.expected = expected
    }

    func add(reference: String, dialect: String, service: String, answers: [UpdateAction], documents: Int = 0) {
        // A webhook may have been faster than the call that sent it.
        if let index = rows.firstIndex(where: { $0.reference == reference }) {
            var row = Row(reference: reference, dialect: dialect, service: service, answers: answers, sent: true)
            row.webhook = rows[index].webhook
            row.exchanges = rows[index].exchanges
            row.delivered = rows[index].delivered
            row.refused = rows[index].refused
            row.echoes = rows[index].echoes
            row.documents = rows[index].documents
            row.wantedDocuments = documents
            rows[index] = row
        } else {
            var row = Row(reference: reference, dialect: dialect, service: service, answers: answers, sent: true)
            row.wantedDocuments = documents
            rows.append(row)
        }
        check()
    }

    func webhook(_ reference: String, status: Int) {
        update(reference) { if $0.webhook != 202 { $0.webhook = status } }
    }

    func arrived(_ reference: String, exchange: String) {
        update(reference) { $0.exchanges.insert(exchange) }
    }

    func document(_ id: String, of reference: String) {
        update(reference) { $0.documents.insert(id) }
    }

    func echoed(_ reference: String) {
        update(reference) { $0.echoes += 1 }
    }

    func result(_ reference: String, action: UpdateAction, outcome: UpdateOutcome) {
        update(reference) {
            if outcome == .delivered { $0.delivered.append(action) } else { $0.refused.append(action) }
        }
    }

    private func update(_ reference: String, _ change: (inout Row) -> Void) {
        if let index = rows.firstIndex(where: { $0.reference == reference }) {
            change(&rows[index])
        } else {
            var row = Row(reference: reference, dialect: "", service: "", answers: [])
            change(&row)
            rows.append(row)
        }
        check()
    }

    private var isComplete: Bool { rows.count { $0.sent } == expected && rows.allSatisfy { $0.sent && $0.isComplete } }

    private func check() {
        guard isComplete else { return }
        finish(true)
    }

    private func finish(_ complete: Bool) {
        isOver = true
        waiting?.resume(returning: complete)
        waiting = nil
    }

    /// Returns when everything has arrived (true) or `giveUp` was called.
    func outcome() async -> Bool {
        if isOver { return isComplete }
        return await withCheckedContinuation { waiting = $0 }
    }

    func giveUp() {
        if !isOver { finish(false) }
    }
}
