// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

/// Decides which partition a worker hands over so that all workers hold about as many: a pure state machine.
///
/// Every worker stands in line at every partition and may hold `ceil(partitions / workers)`. One that holds more hands
/// one over and goes to the end of its line. A worker below its share keeps what it gets, so that each hand-over brings
/// it nearer to the head of a line and the workers end up even.
package struct FairShare: Sendable {
    /// Between two hand-overs of one worker.
    package static let pace: Duration = .seconds(1)
    /// The longest wait between two when nobody stands by to take over.
    package static let longestPace: Duration = .seconds(32)

    /// Queues behind the exchange.
    package let partitions: Int
    /// Live workers, this one included; nil while they cannot be counted.
    package private(set) var workers: Int?
    /// Partitions from which deliveries came since their subscription began, with the place of the last delivery.
    private var served: [String: UInt64] = [:]
    private var deliveries: UInt64 = 0
    private var last: (partition: String, at: Duration)?
    private var wait = Self.pace
    private var hasBounced = false

    package init(partitions: Int) {
        self.partitions = max(1, partitions)
    }

    /// Partitions held.
    package var held: Int { served.count }

    /// How many partitions each worker may hold; nil while the workers cannot be counted.
    package var share: Int? { workers.map { (partitions + $0 - 1) / $0 } }

    /// The number of live workers was asked for; nil or less than one when it could not be told.
    ///
    /// - Returns: whether it changed.
    package mutating func counted(workers count: Int?) -> Bool {
        let count = count.flatMap { $0 > 0 ? $0 : nil }
        guard count != workers else { return false }
        workers = count
        hasBounced = false
        wait = Self.pace
        return true
    }

    /// A delivery of the partition came.
    ///
    /// - Parameter now: on any clock that does not go back.
    /// - Returns: whether the partition was not held before.
    package mutating func received(from partition: String, now: Duration) -> Bool {
        deliveries += 1
        let isNew = served.updateValue(deliveries, forKey: partition) == nil
        // Handed over and back at once: nobody else stands in that line.
        if isNew, let last, last.partition == partition, now - last.at <= Self.pace * 2 { hasBounced = true }
        return isNew
    }

    /// The subscription ended.
    ///
    /// - Returns: whether the partition was held.
    package mutating func ended(_ partition: String) -> Bool {
        served.removeValue(forKey: partition) != nil
    }

    /// The partition to hand over now: the one that was silent longest. At most one per second, fewer when what was
    /// handed over came straight back; nothing at or below the share.
    package mutating func next(now: Duration) -> String? {
        guard let share, served.count > share else { return nil }
        let due = hasBounced ? min(wait * 2, Self.longestPace) : Self.pace
        if let last, now - last.at < due { return nil }
        guard let partition = served.min(by: { $0.value < $1.value })?.key else { return nil }
        served[partition] = nil
        last = (partition, now)
        wait = due
        hasBounced = false
        return partition
    }
}
