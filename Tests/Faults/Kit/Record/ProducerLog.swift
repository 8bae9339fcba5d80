// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import Synchronization

/// Everything that was answered 2xx or confirmed: what must arrive.
final class ProducerLog: Sendable {
    enum Kind: String, Sendable, CaseIterable {
        /// A good webhook.
        case webhook
        /// An update by HTTP, or by AMQP.
        case updateHTTP, updateAMQP
        /// A webhook that is no payload of Ocean's.
        case unparsable
        /// A webhook over whose translation the worker dies.
        case poison

        var isUpdate: Bool { self == .updateHTTP || self == .updateAMQP }
    }

    struct Entry: Sendable {
        let marker: Marker
        let kind: Kind
        let started: Timestamp
        let accepted: Timestamp
        let attempts: Int
    }

    private let state = Mutex<[Kind: [Entry]]>([:])
    private let file: LineFile?

    init(file: LineFile?) {
        self.file = file
    }

    func note(_ entry: Entry) {
        state.withLock { $0[entry.kind, default: []].append(entry) }
        file?.write(
            "\(entry.accepted) \(entry.kind.rawValue) \(entry.marker) attempts=\(entry.attempts)"
                + " started=\(entry.started)")
    }

    func entries(_ kind: Kind) -> [Entry] { state.withLock { $0[kind] ?? [] } }

    func count(_ kind: Kind) -> Int { state.withLock { $0[kind]?.count ?? 0 } }

    var webhooks: Int { count(.webhook) }
    var updates: Int { count(.updateHTTP) + count(.updateAMQP) }
}
