// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import Synchronization

/// Everything that came out at one end, in the order in which it came.
final class ReceiverLog: Sendable {
    struct Receipt: Sendable {
        let time: Timestamp
        /// What a receiver knows a repetition by.
        let id: String
        let isRedelivered: Bool
    }

    private struct State {
        var receipts: [Marker: [Receipt]] = [:]
        /// Highest sequence of each referral that came for the first time.
        var highest: [String: Int] = [:]
        var disordered: [String] = []
        var changed: [String] = []
        var late: [String] = []
        var others: [String: Int] = [:]
        var total = 0
    }

    let name: String
    private let state = Mutex(State())
    private let file: LineFile?

    init(_ name: String, file: LineFile?) {
        self.name = name
        self.file = file
    }

    /// - Parameters:
    ///   - isWhole: false when the content is not what was sent.
    ///   - isLate: marked as older than what was delivered before.
    func note(_ marker: Marker, _ receipt: Receipt, isWhole: Bool = true, isLate: Bool = false) {
        state.withLock { state in
            state.total += 1
            let isFirst = state.receipts[marker] == nil
            state.receipts[marker, default: []].append(receipt)
            if isFirst {
                let highest = state.highest[marker.referral] ?? 0
                if marker.sequence < highest {
                    state.disordered.append("\(marker) after \(highest) at \(receipt.time)")
                } else {
                    state.highest[marker.referral] = marker.sequence
                }
                if isLate { state.late.append("\(marker) at \(receipt.time)") }
            }
            if !isWhole { state.changed.append("\(marker) at \(receipt.time)") }
        }
        file?.write(
            "\(receipt.time) \(name) \(marker) \(receipt.id)\(receipt.isRedelivered ? " redelivered" : "")"
                + (isLate ? " late" : ""))
    }

    /// Something without a marker: an echo, known by its bundle.
    func noteOther(_ id: String) {
        state.withLock { $0.others[id, default: 0] += 1 }
    }

    var total: Int { state.withLock { $0.total } }
    /// How many different messages came.
    var distinct: Int { state.withLock { $0.receipts.count } }
    var receipts: [Marker: [Receipt]] { state.withLock { $0.receipts } }
    var disordered: [String] { state.withLock { $0.disordered } }
    var changed: [String] { state.withLock { $0.changed } }
    var late: [String] { state.withLock { $0.late } }
    var others: [String: Int] { state.withLock { $0.others } }

    func has(_ marker: Marker) -> Bool { state.withLock { $0.receipts[marker] != nil } }
}
