// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import Synchronization

/// A part of the topology that was found gone.
enum TopologyLoss: Sendable, Hashable {
    case queue(String)
    case exchange(String)

    var place: String {
        switch self {
        case .queue(let name): "queue \(name)"
        case .exchange(let name): "exchange \(name)"
        }
    }
}

/// Declares again what this bus had declared and the broker has lost. What others have made stays theirs.
final class TopologyRestoration: Sendable {
    private let topology: DeclaredTopology
    private let control: ControlConnection
    private let journal: BusJournal
    /// Those who wait for a restoration that is under way.
    private let waiting = Mutex<[TopologyLoss: [@Sendable (BusError?) -> Void]]>([:])

    /// Told the name of each queue that was declared again: consumers of the old one must subscribe anew.
    private let renewal = Mutex<@Sendable (String) -> Void>({ _ in })

    init(topology: DeclaredTopology, control: ControlConnection, journal: BusJournal) {
        self.topology = topology
        self.control = control
        self.journal = journal
    }

    func whenQueueIsBack(_ renew: @escaping @Sendable (String) -> Void) {
        renewal.withLock { $0 = renew }
    }

    func knows(_ loss: TopologyLoss) -> Bool {
        switch loss {
        case .queue(let name): topology.knows(queue: name)
        case .exchange(let name): topology.knows(exchange: name)
        }
    }

    /// Declares the lost part with its bindings, on the control connection; one restoration for all who ask meanwhile.
    func restore(_ loss: TopologyLoss, then: @escaping @Sendable (BusError?) -> Void) {
        let isFirst = waiting.withLock { waiting in
            waiting[loss, default: []].append(then)
            return waiting[loss]?.count == 1
        }
        guard isFirst else { return }
        let wanted =
            switch loss {
            case .queue(let name): topology.part(around: name)
            case .exchange(let name): topology.part(behind: name)
            }
        control.start { handle throws(BusError) in
            try TopologyDeclaration(handle: handle).restore(wanted)
        } then: { [self] result in
            var failure: BusError?
            if case .failure(let error) = result { failure = error }
            journal.restored(loss.place, failure)
            if failure == nil, case .queue(let name) = loss {
                let renew = renewal.withLock { $0 }
                renew(name)
            }
            let callers = waiting.withLock { $0.removeValue(forKey: loss) ?? [] }
            for caller in callers { caller(failure) }
        }
    }
}
