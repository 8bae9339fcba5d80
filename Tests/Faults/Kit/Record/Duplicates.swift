// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore

/// Sorts repetitions into those that at-least-once delivery explains and those that it does not.
struct Duplicates: Sendable {
    /// A process that was struck may have had a message in hand until it was back and its connections were made anew;
    /// and after a broker's return the receiver itself needs its time to reconnect.
    static let slack: Duration = .seconds(15)

    private(set) var explained = 0
    private(set) var unexplained: [String] = []
    /// Repetitions that a receiver cannot know by their id.
    private(set) var unknowable: [String] = []

    /// Repetitions beyond what the struck processes can have had in hand.
    private(set) var beyondWindow = 0

    /// - Parameters:
    ///   - targets: what may repeat a message here when it is struck.
    ///   - window: messages in hand of the workers, and of a receiver of the hospital, at one strike.
    init(_ log: ReceiverLog, _ faults: [FaultEvent], targets: Set<FaultTarget>, window: (worker: Int, broker: Int)) {
        let faults = faults.filter { targets.contains($0.target) }
        let brokers = faults.count { $0.target == .broker }
        let limit = (faults.count - brokers) * window.worker + brokers * window.broker
        for (marker, receipts) in log.receipts where receipts.count > 1 {
            guard let first = receipts.first else { continue }
            for (previous, next) in zip(receipts, receipts.dropFirst()) {
                if next.id != first.id {
                    unknowable.append("\(marker) in \(log.name): \(next.id) after \(first.id) at \(next.time)")
                }
                let isExplained = faults.contains { fault in
                    // Overlaps the time between the two, during which the message was in somebody's hand.
                    fault.at <= next.time
                        && (fault.back ?? next.time).advanced(by: Self.slack) >= previous.time
                }
                if isExplained {
                    explained += 1
                } else {
                    unexplained.append(
                        "\(marker) in \(log.name) at \(previous.time) and \(next.time), id \(next.id)")
                }
            }
        }
        beyondWindow = max(0, explained - limit)
    }
}
