// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import Synchronization

/// What was done to a process, and when.
struct FaultEvent: Sendable {
    let target: FaultTarget
    /// What was done: `kill`, `freeze`, …
    let kind: String
    let at: Timestamp
    /// When it was there again; nil while it is away.
    var back: Timestamp?
}

/// What the tool strikes.
enum FaultTarget: String, Sendable, CaseIterable {
    case worker, ingress, sandbox, broker
}

/// Every fault of a run. A duplicate counts as explained only by one of these.
final class FaultLog: Sendable {
    private let events = Mutex<[FaultEvent]>([])

    private let file: LineFile?

    init(file: LineFile? = nil) {
        self.file = file
    }

    func begin(_ target: FaultTarget, _ kind: String) -> Int {
        let now = SystemClock().now()
        file?.write("\(now) FAULT \(kind) \(target.rawValue)")
        return events.withLock { events in
            events.append(FaultEvent(target: target, kind: kind, at: now, back: nil))
            return events.count - 1
        }
    }

    func end(_ index: Int) {
        let now = SystemClock().now()
        events.withLock { events in
            if events.indices.contains(index) { events[index].back = now }
        }
        file?.write("\(now) back after fault \(index + 1)")
    }

    var all: [FaultEvent] { events.withLock { $0 } }

    func count(_ kind: String, _ target: FaultTarget? = nil) -> Int {
        all.count { $0.kind == kind && (target == nil || $0.target == target) }
    }
}
